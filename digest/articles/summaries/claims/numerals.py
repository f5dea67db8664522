"""Lists for reading numbers: their words up to a hundred, their scales, and what they are counted in.

Plain spelling in the languages that the house reads; a word that is missing here is compared as a word.
"""

from __future__ import annotations

from digest.articles.summaries.claims.words import folded

#: By language: value → words. Of "one" alone nobody knows whether it counts.
_WORDS = {
    "en": "2 two|3 three|4 four|5 five|6 six|7 seven|8 eight|9 nine|10 ten|11 eleven|12 twelve dozen|13 thirteen"
    "|14 fourteen|15 fifteen|16 sixteen|17 seventeen|18 eighteen|19 nineteen|20 twenty|30 thirty|40 forty|50 fifty"
    "|60 sixty|70 seventy|80 eighty|90 ninety|3 third|4 fourth|5 fifth|6 sixth|7 seventh|8 eighth|9 ninth|10 tenth"
    "|11 eleventh|12 twelfth|20 twentieth",
    "fr": "2 deux deuxième|3 trois troisième|4 quatre quatrième|5 cinq cinquième|6 six sixième|7 sept septième"
    "|8 huit huitième|9 neuvième|10 dix dixième|11 onze|12 douze|13 treize|14 quatorze|15 quinze|16 seize|20 vingt"
    "|30 trente|40 quarante|50 cinquante|60 soixante",
    "es": "2 dos|3 tres tercero tercera tercer|4 cuatro cuarto cuarta|5 cinco quinto quinta|6 seis sexto sexta"
    "|7 siete séptimo séptima|8 ocho octavo octava|9 nueve noveno novena|10 diez décimo décima|11 once|12 doce"
    "|13 trece|14 catorce|15 quince|16 dieciséis|17 diecisiete|18 dieciocho|19 diecinueve|20 veinte|30 treinta"
    "|40 cuarenta|50 cincuenta|60 sesenta|70 setenta|80 ochenta|90 noventa",
    "de": "2 zwei zweite zweiten zweiter zweites|3 drei dritte dritten dritter drittes|4 vier vierte vierten vierter"
    "|5 fünf fünfte fünften|6 sechs sechste sechsten|7 sieben siebte siebten|8 acht achte achten|9 neun neunte neunten"
    "|10 zehn zehnte zehnten|11 elf|12 zwölf|13 dreizehn|14 vierzehn|15 fünfzehn|16 sechzehn|17 siebzehn|18 achtzehn"
    "|19 neunzehn|20 zwanzig|30 dreißig|40 vierzig|50 fünfzig|60 sechzig|70 siebzig|80 achtzig|90 neunzig",
    "ru": "2 два две двух двум двумя второй второго вторая|3 три трех трём трем тремя третий третьего третья"
    "|4 четыре четырех четырем|5 пять пяти пятью пятый|6 шесть шести шестой|7 семь семи седьмой|8 восемь восьми восьмой"
    "|9 девять девяти|10 десять десяти|11 одиннадцать|12 двенадцать двенадцати|13 тринадцать|14 четырнадцать"
    "|15 пятнадцать пятнадцати|16 шестнадцать|17 семнадцать|18 восемнадцать|19 девятнадцать|20 двадцать двадцати"
    "|30 тридцать тридцати|40 сорок сорока|50 пятьдесят|60 шестьдесят|70 семьдесят|80 восемьдесят|90 девяносто",
    "he": "2 שניים שתיים שני שתי|3 שלוש שלושה שלושת|4 ארבע ארבעה ארבעת|5 חמש חמישה חמשת|6 שש שישה ששת|7 שבע שבעה שבעת"
    "|8 שמונה שמונת|9 תשע תשעה|10 עשר עשרה עשרת|20 עשרים|30 שלושים|40 ארבעים|50 חמישים|60 שישים|70 שבעים|80 שמונים"
    "|90 תשעים",
    "ar": "2 اثنان اثنين اثنتين اثنتان|3 ثلاث ثلاثة|4 أربع أربعة|5 خمس خمسة|6 ست ستة|7 سبع سبعة|8 ثماني ثمانية ثمان"
    "|9 تسع تسعة|10 عشر عشرة|20 عشرون عشرين|30 ثلاثون ثلاثين|40 أربعون أربعين|50 خمسون خمسين|60 ستون ستين"
    "|70 سبعون سبعين|80 ثمانون ثمانين|90 تسعون تسعين",
}

