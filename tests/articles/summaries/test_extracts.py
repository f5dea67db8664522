"""Extracts: whole sentences of the newsroom's own, that stand by themselves, close what they open and fit the room."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.summaries.candidates import is_balanced, leans, without_dateline
from digest.articles.summaries.ladder import Limits, summarise
from digest.articles.summaries.ranking import best_sentences
from digest.model import Article, DropReason, Rung, Span
from tests.articles.texts import COLUMN, dropped, text

ARTICLE = Article(
    url="https://news.example/sandbags", headline="The town of sandbags", body=text(*COLUMN), language="en"
)


# --- Starts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "He also said that the wall would be built."),
        ("en", "“But it was too late,” the mayor said."),
        ("en", "According to him, nobody had been asked."),
        ("en", "The two had met on the quay."),
        ("en", "It is a mixture of reeds and concrete."),
        ("en", "Others stayed at home."),
        ("fr", "Il a ajouté que la digue serait construite."),
        ("fr", "Selon elle, personne n’a été consulté."),
        ("fr", "C’était la première tempête de l’hiver."),
        ("fr", "Cette décision a surpris le port."),
        ("es", "Ella también dijo que el muro se construirá."),
        ("es", "Por su parte, el alcalde calló."),
        ("es", "Esta decisión sorprendió al puerto."),
        ("de", "Er sagte auch, der Deich werde gebaut."),
        ("de", "Zudem fehlt das Geld."),
        ("de", "Diese Entscheidung überraschte den Hafen."),
        ("he", "הוא הוסיף כי החומה תיבנה."),
        ("he", "עם זאת, איש לא נשאל."),
        ("ar", "وأضاف أن الجدار سيبنى."),
        ("ar", "لكن أحدا لم يسأل."),
        ("ru", "Он также сказал, что стену построят."),
        ("ru", "По его словам, никого не спросили."),
        ("ru", "Однако денег нет."),
    ],
)
def test_a_sentence_that_points_back_leans_on_the_one_before_it(language: str, sentence: str) -> None:
    assert leans(sentence, language)
    assert leans(sentence, "")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The mayor said that the wall would be built."),
        ("en", "This week the council of Northmere meets."),
        ("en", "There are four hundred sandbags on the quay."),
        ("en", "It took two years to build the wall."),
        ("en", "Both Alice and Bob signed."),
        ("fr", "Il y a quatre cents sacs sur le quai."),
        ("fr", "Cette semaine, le conseil se réunit."),
        ("es", "Este lunes el consejo se reúne."),
        ("de", "Das Rathaus bleibt am Montag zu."),
        ("de", "Es gibt vierhundert Säcke am Kai."),
        ("he", "ראש העיר אמר כי החומה תיבנה."),
        ("ar", "قال العمدة إن الجدار سيبنى."),
        ("ru", "Мэр сказал, что стену построят."),
        ("ru", "В этом году стену построят."),
    ],
)
def test_a_sentence_that_names_what_it_speaks_of_leans_on_nothing(language: str, sentence: str) -> None:
    assert not leans(sentence, language)


def test_a_dangling_start_is_avoided_by_choosing_another_sentence() -> None:
    dangling = "He also said that the wall of Northmere, the town of sandbags, would be built by the council in spring."
    plain = "The council of Northmere, the town of sandbags, will build the promised wall before the winter comes."
    article = replace(ARTICLE, body=text(dangling, plain))

    assert summarise(article, limits=Limits(10, 25)).text == plain


def test_nobody_is_called_by_a_surname_that_says_nothing_yet() -> None:
    known = "The harbour engineer Ada Brook has counted the sandbags of the town twice since the storm came in."
    bare = "Brook would build the wall of sandbags that the town was promised, and the town would pay for it."
    other = "The council of the town, which promised the wall of sandbags, meets again on the quay on Monday."

    body = text(known, other, bare)
    promised = "The wall that the town was promised, and would pay for"

    unnamed = summarise(replace(ARTICLE, body=body, headline=promised), limits=Limits(10, 22))
    named = summarise(
        replace(ARTICLE, body=body, headline="Brook on the promised wall the town would pay for"), limits=Limits(10, 22)
    )

    assert "Brook" not in unnamed.text or "Ada Brook" in unnamed.text
    assert named.text == bare


# --- Marks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "“The wall,” said Alice, “is late.”",
        'The "wall" is 6" too low.',
        "The ‘wall’ isn’t one.",
        "The 'wall' of the '90s was the dogs' own.",
        "« Le mur », dit Alice, « est en retard. »",
        "«El “muro” llega tarde», dijo Alicia.",
        "„Der Deich“, sagte Alice, „kommt zu spät.“",
        "»Der Deich«, sagte Alice, »kommt.«",
        "‚Der Deich‘ kommt.",
        'ד"ר כהן מצה"ל אמר: "החומה מאחרת".',
        "„החומה” מאחרת.",
        "ד״ר כהן מצה״ל אמר: ״החומה מאחרת״.",
        "قالت أليس: «الجدار متأخر».",
        "«Стена „Север“ опаздывает», — сказала Алиса.",
        "The wall (of 1998) is [sic] late.",
    ],
)
def test_what_opens_and_closes_is_balanced(sentence: str) -> None:
    assert is_balanced(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "“The wall is late.",
        "The wall is late,” said Alice.",
        'The wall is late," said Alice.',
        "‘The wall is late.",
        "'The wall is late.",
        "« Le mur est en retard.",
        "Le mur est en retard », dit Alice.",
        "„Der Deich kommt.",
        "Der Deich kommt“, sagte Alice.",
        "‹Der Deich kommt.",
        'כהן אמר: "החומה מאחרת.',
        "ד״ר כהן אמר: ״החומה מאחרת.",
        "قالت أليس: «الجدار متأخر.",
        "«Стена опаздывает.",
        "The wall (of 1998 is late.",
    ],
)
def test_what_opens_and_does_not_close_is_half_a_quotation(sentence: str) -> None:
    assert not is_balanced(sentence)


def test_direct_speech_behind_a_dash_is_not_told_as_fact() -> None:
    speech = "— Мы ждали эту стену на набережной целых два года, и больше ждать не будем, — сказала Алиса Брук."
    plain = "Совет города Нортмер построит обещанную стену на набережной до того, как начнётся новая зима."
    article = replace(ARTICLE, body=text(speech, plain), headline="Стена", language="ru")

    assert summarise(article).text == plain


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "МОСКВА, 5 мая – ТАСС. Совет города построит стену на набережной.",
            "Совет города построит стену на набережной.",
        ),
        ("Northmere, Kent – The council will build the wall.", "The council will build the wall."),
        ("Они – люди, которые построят стену на набережной.", "Они – люди, которые построят стену на набережной."),
        ("Bob – who sells fish – waits for the wall.", "Bob – who sells fish – waits for the wall."),
    ],
)
def test_a_town_is_told_from_a_subject(line: str, shown: str) -> None:
    span = without_dateline(line, Span(start=0, end=len(line)))

    assert line[span.start : span.end] == shown


# --- Room -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("characters", [120, 200, 300, 450])
def test_an_extract_fits_the_characters_of_the_theme(characters: int) -> None:
    summary = summarise(ARTICLE, limits=Limits(10, 60, characters))

    assert summary.rung is Rung.EXTRACT
    assert len(summary.text) <= characters


def test_long_words_take_the_room_of_two() -> None:
    german = "Die Hochwasserschutzverordnungsänderungskommission des Küstenlandkreises Nordmeer tagte am Montagabend."
    short = "Der Deich von Nordmeer ist alt, und die Stadt wartet seit zwei Jahren auf den neuen."
    article = replace(ARTICLE, body=text(german, short), headline="Nordmeer", language="de")

    assert len(summarise(article, limits=Limits(8, 30, 500)).text) > 180
    assert summarise(article, limits=Limits(8, 30, 100)).text == short


def test_why_there_is_no_better_summary_is_said_from_the_top() -> None:
    cut = replace(ARTICLE, standfirst="Northmere has waited two years for the wall that every council promises, and…")
    torn = replace(cut, body="Wall of Northmere promised again by the council on Monday morning", headline="Council")

    assert summarise(cut).why == ("The publisher's summary line is cut off.",)
    assert summarise(torn).why == (
        "The publisher's summary line is cut off.",
        "No sentence of the article that fits can stand by itself.",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "The publisher gives no summary line."),
        ("Northmere waits.", "The publisher's summary line has only 2 words."),
        ("Northmere waits for the wall that the council promised. " * 8, "has 72 words; there is room for 60."),
        ("Northmere waits for the wall that the council promised and", "does not end as a sentence does."),
        ("Northmere's council says “the wall is late, and so is the spring that follows.", "does not close."),
        ("He has waited two years for the wall that every council promises. Nobody slept.", ""),
        ("Nobody in her party had brought boots.", "has only 7 words."),
        ("It floods twice a year, and nobody in the capital has ever brought boots.", "leans on the one before it."),
        ("Northmere attend depuis deux ans la digue que le conseil lui promet, et dort mal.", "in another language"),
        ("The latest headlines, sport, weather and entertainment from around the globe.", "hardly a word in common"),
        ("Sign up for our newsletter and get the news of Northmere in your inbox.", "is promotion or a credit."),
    ],
)
def test_the_publishers_line_is_passed_over_for_a_reason_in_words(line: str, said: str) -> None:
    body = text(*COLUMN, "It floods twice a year, and nobody in the capital has ever brought boots.")
    summary = summarise(replace(ARTICLE, body=body, standfirst=line.strip()))

    assert said in " ".join(summary.why)
    assert (summary.rung is Rung.STANDFIRST) == (not said)


# --- Whatever the article -------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "The council of Northmere will build the wall before the winter comes.",
        "He refused.",
        "But nobody on the quay of the old harbour believed a word of what he said.",
        "“We have waited for two years,” said Alice, who sells fish.",
        "“We have waited for two years and more for this wall of yours.",
        "We will not wait again,” said Bob on Monday in the rain.",
        "Sign up for our newsletter and get the news of Northmere in your inbox.",
        "The town of sandbags",
        "« La digue », dit Mme. Durand, « coûte 3,5 millions d’euros. »",
        "„Der Deich kommt am 3. Mai“, sagte Dr. Weiß dem Rat.",
        "According to Sen. Amos Lee, the marshes (some of them dry) cost $3.10 a yard.",
        "מי ישלם על החומה של העיר הקטנה הזאת?",
        "Улица им. А. П. Чехова в 2020 г. была закрыта для всех.",
        "Dropped lines of a caption that nobody meant to be read as news of the day.",
    ]
)
BODIES = st.lists(st.lists(PIECES, min_size=1, max_size=4), min_size=1, max_size=6)
LIMITS = st.builds(Limits, st.integers(5, 25), st.integers(26, 70), st.integers(90, 600))
LEFT_OUT = dropped("Dropped lines of a caption that nobody meant to be read as news of the day.", DropReason.CAPTION)


@given(BODIES, LIMITS, st.sampled_from(["", "en", "fr", "de", "he", "ru"]))
def test_every_extract_is_verbatim_in_order_within_limits_balanced_and_its_own(
    paragraphs: list[list[str]], limits: Limits, language: str
) -> None:
    body = text(*(" ".join(sentences) for sentences in paragraphs))
    article = replace(ARTICLE, body=body, language=language, dropped=(LEFT_OUT,))

    spans = best_sentences(article, limits)

    pieces = [body[span.start : span.end] for span in spans]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert len(pieces) <= 3
    assert all(is_balanced(piece) for piece in pieces)
    assert all(piece not in LEFT_OUT.text and "newsletter" not in piece for piece in pieces)
    assert "The town of sandbags" not in pieces
    if pieces:
        assert not leans(pieces[0], language)
        together = " ".join(pieces)
        # Only a single sentence may be too long: where no other may stand.
        assert len(together) <= limits.characters or len(pieces) == 1
        assert len(together.split()) <= limits.most or len(pieces) == 1
