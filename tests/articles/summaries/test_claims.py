"""Reading what a text claims: numbers, dates, names, quotations and negations, in seven languages."""

from __future__ import annotations

import pytest

from digest.articles.summaries.claims.dates import dates
from digest.articles.summaries.claims.names import Names
from digest.articles.summaries.claims.negations import negations
from digest.articles.summaries.claims.numbers import numbers
from digest.articles.summaries.claims.quotations import is_balanced, quotations
from digest.articles.summaries.claims.words import words


@pytest.mark.parametrize(
    ("language", "text", "reading", "unit"),
    [
        ("en", "They bought 1,000 lamps", "1000", ""),
        ("en", "They bought 1,234.50 worth", "1234.5", ""),
        ("en", "They bought twelve lamps", "12", ""),
        ("en", "They bought twenty-one lamps", "21", ""),
        ("en", "It cost $4.5 million in all", "4500000", "dollar"),
        ("en", "It cost £3m in all", "3000000", "pound"),
        ("en", "It cost 3 million pounds", "3000000", "pound"),
        ("en", "It rose by 5 per cent", "5", "%"),
        ("en", "It rose by 5 percentage points", "5", "points"),
        ("en", "The third ship came", "3", ""),
        ("en", "The 3rd ship came", "3", ""),
        ("en", "It closed at 10:30", "10:30", ""),
        ("en", "Two hundred thousand came", "200000", ""),
        ("en", "It is 11 miles away", "11", "mile"),
        ("fr", "Il y avait 1 000 lampes", "1000", ""),
        ("fr", "Il y avait 1\u202f000 lampes", "1000", ""),
        ("fr", "Il a coûté 3,2 millions d'euros", "3200000", "euro"),
        ("fr", "Il a augmenté de 60 pour cent", "60", "%"),
        ("fr", "Elles étaient douze", "12", ""),
        ("es", "Llegaron 1.000 personas", "1000", ""),
        ("es", "Costó 5 millones de euros", "5000000", "euro"),
        ("es", "Un 20 % del dinero", "20", "%"),
        ("es", "Eran quince vecinos", "15", ""),
        ("de", "Es kamen 4.200 Leute", "4200", ""),
        ("de", "Es kostet 2,8 Milliarden Euro", "2800000000", "euro"),
        ("de", "Es sind 12 Prozent mehr", "12", "%"),
        ("de", "Sie wurden siebzehn", "17", ""),
        ("ru", "Приехали 1 000 гостей", "1000", ""),
        ("ru", "За 240 млн рублей", "240000000", "rouble"),
        ("ru", "На 15 процентов больше", "15", "%"),
        ("ru", "Работали двенадцать человек", "12", ""),
        ("he", "בעלות של 7 מיליון שקל", "7000000", "shekel"),
        ("he", "הגיעו 2,300 איש", "2300", ""),
        ("he", "הם באו בשלושה אוטובוסים", "3", ""),
        ("he", "ירד ב-40 אחוז", "40", "%"),
        ("ar", "بلغت الكلفة ٣ ملايين دولار", "3000000", "dollar"),
        ("ar", "أي ٥٪ أكثر", "5", "%"),
        ("ar", "نحو 30 في المئة منها", "30", "%"),
        ("ar", "جاء خمسة رجال", "5", ""),
    ],
)
def test_a_number_is_read_however_it_is_written(language: str, text: str, reading: str, unit: str) -> None:
    (number,) = numbers(text, language)

    assert reading in number.readings
    assert number.unit == unit


def test_one_that_is_an_article_counts_nothing() -> None:
    assert numbers("One of them saw a ship", "en") == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "It opens on 3 May 2028.", (3, 5, 2028, 0)),
        ("en", "It opens on May 3, 2028.", (3, 5, 2028, 0)),
        ("en", "It opens on the 3rd of May.", (3, 5, 0, 0)),
        ("en", "It opens on Tuesday.", (0, 0, 0, 2)),
        ("en", "It opens on 2028-05-03.", (3, 5, 2028, 0)),
        ("fr", "Il ouvre le 12 mars 2027.", (12, 3, 2027, 0)),
        ("fr", "Il ouvre le 1er août.", (1, 8, 0, 0)),
        ("fr", "Il ouvre mardi.", (0, 0, 0, 2)),
        ("es", "Abre el 3 de mayo de 2026.", (3, 5, 2026, 0)),
        ("es", "Abre el miércoles.", (0, 0, 0, 3)),
        ("de", "Es öffnet am 1. Oktober 2026.", (1, 10, 2026, 0)),
        ("de", "Es öffnet am Donnerstag.", (0, 0, 0, 4)),
        ("ru", "Он откроется 10 марта 2027 года.", (10, 3, 2027, 0)),
        ("ru", "Он откроется в среду.", (0, 0, 0, 3)),
        ("he", "הוא ייפתח ב-15 בינואר 2027.", (15, 1, 2027, 0)),
        ("he", "הוא ייפתח ביום שלישי.", (0, 0, 0, 2)),
        ("ar", "تفتح في 5 فبراير 2027.", (5, 2, 2027, 0)),
        ("ar", "تفتح يوم الأربعاء.", (0, 0, 0, 3)),
    ],
)
def test_a_date_is_read_in_the_language_of_the_text(language: str, text: str, found: tuple[int, int, int, int]) -> None:
    (date,) = dates(text, language)

    assert (date.day, date.month, date.year, date.weekday) == found


