"""Settings: one file and the environment, all mistakes at once, and docs that say what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from digest.bootstrap import App
from digest.deliver.warmup import WarmUp
from digest.errors import SettingsError, UsageMistake
from digest.model import SourceKind, Supporter
from digest.settings import Settings, checks, declared, load, reference, table

ROOT = Path(__file__).parents[1]

NEWSLETTER = """
[newsletters.daily]
name = "The Harbour Post"
sender_address = "daily@harbour.example"
postal_address = "1 Quay Street, Harbour"
"""


def read(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return load(environment or {}, file=file)


def problems(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as stopped:
        read(folder, text, environment)
    return [problem.removeprefix("settings.toml: ") for problem in stopped.value.problems]


# --- The file ----------------------------------------------------------------------------------------------


def test_a_newsletter_needs_three_lines_and_everything_else_has_a_default(tmp_path: Path) -> None:
    daily = read(tmp_path, NEWSLETTER).newsletter("daily")

    assert (daily.sender_name, daily.reply_to) == ("The Harbour Post", "daily@harbour.example")
    assert daily.list_id == "daily.harbour.example"
    assert [section.title for section in daily.sections] == ["The Harbour Post"]
    assert daily.ask is None
    assert daily.ask_for == (Supporter.NONE, Supporter.ONE_TIME, Supporter.LAPSED, Supporter.UNKNOWN)


def test_every_mistake_is_said_at_once_and_a_slip_gets_a_suggestion(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        """
sendr = "ses"
public_url = "digest.harbour.example"
[database]
ulr = "sqlite:///x.db"
[delivery]
workers = "many"
[newsletters.daily]
name = "The Harbour Post"
sender_adress = "daily@harbour.example"
timezone = "New York"
stories = 0
cadence = "now and then"
[[newsletters.daily.sources]]
name = "Wire"
kind = "rss"
location = "https://wire.example/feed"
[newsletters.daily.appeal]
headline = "Keep the lighthouse lit"
monthly_uri = "https://harbour.example/give"
""",
    )

    assert "sendr is not a setting; did you mean sender?" in said
    assert "public_url = 'digest.harbour.example' must be an http:// or https:// address" in said
    assert "database.ulr is not a setting; did you mean database.url?" in said
    assert "delivery.workers must be a whole number, not 'many'" in said
    assert "newsletters.daily.sender_adress is not a setting; did you mean sender_address?" in said
    assert any(line.startswith("newsletters.daily.sender_address is missing") for line in said)
    assert any(line.startswith("newsletters.daily.postal_address is missing") for line in said)
    assert "newsletters.daily.timezone = 'New York' is not a time zone name such as America/New_York" in said
    assert "newsletters.daily.stories = 0 must be at least 1" in said
    assert any(line.startswith("newsletters.daily.cadence = 'now and then' is not a cadence; write") for line in said)
    kinds = "feed, page, wordpress, sitemap, folder"
    assert f"newsletters.daily.sources #1: kind = 'rss' must be one of {kinds}" in said
    assert "newsletters.daily.appeal.monthly_uri is not a setting; did you mean monthly_url?" in said
    assert "newsletters.daily.appeal.text is missing: Why it matters." in said
    assert len(said) == 13


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('ask_for = ["everyone", 7]', "knows no supporter everyone, 7"),
        ('summary_words = ["20", "60"]', "must be two whole numbers"),
        ("summary_words = [60, 20]", "must be two whole numbers"),
        ('subject = "{lead.headline.text}"', "may use {lead}, {name}, {date} and {number} only"),
        ('subject = "{headline}"', "may use {lead}, {name}, {date} and {number} only"),
        ('subject = "{lead"', "may use {lead}, {name}, {date} and {number} only"),
        ("stories = true", "must be a whole number, not True"),
        ("window_hours = inf", "must be a number that can be reached"),
        ("draft_ahead = nan", "must be a number that can be reached"),
        ('timezone = "America"', "is not a time zone name"),
        ('timezone = "../../etc/passwd"', "is not a time zone name"),
        ('theme = " "', "must not be empty"),
        ('list_id = "<daily.harbour.example>"', "must be words joined by dots"),
        ('reply_to = "the editors"', "is not an email address"),
        ('sections = ["news"]', "must be a list of tables"),
        ('topics = [{ slug = "The Sea", title = "The sea" }]', "topics #1: slug = 'The Sea' may have small letters"),
        ('topics = [{ slug = "sea", title = "A" }, { slug = "sea", title = "B" }]', "there are two called 'sea'"),
        ("campaign = { utm_term = 5 }", "may hold text only"),
        ('appeal = "Please give"', "must be a table"),
        ('social = [{ label = "Radio", url = "ftp://harbour.example" }]', "social #1: url"),
        ('sections = [{ slug = "a", title = "A" }, { slug = "a", title = "B" }]', "there are two called 'a'"),
        (
            'sections = [{ slug = "a", title = "A", stories = 1, least = 2 }]',
            "'a' is to have at least 2 stories and at most 1",
        ),
        (
            'stories = 3\nsections = [{ slug = "a", title = "A", least = 4 }]',
            "are to have at least 4 stories, and an issue has 3",
        ),
        ("stories = 3\nleast_new = 4", "least_new is 4, and an issue has 3 stories"),
        (
            'sources = [{ name = "Wire", kind = "feed", location = "x.xml", section = "sport" }]',
            "goes to section 'sport', which is not declared",
        ),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_its_name(tmp_path: Path, line: str, said: str) -> None:
    (problem,) = problems(tmp_path, NEWSLETTER + line)

    assert problem.startswith("newsletters.daily")
    assert line.partition(" ")[0] in problem
    assert said in problem


def test_a_source_without_a_place_says_which_one_it_is(tmp_path: Path) -> None:
    sources = 'sources = [{ name = "Wire", kind = "feed", location = "wire.xml" }, { name = "Desk", kind = "feed" }]'

    assert problems(tmp_path, NEWSLETTER + sources) == [
        "newsletters.daily.sources #2: location is missing: Address, or a path relative to the settings file."
    ]


def test_relative_paths_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[database]\nurl = "sqlite:///books/ledger.db"\n[paths]\noutbox = "out"\n'
        + NEWSLETTER
        + 'sources = [{ name = "Desk", kind = "folder", location = "copy" },'
        + ' { name = "Wire", kind = "feed", location = "https://wire.example/feed" }]',
    )

    assert found["database.url"] == f"sqlite:///{tmp_path}/books/ledger.db"
    assert found.path("paths.outbox") == tmp_path / "out"
    desk, wire = found.newsletter("daily").sources
    assert (desk.kind, desk.location) == (SourceKind.FOLDER, str(tmp_path / "copy"))
    assert wire.location == "https://wire.example/feed"


def test_an_absolute_database_and_one_on_a_server_stay_as_they_are(tmp_path: Path) -> None:
    for url in ("sqlite:////var/lib/digest.db", "sqlite:///:memory:", "postgresql://digest@db.example/digest"):
        assert read(tmp_path, f'[database]\nurl = "{url}"')["database.url"] == url


def test_a_file_that_a_windows_editor_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xef\xbb\xbf" + NEWSLETTER.replace("\n", "\r\n").encode())

    assert load({}, file=tmp_path / "settings.toml").newsletter("daily").name == "The Harbour Post"


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no settings file .*elsewhere\.toml") as stopped:
        load({"DIGEST_SETTINGS": str(tmp_path / "elsewhere.toml")})

    assert "DIGEST_SETTINGS" in stopped.value.hint


@pytest.mark.parametrize("content", [b"sender = outbox", b"sender = '\xff'"])
def test_a_file_that_is_no_toml_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)

    with pytest.raises(SettingsError, match=r"settings\.toml is not valid TOML"):
        load({}, file=tmp_path / "settings.toml")


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="could not be read: Is a directory"):
        load({}, file=tmp_path)


def test_an_undeclared_newsletter_is_refused_with_those_that_are_declared(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match="no newsletter 'dayly'") as stopped:
        read(tmp_path, NEWSLETTER).newsletter("dayly")

    assert stopped.value.hint == "Declared are: daily."


# --- The environment ---------------------------------------------------------------------------------------


def test_the_environment_names_the_file_and_overrides_it(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text('sender = "outbox"\n' + NEWSLETTER, encoding="utf-8")

    found = load(
        {
            "DIGEST_SETTINGS": str(file),
            "DIGEST_SENDER": "ses",
            "DIGEST_DATABASE_URL": "postgresql://digest@db.example/digest",
            "DIGEST_PUBLIC_URL": "https://mail.harbour.example",
            "DIGEST_SES_BULK_CALLS_PER_SECOND": "1.5",
            "DIGEST_DELIVERY_WORKERS": "8",
            "DIGEST_FETCH_ALLOW_HOSTS": "cms.harbour.example, 127.0.0.1:8000",
        }
    )

    assert found.file == file
    assert found["sender"] == "ses"
    assert found["database.url"] == "postgresql://digest@db.example/digest"
    assert found["public_url"] == "https://mail.harbour.example"
    assert found["ses.bulk_calls_per_second"] == 1.5
    assert found["delivery.workers"] == 8
    assert found["fetch.allow_hosts"] == ["cms.harbour.example", "127.0.0.1:8000"]


@pytest.mark.parametrize("day", ["2026-11-29", '"2026-11-29"'])
def test_a_day_may_be_written_as_toml_has_it_or_as_text(tmp_path: Path, day: str) -> None:
    found = read(tmp_path, f"[ses]\nwarm_up = [200, 500]\nwarm_up_from = {day}")

    assert (found["ses.warm_up"], found["ses.warm_up_from"]) == ([200, 500], "2026-11-29")


def test_a_warm_up_can_be_given_by_the_environment(tmp_path: Path) -> None:
    plan = {"DIGEST_SES_WARM_UP": "200, 500", "DIGEST_SES_WARM_UP_FROM": "2026-11-29", "DIGEST_SENDER": "ses"}

    warm_up = App(read(tmp_path, "", plan)).warm_up

    assert warm_up == WarmUp(caps=(200, 500), begins=date(2026, 11, 29))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("warm_up = [200]", "ses.warm_up has caps but no first day"),
        ("warm_up = [200, 0]\nwarm_up_from = 2026-11-29", "must be whole numbers above 0"),
        ('warm_up = ["many"]\nwarm_up_from = 2026-11-29', "must be whole numbers above 0"),
        ("warm_up = [true]\nwarm_up_from = 2026-11-29", "must be whole numbers above 0"),
        ('warm_up = [200]\nwarm_up_from = "next week"', "is not a day such as 2026-11-29"),
    ],
)
def test_a_warm_up_that_cannot_work_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        read(tmp_path, f"[ses]\n{lines}")


def test_an_empty_variable_overrides_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, '[database]\nurl = "sqlite:///ledger.db"', {"DIGEST_DATABASE_URL": "", "DIGEST_SENDER": ""})

    assert found["database.url"] == f"sqlite:///{tmp_path}/ledger.db"
    assert found["sender"] == "outbox"


def test_every_plain_setting_can_be_overridden_by_its_own_variable(tmp_path: Path) -> None:
    examples = {str: "https", int: "1234", float: "77.5", list: "one,two"}
    plain = [setting for setting in declared.SETTINGS if setting.type is not dict and setting.check is checks.fine]
    environment = {table.variable(setting.name): examples[setting.type] for setting in plain}

    found = read(tmp_path, "", environment)

    expected = {str: "https", int: 1234, float: 77.5, list: ["one", "two"]}
    assert {setting.name: found[setting.name] for setting in plain} == {
        setting.name: expected[setting.type] for setting in plain
    }
    assert len(plain) > 5
    assert len({table.variable(setting.name) for setting in declared.SETTINGS}) == len(declared.SETTINGS)


def test_mistakes_in_the_environment_are_said_together_with_those_in_the_file(tmp_path: Path) -> None:
    said = problems(tmp_path, 'sendr = "x"', {"DIGEST_SENDER": "pigeon", "DIGEST_WEB_PORT": "http"})

    assert said == [
        "sendr is not a setting; did you mean sender?",
        "DIGEST_SENDER = 'pigeon' must be one of outbox, ses, smtp",
        "DIGEST_WEB_PORT must be a whole number, not 'http'",
    ]


# --- Secrets -----------------------------------------------------------------------------------------------


def test_a_secret_comes_from_the_variable_or_from_the_file_it_names(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n", encoding="utf-8")

    found = read(
        tmp_path,
        "",
        {"DIGEST_SECRET_KEY": "a key", "DIGEST_SMTP_PASSWORD_FILE": str(tmp_path / "password")},
    )

    assert found.secrets == {"DIGEST_SECRET_KEY": "a key", "DIGEST_SMTP_PASSWORD": "s3cret"}


def test_a_secret_file_wins_over_the_variable(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file", encoding="utf-8")

    found = read(tmp_path, "", {"DIGEST_SECRET_KEY": "from outside", "DIGEST_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert found.secrets["DIGEST_SECRET_KEY"] == "from the file"


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "which cannot be read: No such file"), (b"", "which is empty"), (b"\xff\xfe\x00", "it is not text")],
)
def test_a_secret_file_that_holds_no_secret_stops_the_start(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    (said,) = problems(tmp_path, "", {"DIGEST_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert said.startswith("DIGEST_SECRET_KEY_FILE names ")
    assert why in said


def test_a_secret_in_the_settings_file_is_not_believed(tmp_path: Path) -> None:
    assert problems(tmp_path, 'secret_key = "hunter2"\n[smtp]\npassword = "s3cret"') == [
        "secret_key is a secret and has no place here; set DIGEST_SECRET_KEY or DIGEST_SECRET_KEY_FILE",
        "smtp.password is a secret and has no place here; set DIGEST_SMTP_PASSWORD or DIGEST_SMTP_PASSWORD_FILE",
    ]


# --- What is promised --------------------------------------------------------------------------------------


def test_the_settings_file_of_the_house_loads_as_it_stands() -> None:
    found = load({}, file=ROOT / "settings.toml")

    assert list(found.newsletters) == ["daily", "weekend"]
    assert found["sender"] == "outbox"


def test_what_is_commented_out_in_the_settings_file_would_load_too(tmp_path: Path) -> None:
    text = (ROOT / "settings.toml").read_text(encoding="utf-8")
    commented = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)

    of_ses = ("configuration_set", "path", "bulk_calls_per_second", "warm_up", "warm_up_from")
    names = {f"ses.{name}" for name in of_ses} | {"paths.themes", "model.id", "model.tokens_per_issue"}
    names |= {"reread.seconds", "reread.headline"}
    assert len(commented.findall(text)) == len(names) + 1
    found = read(tmp_path, commented.sub("", text))
    assert all(found[name] != next(s.default for s in declared.SETTINGS if s.name == name) for name in names)
    assert found.newsletters["daily"].least_new == 3


def test_the_docs_of_the_settings_are_what_the_tables_say() -> None:
    """Made with `python -m digest.settings > docs/settings.md`."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == reference.reference()


def test_every_setting_that_the_code_asks_for_is_declared() -> None:
    known = {setting.name for setting in declared.SETTINGS}
    asked = {
        name
        for file in (ROOT / "digest").rglob("*.py")
        for name in re.findall(r"settings(?:\[|\.path\()\"([a-z_.]+)\"", file.read_text(encoding="utf-8"))
    }

    assert asked <= known
    assert known - asked == set(), "known and never asked for"


def test_every_default_passes_its_own_check() -> None:
    tables = (declared.SETTINGS, declared.NEWSLETTER, declared.SECTION, declared.SOURCE, declared.LINK, declared.APPEAL)
    for setting in (one for every in tables for one in every if one.default is not table.REQUIRED):
        assert isinstance(setting.default, setting.type), setting.name
        assert setting.check(setting.default) == "", setting.name


def test_nothing_is_declared_twice() -> None:
    tables = (declared.SETTINGS, declared.NEWSLETTER, declared.SECTION, declared.SOURCE, declared.LINK, declared.APPEAL)
    for every in (*tables, declared.TOPIC, declared.SEGMENT):
        names = [one.name for one in every]
        assert sorted(set(names)) == sorted(names)