#: By language: power of ten → words.
_SCALES = {
    "": "3 k|6 mn mio|9 bn mrd mds|12 tn",
    "en": "2 hundred|3 thousand|6 million m|9 billion b|12 trillion",
    "fr": "2 cent cents|3 mille milliers|6 million millions|9 milliard milliards",
    "es": "2 cien ciento|3 mil miles|6 millón millones|9 millardo|12 billón billones",
    "de": "2 hundert|3 tausend|6 million millionen|9 milliarde milliarden|12 billion billionen",
    "ru": "3 тысяча тысячи тысяч тыс|6 миллион миллиона миллионов млн|9 миллиард миллиарда миллиардов млрд"
    "|12 триллион триллиона триллионов трлн",
    "he": "3 אלף אלפים|6 מיליון מיליוני|9 מיליארד מיליארדי",
    "ar": "2 مئة مائة|3 ألف آلاف|6 مليون ملايين|9 مليار مليارات",
}

#: What is measured, in all languages together: unit → its words. Another unit is another fact.
_UNITS = {
    "%": "% percent pct prozent procent процент процента процентов אחוז אחוזים بالمئة بالمائة",
    "dollar": "$ us$ usd dollar dollars dólar dólares доллар доллара долларов דולר דולרים دولار دولارات",
    "euro": "€ eur euro euros евро אירו יורו يورو",
    "pound": "£ gbp pound pounds sterling livres libras pfund фунт фунта фунтов ליש״ט جنيه",
    "shekel": "₪ ils nis shekel shekels שקל שקלים ש״ח шекель шекелей شيكل شيقل",
    "rouble": "₽ rub rouble roubles ruble rubles рубль рубля рублей руб",
    "yen": "¥ jpy yen иен иены",
    "km": "km kilometre kilometres kilometer kilometers kilomètre kilomètres kilómetro kilómetros kilometern км"
    " километр"
    " километра километров ק״מ קילומטר קילומטרים كيلومتر كيلومترات كيلومترا",
    "mile": "mile miles milla millas meile meilen миля мили миль מייל מיילים ميل أميال",
    "metre": "metre metres meter meters metern mètre mètres metros метр метра метров מטר מטרים متر أمتار مترا",
    "cm": "cm centimetre centimetres centimeter centimeters centimètres centímetros zentimeter см ס״מ",
    "foot": "ft foot feet pieds",
    "kg": "kg kilo kilos kilogram kilograms kilogramm кг килограмм килограмма килограммов ק״ג كيلوغرام",
    "ton": "ton tons tonne tonnes tonelada toneladas tonnen тонна тонны тонн טון طن أطنان",
    "litre": "litre litres liter liters litro litros литр литра литров ליטר لتر",
    "hectare": "ha hectare hectares hectárea hectáreas hektar гектар гектара гектаров הקטר هكتار",
    "acre": "acre acres",
    "watt": "mw gw kw megawatt megawatts gigawatt megavatios мегаватт",
    "degree": "° °c °f degree degrees degrés grados grad градусов מעלות درجة",
}

#: How long something takes, or how old it is.
_TIMES = {
    "minute": "minute minutes minuto minutos minuten минут минуты דקה דקות دقيقة دقائق",
    "hour": "hour hours heure heures hora horas stunde stunden час часа часов שעה שעות ساعة ساعات",
    "day": "day days jour jours día días tag tage tagen день дня дней יום ימים يوم أيام يوما",
    "night": "night nights nuit nuits noche noches nacht nächte ночь ночи ночей לילה לילות ليلة ليال",
    "week": "week weeks semaine semaines semana semanas woche wochen неделя недели недель שבוע שבועות أسبوع أسابيع",
    "month": "month months mois mes meses monat monate monaten месяц месяца месяцев חודש חודשים شهر أشهر شهور شهرا",
    "season": "season seasons saison saisons temporada temporadas сезон сезона сезонов עונה עונות موسم مواسم",
    "summer": "summer summers été étés verano veranos sommer лето קיץ صيف",
    "winter": "winter winters hiver hivers invierno inviernos зима зимы חורף שתא شتاء",
    "year": "year years an ans année années año años jahr jahre jahren год года лет שנה שנים سنة سنوات عام أعوام عاما",
    "decade": "decade decades décennie décennies década décadas jahrzehnt jahrzehnte десятилетие עשור عقد عقود",
    "century": "century centuries siècle siècles siglo siglos jahrhundert jahrhunderte век века مئوية",
}


def _table(rows: str) -> dict[str, int]:
    """ "2 two|3 three" as word → 2; a word that is listed twice keeps its first meaning."""
    table: dict[str, int] = {}
    for row in rows.split("|"):
        value, *words = row.split()
        for word in words:
            table.setdefault(folded(word), int(value))
    return table


def _by_word(rows: dict[str, str]) -> dict[str, str]:
    return {folded(word): name for name, words in rows.items() for word in words.split()}


NUMBER_WORDS = {language: _table(rows) for language, rows in _WORDS.items()}
SCALES = {language: _table(rows) | _table(_SCALES[""]) for language, rows in _SCALES.items()}
UNITS = _by_word(_UNITS)
TIMES = _by_word(_TIMES)