@pytest.mark.parametrize("text", ["They may march to the mar.", "It may rain, and they march on."])
def test_english_words_that_look_like_months_are_words(text: str) -> None:
    assert dates(text, "en") == []


def test_hebrew_numbers_are_no_weekdays() -> None:
    assert dates("שלישי במספר, שני אנשים", "he") == []


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "votes", "voted"), ("en", "building", "builds"), ("en", "rebuilt", "rebuild"), ("en", "men", "man"),
        ("en", "board’s", "board"), ("fr", "travaux", "travail"), ("fr", "l’école", "école"), ("fr", "votée", "voté"),
        ("es", "vendedores", "vendedor"), ("es", "aprobó", "aprobar"), ("de", "Häfen", "Häfens"),
        ("de", "gebaut", "bauen"), ("de", "Abstimmungen", "Abstimmung"), ("ru", "моста", "мосту"),
        ("ru", "жителей", "жители"), ("he", "והממשלה", "ממשלה"), ("he", "חתימות", "חתימה"), ("ar", "والمكتبة", "مكتبة"),
        ("ar", "بالمدرسة", "المدرسة"),
    ],
)  # fmt: skip
def test_two_forms_of_a_word_are_one(language: str, one: str, other: str) -> None:
    (left,), (right,) = words(one, language), words(other, language)

    assert left.keys & right.keys


@pytest.mark.parametrize(
    ("language", "source", "name"),
    [
        ("en", "The Israeli minister spoke", "Israel"),
        ("en", "It came from China", "Chinese"),
        ("en", "The United Nations met", "UN"),
        ("en", "Brook’s boat", "Brook"),
        ("fr", "La France a gagné", "Français"),
        ("de", "Die Hafenmauer von Moorhausen", "Mauer"),
        ("de", "In Moorhausen", "Moorhausens"),
        ("ru", "Встреча с Лебедевой", "Лебедева"),
        ("ru", "Мост в Заречье", "Заречья"),
    ],
)
def test_a_name_in_another_form_is_the_same(language: str, source: str, name: str) -> None:
    assert Names(source, language).has(name)


@pytest.mark.parametrize(
    ("language", "source", "name"),
    [
        ("en", "Tom Johnson spoke", "Johnston"),
        ("en", "It came from Iran", "Iraq"),
        ("en", "Maria came", "Mario"),
        ("fr", "Jeanne est venue", "Jean"),
        ("de", "In Moorhausen", "Neuhausen"),
        ("ru", "Встреча с Лебедевой", "Медведева"),
    ],
)
def test_a_name_that_looks_alike_is_another(language: str, source: str, name: str) -> None:
    assert not Names(source, language).has(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("She said “no harm” twice.", "no harm"),
        ('She said "no harm" twice.', "no harm"),
        ("Elle a dit « aucun mal » deux fois.", " aucun mal "),
        ("Sie sagte „kein Leid“ zweimal.", "kein Leid"),
        ("Ella dijo «ningún daño» dos veces.", "ningún daño"),
        ("She said ‘no one’s harm’ twice.", "no one’s harm"),
        ('הוא אמר "צה"ל כאן" פעמיים.', 'צה"ל כאן'),
        ("قالت «لا ضرر» مرتين.", "لا ضرر"),
        ("Она сказала «никакого вреда» дважды.", "никакого вреда"),
    ],
)
def test_a_quotation_is_found_between_the_marks_of_its_language(text: str, said: str) -> None:
    (found,) = quotations(text)

    assert found.text == said
    assert is_balanced(text)


@pytest.mark.parametrize(
    "text", ["It’s the boys’ boat.", 'ארגון צה"ל וחברת אל על', "He is 6' 2\" tall.", "L’école d’Arras"]
)
def test_apostrophes_and_gershayim_quote_nothing(text: str) -> None:
    assert quotations(text) == []


@pytest.mark.parametrize("text", ["She said “no harm.", "Elle dit « non.", "Sie sagte „nein.", "He (said so."])
def test_a_mark_without_its_other_half_is_seen(text: str) -> None:
    assert not is_balanced(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The lighthouse will not be moved."), ("en", "They didn’t move it."),
        ("fr", "Elle ne sera pas déplacée."),
        ("fr", "Il n’a rien vendu."), ("es", "El mercado no cerrará."), ("de", "Das Haus wird nicht verkauft."),
        ("de", "Es gibt kein Haus."), ("ru", "Паром не пришёл."), ("he", "הבניין לא ייבנה."),
        ("he", "ולא ייבנה בניין."),
        ("ar", "لن تنقل المخطوطات."), ("ar", "ولم يطلبوا المال."),
    ],
)  # fmt: skip
def test_a_negation_is_found_in_every_language(language: str, text: str) -> None:
    assert len(negations(text, language)) >= 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Not only the pier was rebuilt."), ("fr", "Il n’a que deux bateaux."),
        ("de", "Nicht nur der Hafen wächst."),
        ("en", "No more than three ships came."),
    ],
)  # fmt: skip
def test_what_looks_like_a_negation_and_denies_nothing_is_none(language: str, text: str) -> None:
    assert negations(text, language) == []
