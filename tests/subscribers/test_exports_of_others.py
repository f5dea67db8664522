"""Files as other programs write them. The people and contents are ours, the shapes are theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import ImportReport, Reason, State, Supporter
from tests.subscribers.conftest import NOW, mailable

Take = Callable[..., ImportReport]


def test_mailchimp_s_three_files_bring_in_three_kinds_of_people(conn: sa.Connection, take: Take) -> None:
    head = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED"
    tail = "LEID,EUID,NOTES,TAGS"
    joined = '2,,,"2020-05-01 12:00:00",192.0.2.1,"2022-01-01 00:00:00"'
    take(f'{head},{tail}\nalice@example.org,Alice,Example,{joined},1,a1,,"""Members"",""Gala, 2026"""\n')
    take(
        f"{head},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,{tail}\n"
        f'bob@example.org,Bob,Example,{joined},"2021-06-02 08:30:00",May,9f,"No longer interested",,2,b2,,\n'
    )
    take(
        f"{head},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,{tail}\n"
        f'charlie@example.org,C,,{joined},"2022-01-01 00:00:00",May,9f,3,c3,,\n'
    )
    assert mailable(conn) == ["alice@example.org"]
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"left": 1, "bounce": 1}
    alice, bob = subscribers.find(conn, "alice@example.org"), subscribers.find(conn, "bob@example.org")
    assert alice is not None
    assert bob is not None
    assert alice.name == "Alice Example"
    [entry] = subscribers.page(conn, search="bob").entries
    [place] = entry.subscriptions
    assert (place.left_why, str(place.left_at)) == ("No longer interested", "2021-06-02 08:30:00+00:00")
    held = subscribers.suppressed(conn, "charlie@example.org")
    assert held is not None
    assert (held.reason, str(held.at), held.detail) == (Reason.BOUNCE, "2022-01-01 00:00:00+00:00", "list.csv")


def test_mailchimp_s_audience_with_a_status_column(conn: sa.Connection, take: Take) -> None:
    report = take(
        "Email Address,Status,Address\n"
        "alice@example.org,Subscribed,1 Main Street\n"
        "bob@example.org,Unsubscribed,\ncharlie@example.org,Cleaned,\ndave@example.org,Non-Subscribed,\n"
    )
    assert mailable(conn) == ["alice@example.org"]
    assert report.kept_out == {"left": 1, "bounce": 1}
    assert "1 of those added are unconfirmed" in " ".join(report.notes)


def test_substack(conn: sa.Connection, take: Take) -> None:
    take(
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "alice@example.org,true,2027-01-01T00:00:00.000Z,monthly,false,2023-02-03T04:05:06.789Z,2023-03-01\n"
        "bob@example.org,false,,other,false,2023-02-03T04:05:06.789Z,\n"
        "charlie@example.org,false,,other,true,2023-02-03T04:05:06.789Z,\n"
    )
    assert mailable(conn) == ["alice@example.org", "bob@example.org"]
    assert mailable(conn, supporters=[Supporter.MONTHLY]) == ["alice@example.org"]


def test_substack_s_complimentary_and_lapsed_readers_are_not_taken_for_supporters(
    conn: sa.Connection, take: Take
) -> None:
    report = take(
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "alice@example.org,true,,monthly,false,2023-02-03T04:05:06.789Z,2023-03-01T00:00:00.000Z\n"
        "bob@example.org,true,,comp,false,2023-02-03T04:05:06.789Z,\n"
        "charlie@example.org,false,,other,false,2023-02-03T04:05:06.789Z,2022-03-01T00:00:00.000Z\n"
        "dave@example.org,false,,other,false,2023-02-03T04:05:06.789Z,\n"
    )
    assert report.system == "Substack"
    assert giving(conn) == {"alice": "monthly", "bob": "unknown", "charlie": "lapsed", "dave": "unknown"}


def test_ghost_s_labels_tiers_and_words_for_paying(conn: sa.Connection, take: Take) -> None:
    report = take(
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
        '1,alice@example.org,Alice,,true,false,cus_1,2023-02-03T04:05:06.000Z,,"Press, VIP",Gold\n'
        "2,bob@example.org,Bob,,true,true,,2023-02-03T04:05:06.000Z,,,Gold\n"
        "3,charlie@example.org,Charlie,,true,false,cus_3,2023-02-03T04:05:06.000Z,,VIP,\n"
    )
    assert report.system == "Ghost"
    assert giving(conn) == {"alice": "monthly", "bob": "unknown", "charlie": "unknown"}
    assert {row["email"]: row["tags"] for row in subscribers.export(conn)} == {
        "alice@example.org": "press, vip",
        "bob@example.org": "",
        "charlie@example.org": "vip",
    }
    take("email,status,complimentary_plan\ndave@example.org,comped,true\nerin@example.org,paid,false\n")
    assert giving(conn).items() >= {("dave", "unknown"), ("erin", "monthly")}
    assert {"dave@example.org", "erin@example.org"} <= set(mailable(conn))


def test_kit(conn: sa.Connection, take: Take) -> None:
    report = take(
        "first_name,email,state,created_at,tags\n"
        'Alice,alice@example.org,active,2023-02-03T04:05:06Z,"Readers, Gala"\n'
        "Bob,bob@example.org,inactive,2023-02-03T04:05:06Z,\n"
        "Charlie,charlie@example.org,cancelled,2023-02-03T04:05:06Z,\n"
        "Dave,dave@example.org,bounced,2023-02-03T04:05:06Z,\n"
        "Erin,erin@example.org,complained,2023-02-03T04:05:06Z,\n"
        "Frank,frank@example.org,cold,2023-02-03T04:05:06Z,\n"
    )
    assert (report.system, report.rejected) == ("Kit", 0)
    assert mailable(conn) == ["alice@example.org", "frank@example.org"]
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"unconfirmed": 1, "left": 1, "bounce": 1, "complaint": 1}


def test_topics_are_kept_that_the_newsletter_has(conn: sa.Connection, take: Take) -> None:
    content = 'email,interests\nalice@example.org,"City Hall, Sport, Cats"\nbob@example.org,\n'
    report = take(content, topics={"sport": "sport", "City Hall": "council", "council": "council"})
    assert {row["email"]: row["topics"] for row in subscribers.export(conn)} == {
        "alice@example.org": "council, sport",
        "bob@example.org": "",
    }
    assert "1 topics are none that readers of the newsletter can choose (“cats”)" in " ".join(report.notes)
    assert take(content, topics={"sport": "sport", "City Hall": "council"}).unchanged == 2


def test_consent_is_recorded_with_date_network_and_the_operator_s_word_where_the_file_has_none(
    conn: sa.Connection, take: Take
) -> None:
    take(
        "email,OPTIN_TIME,OPTIN_IP,source\nalice@example.org,2020-05-01 12:00:00,192.0.2.1,Form\nbob@example.org,,,\n",
        consent="signed up at the fair",
    )
    said = {}
    for name in ("alice", "bob"):
        person = subscribers.find(conn, f"{name}@example.org")
        assert person is not None
        [(_, consent)] = subscribers.history(conn, person.id)
        said[name] = (f"{consent.at:%Y-%m-%d}", consent.evidence)
    assert said == {
        "alice": ("2020-05-01", "Form, from 192.0.2.1; list.csv, line 2"),
        "bob": ("2026-11-22", "signed up at the fair; list.csv, line 3"),
    }


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", ["Łukasz Wiśniewski", "Jiří Dvořák"]),
        ("cp1251", ["Иван Петров", "Мария Иванова", "Ольга Кузнецова"]),
        ("cp1253", ["Γιώργος Παπαδόπουλος", "Μαρία Νικολάου"]),
        ("cp1254", ["Ayşe Yılmaz", "Gökhan Şahin"]),
        ("cp1255", ["דנה כהן", "יעל לוי", "משה ישראלי", "נועה פרץ"] * 20),
        ("cp1256", ["محمد علي", "فاطمة حسن"]),
        ("koi8_r", ["Иван Петров", "Мария Иванова", "Ольга Кузнецова"]),
        ("mac_roman", ["Zoé Lefèvre", "José Núñez"]),
        ("shift_jis", ["田中太郎", "鈴木花子"]),
        ("utf-32", ["Zoé", "דנה"]),
    ],
)
def test_names_are_read_in_the_encodings_of_old_programs(
    conn: sa.Connection, take: Take, encoding: str, names: list[str]
) -> None:
    people = "".join(f"reader{at}@example.org,{name}\n" for at, name in enumerate(names))
    take(f"email,name\n{people}".encode(encoding))
    assert [row["name"] for row in subscribers.export(conn)] == names


def test_zeros_in_a_database_s_export_are_no_letters(conn: sa.Connection, take: Take) -> None:
    rows = "".join(f"reader{at}@example.org,Reader {at}\n" for at in range(20))
    assert take(f"email,name\nalice@example.org,Al\0ice\n{rows}").added == 21
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    assert alice.name == "Al ice"


def test_a_row_with_a_cell_too_many_is_rejected_because_any_cell_may_be_in_the_wrong_column(take: Take) -> None:
    report = take(
        "email,name,unsubscribed,city\n"
        "alice@example.org,Example, Alice,true,Oslo\nbob@example.org,Bob,,Rome,\ncharlie@example.org,C\n"
    )
    assert [row.line for row in report.rejected_rows] == [2]
    assert "more cells than there are columns" in report.rejected_rows[0].reason
    assert report.added == 2


def giving(conn: sa.Connection) -> dict[str, str]:
    return {row["email"].partition("@")[0]: row["supporter"] for row in subscribers.export(conn)}


def test_listmonk(conn: sa.Connection, take: Take) -> None:
    take(
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        '1f2e,alice@example.org,Alice,"{""city"": ""Oslo""}",enabled,2023-02-03T04:05:06Z,2023-02-03T04:05:06Z\n'
        "2f2e,bob@example.org,Bob,{},blocklisted,2023-02-03T04:05:06Z,2023-02-03T04:05:06Z\n"
        "3f2e,charlie@example.org,Charlie,{},disabled,2023-02-03T04:05:06Z,2023-02-03T04:05:06Z\n"
    )
    assert mailable(conn) == ["alice@example.org"]
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"manual": 1, "left": 1}


def test_ghost(conn: sa.Connection, take: Take) -> None:
    take(
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels\n"
        "1,alice@example.org,Alice,,true,false,,2023-02-03T04:05:06.000Z,,\n"
        "2,bob@example.org,Bob,,false,false,,2023-02-03T04:05:06.000Z,,\n"
        "3,charlie@example.org,Charlie,,true,false,,2023-02-03T04:05:06.000Z,2024-01-01T00:00:00.000Z,\n"
    )
    assert mailable(conn) == ["alice@example.org"]


def test_ghost_s_gifts_are_not_giving(conn: sa.Connection, take: Take) -> None:
    report = take(
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers,"
        "gift_id,custom_fields.city\n"
        "1,alice@example.org,Alice,,true,false,,2025-02-03T04:05:06.000Z,,,Gold,6f3a,Oslo\n"
        "2,bob@example.org,Bob,,true,false,cus_2,2025-02-03T04:05:06.000Z,,,Gold,,Rome\n"
    )
    assert (report.system, giving(conn)) == ("Ghost", {"alice": "unknown", "bob": "monthly"})
    assert "custom_fields.city" in report.notes[0]


def test_beehiiv(conn: sa.Connection, take: Take) -> None:
    report = take(
        "email,First Name,Last Name,status,tier,created_at,stripe_customer_id,Free Tier,Premium Tier,unsubscribed_at\n"
        "alice@example.org,Alice,Example,active,premium,2024-01-02 03:04:05 UTC,cus_1,false,true,\n"
        "bob@example.org,Bob,Example,inactive,free,2024-01-02 03:04:05 UTC,,true,false,2025-05-06 07:08:09 UTC\n"
        "charlie@example.org,C,,pending,free,2024-01-02 03:04:05 UTC,,true,false,\n"
    )
    assert (report.system, report.rejected, mailable(conn)) == ("beehiiv", 0, ["alice@example.org"])
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"left": 1, "unconfirmed": 1}
    assert giving(conn) == {"alice": "unknown", "bob": "unknown", "charlie": "unknown"}
    assert [row["left_at"] for row in subscribers.export(conn)][1] == "2025-05-06T07:08:09+00:00"


def test_a_crm_s_ticks_and_states(conn: sa.Connection, take: Take) -> None:
    """“State” is California here, not a standing; an empty tick for “opted in” is no yes."""
    take(
        "First,Last Name,E-Mail,City,State,Opted In,Do Not Email\n"
        "A,Example,alice@example.org,Oakland,California,Yes,\n"
        "B,Example,bob@example.org,Oakland,California,,\n"
        "C,Example,charlie@example.org,Oakland,California,Yes,x\n"
    )
    assert mailable(conn) == ["alice@example.org"]
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {"unconfirmed": 1, "left": 1}


def test_excel_in_europe_semicolons_and_latin_1(conn: sa.Connection, take: Take) -> None:
    report = take("sep=;\r\nNom;Prénom;Courriel\r\nLefèvre;Zoé;zoe@example.org\r\n".encode("latin-1"))
    zoe = subscribers.find(conn, "zoe@example.org")
    assert zoe is not None
    assert zoe.name == "Zoé Lefèvre"
    assert "Windows-1252" in report.notes[0]


def test_the_first_accent_may_stand_in_the_last_line(conn: sa.Connection, take: Take) -> None:
    many = "".join(f"reader{n}@example.org,Reader\n" for n in range(60_000))
    report = take(f"email,name\n{many}zoe@example.org,Zoé\n".encode("latin-1"))
    zoe = subscribers.find(conn, "zoe@example.org")
    assert zoe is not None
    assert (zoe.name, report.added) == ("Zoé", 60_001)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_excel_in_hebrew(conn: sa.Connection, take: Take, encoding: str) -> None:
    take('שם פרטי\tשם משפחה\tדוא"ל\nדנה\tכהן\tdana@example.org\n'.encode(encoding))
    dana = subscribers.find(conn, "dana@example.org")
    assert dana is not None
    assert dana.name == "דנה כהן"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "heading",
    ["email", "E-mail:", "Email Address", " EMAIL ", "courriel", "Correo electrónico", 'דוא"ל', "البريد الإلكتروني"],
)
def test_headings_and_delimiters_are_recognised(conn: sa.Connection, take: Take, delimiter: str, heading: str) -> None:
    quoted = '"' + heading.replace('"', '""') + '"'
    take(f"id{delimiter}{quoted}\n1{delimiter}alice@example.org\n")
    assert mailable(conn) == ["alice@example.org"]


@pytest.mark.parametrize(
    "content",
    [
        "alice@example.org\nbob@example.org\n",
        "alice@example.org,Alice\nbob@example.org,Bob\n",
        "Alice;alice@example.org\nBob, the first;bob@example.org\n",
    ],
)
def test_a_bare_list_needs_no_headings(conn: sa.Connection, take: Take, content: str) -> None:
    assert take(content).added == 2
    assert mailable(conn) == ["alice@example.org", "bob@example.org"]


def test_a_column_of_addresses_is_found_under_any_heading(conn: sa.Connection, take: Take) -> None:
    take("Who,Where to\nAlice,alice@example.org\nBob,bob@example.org\n")
    assert mailable(conn) == ["alice@example.org", "bob@example.org"]


def test_a_street_is_not_an_address_of_ours(conn: sa.Connection, take: Take) -> None:
    take("Address,Email\n1 Main Street,alice@example.org\n")
    assert mailable(conn) == ["alice@example.org"]


def test_people_pasted_from_a_mail_program(conn: sa.Connection, take: Take) -> None:
    take("email\nAlice Example <alice@example.org>\nmailto:bob@example.org\n\u00a0charlie@example.org \n")
    assert mailable(conn) == ["alice@example.org", "bob@example.org", "charlie@example.org"]


@pytest.mark.parametrize(
    ("word", "supporter"),
    [
        ("Monthly donor", Supporter.MONTHLY),
        ("recurring", Supporter.MONTHLY),
        ("One-time", Supporter.ONE_TIME),
        ("lapsed", Supporter.LAPSED),
        ("non-donor", Supporter.NONE),
        ("no", Supporter.NONE),
        ("", Supporter.UNKNOWN),
        ("yes", Supporter.UNKNOWN),
    ],
)
def test_giving_is_understood_in_many_words(conn: sa.Connection, take: Take, word: str, supporter: Supporter) -> None:
    take(f"email,donor status\nalice@example.org,{word}\n")
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    assert alice.supporter is supporter


@pytest.mark.parametrize(
    ("word", "state"),
    [("Subscribed", State.ACTIVE), ("pending", State.UNCONFIRMED), ("", State.UNCONFIRMED), ("opted_out", State.LEFT)],
)
def test_standings_are_understood_in_many_words(conn: sa.Connection, take: Take, word: str, state: State) -> None:
    take(f"email,status\nalice@example.org,{word}\n")
    [entry] = subscribers.page(conn).entries
    assert [place.state for place in entry.subscriptions] == [state]
