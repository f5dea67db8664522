"""One piece of news in each of the seven languages, with two good summaries of it by a person who kept to the text."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model import Article
from tests.articles.texts import text


@dataclass(frozen=True, slots=True)
class Town:
    article: Article
    first: str
    second: str

    @property
    def good(self) -> tuple[str, str]:
        return self.first, self.second


PIER = Town(
    Article(
        url="https://harbour.example/pier",
        headline="The north pier will be rebuilt",
        language="en",
        body=text(
            "The harbour board voted on Tuesday to rebuild the north pier, four years after a storm took half of it"
            " away. The work will begin in spring and is to last for two summers, said Ada Brook, who chairs the"
            " board.",
            "Fishermen who lost their moorings in the storm have been using the pier at Saltmarsh, eleven miles up the"
            " coast. “We have burned more diesel than we have caught herring,” Tom Reed, a fisherman, told the meeting."
            " Several of them applauded when the result was read out: seven in favour, two against.",
            "The money, $4.5 million in all, comes from a fund for coastal repairs and from a levy on visiting yachts"
            " that brings in 12 per cent of it. The old lighthouse will not be moved, although an engineer had asked"
            " for that. The board expects the new pier to open on 3 May 2028 and to carry a ferry landing as well.",
        ),
    ),
    "The north pier, half of which a storm took four years ago, will be rebuilt from spring on for $4.5 million."
    " Seven members of the harbour board voted in favour and two against.",
    "After two summers of work the harbour is to have its pier back, and a ferry landing with it. The old"
    " lighthouse will not be moved, and “we have burned more diesel than we have caught herring” may soon be over"
    " for fishermen at Saltmarsh.",
)

DIGUE = Town(
    Article(
        url="https://rade.example/digue",
        headline="La digue de Plouvan sera relevée",
        language="fr",
        body=text(
            "Le conseil municipal de Plouvan a voté mardi le relèvement de la digue, deux ans après la tempête"
            " qui avait"
            " inondé 340 maisons. Les travaux commenceront le 12 mars et dureront dix-huit mois, a précisé la maire,"
            " Jeanne Le Goff.",
            "« Personne n'a oublié cette nuit-là », a déclaré Marc Kerdoncuff, qui préside l'association des sinistrés."
            " Une partie des habitants demandait que la route côtière soit déplacée ; elle ne le sera pas, faute de"
            " terrain.",
            "Le chantier coûtera 3,2 millions d'euros, dont 60 % seront payés par la région. L'école du port restera"
            " fermée jusqu'à la fin des travaux, et ses 85 élèves seront accueillis au bourg.",
        ),
    ),
    "Deux ans après la tempête qui avait inondé 340 maisons, Plouvan relèvera sa digue pour 3,2 millions d'euros."
    " Les travaux commenceront le 12 mars.",
    "La route côtière de Plouvan ne sera pas déplacée, faute de terrain, mais la digue sera relevée. Pendant les"
    " travaux, l'école du port reste fermée et ses 85 élèves vont au bourg.",
)

BIBLIOTHEK = Town(
    Article(
        url="https://moor.example/bibliothek",
        headline="Die Bücherei zieht in den Bahnhof",
        language="de",
        body=text(
            "Die Stadtbücherei von Moorhausen zieht in den alten Bahnhof. Der Stadtrat stimmte am Donnerstag mit"
            " 14 zu 9"
            " Stimmen für den Umbau, der 2,8 Millionen Euro kosten soll. Am 1. Oktober beginnen die Arbeiten.",
            "„Hier kommt jeder vorbei“, sagte Bürgermeisterin Karin Thoms nach der Sitzung. Der Förderverein"
            " hatte 4.200"
            " Unterschriften für den Umzug gesammelt. Die Gegner hielten das Gebäude für zu laut, denn einmal in der"
            " Stunde hält noch immer ein Zug.",
            "Das alte Haus am Markt wird nicht verkauft. Dort soll die Musikschule einziehen, die bisher keinen eigenen"
            " Saal hat. Rund 30.000 Bände müssen in zwei Wochen umgeräumt werden.",
        ),
    ),
    "Moorhausens Stadtbücherei zieht in den alten Bahnhof: Mit 14 zu 9 Stimmen beschloss der Stadtrat den Umbau,"
    " der 2,8 Millionen Euro kosten soll und am 1. Oktober beginnt.",
    "Das alte Haus am Markt wird nicht verkauft, sondern von der Musikschule bezogen, wenn die Bücherei mit ihren"
    " rund 30.000 Bänden in den Bahnhof umzieht. „Hier kommt jeder vorbei“, sagte Bürgermeisterin Karin Thoms.",
)

MERCADO = Town(
    Article(
        url="https://ribera.example/mercado",
        headline="El mercado de Villarroya no cerrará",
        language="es",
        body=text(
            "El mercado de Villarroya no cerrará este invierno. El ayuntamiento aprobó el lunes una ayuda de 450.000"
            " euros para arreglar el tejado, que se hundió en febrero durante una nevada.",
            "Los 38 puestos seguirán abiertos durante las obras, que durarán siete meses. «Mi abuela vendía aquí"
            " naranjas», recordó Elena Marín, portavoz de los vendedores. Ninguno de ellos aceptó trasladarse al"
            " polígono.",
            "La alcaldesa, Rosa Íñiguez, prometió que el alquiler no subirá antes de 2029. La oposición votó en contra"
            " porque el 20 % del dinero sale de las fiestas de agosto.",
        ),
    ),
    "El ayuntamiento de Villarroya pagará 450.000 euros para arreglar el tejado del mercado, que se hundió en"
    " febrero. Los 38 puestos seguirán abiertos durante los siete meses de obras.",
    "El mercado de Villarroya no cerrará y el alquiler no subirá antes de 2029, prometió la alcaldesa, Rosa"
    " Íñiguez. La oposición votó en contra porque el 20 % del dinero sale de las fiestas.",
)

MOST = Town(
    Article(
        url="https://zareka.example/most",
        headline="Мост в Заречье откроют весной",
        language="ru",
        body=text(
            "Городской совет Заречья в среду утвердил ремонт моста, который закрыли три года назад после паводка."
            " Работы начнутся 10 марта и обойдутся в 240 миллионов рублей, сообщила мэр Анна Лебедева.",
            "Всё это время жители левого берега ездили в школу и больницу через Каменку, за 18 километров. «Зимой мы"
            " вставали в пять утра», рассказал учитель Пётр Сомов. Паром, который обещали им весной, так и не пришёл.",
            "Движение грузовиков по мосту не разрешат. Половину денег даёт область, ещё 15 процентов собрали сами"
            " жители. Первый автобус должен пройти по мосту в сентябре.",
        ),
    ),
    "Мост в Заречье, закрытый три года назад после паводка, начнут ремонтировать 10 марта. Работы обойдутся в 240"
    " миллионов рублей, половину даёт область.",
    "Три года жители левого берега ездили в школу и больницу через Каменку, за 18 километров: обещанный паром не"
    " пришёл. Теперь мост отремонтируют, но движение грузовиков по нему не разрешат.",
)

PARK = Town(
    Article(
        url="https://gan.example/park",
        headline="הפארק ליד הנחל ייפתח בקיץ",
        language="he",
        body=text(
            "מועצת העיר נחל שקמה אישרה ביום שלישי את הקמת הפארק שלאורך הנחל, חמש שנים לאחר שהתוכנית הוגשה לראשונה."
            " העבודות יתחילו ב-15 בינואר ויימשכו שישה חודשים, אמרה ראשת העיר דליה ברק.",
            "“הילדים שלנו שיחקו עד היום במגרש חניה”, אמר יוסי מלכה, יושב ראש ועד השכונה. התושבים אספו 2,300 חתימות נגד"
            " בניית בניין משרדים במקום, והבניין לא ייבנה.",
            "עלות הפארק היא 7 מיליון שקל, ומתוכם 40 אחוז ישלם המשרד להגנת הסביבה. בפארק יינטעו 600 עצים, והכניסה אליו"
            " תהיה חינם. החנייה הישנה תיסגר בסוף החודש.",
        ),
    ),
    "חמש שנים לאחר שהתוכנית הוגשה, מועצת העיר נחל שקמה אישרה את הקמת הפארק שלאורך הנחל. העבודות יתחילו ב-15 בינואר"
    " ויימשכו שישה חודשים, ובפארק יינטעו 600 עצים.",
    "בניין המשרדים שהתושבים אספו נגדו 2,300 חתימות לא ייבנה, ובמקומו יקום פארק בעלות של 7 מיליון שקל. הכניסה לפארק"
    " תהיה חינם.",
)

MAKTABA = Town(
    Article(
        url="https://wadi.example/maktaba",
        headline="المكتبة القديمة في وادي الزيتون تفتح أبوابها من جديد",
        language="ar",
        body=text(
            "قرر مجلس بلدية وادي الزيتون يوم الأربعاء ترميم المكتبة القديمة التي أغلقت قبل ست سنوات بعد حريق في السقف."
            " وتبدأ الأعمال في 5 فبراير وتستمر ثمانية أشهر، حسب ما قالت رئيسة البلدية سلمى حداد.",
            "وقال المعلم يوسف النجار: «تعلمت القراءة بين هذه الجدران». وجمع سكان الحي 1200 كتاب خلال الصيف، ولم يطلبوا"
            " مقابلها أي مال.",
            "وتبلغ كلفة المشروع 3 ملايين دولار، تدفع الوزارة 30 في المئة منها. ولن تنقل المخطوطات إلى العاصمة كما اقترح"
            " بعض الخبراء، بل تبقى في قاعة جديدة داخل المبنى.",
        ),
    ),
    "قرر مجلس بلدية وادي الزيتون ترميم المكتبة القديمة التي أغلقت قبل ست سنوات بعد حريق. وتبدأ الأعمال في 5 فبراير"
    " وتستمر ثمانية أشهر.",
    "لن تنقل المخطوطات إلى العاصمة، بل تبقى في قاعة جديدة داخل المكتبة القديمة التي تبلغ كلفة ترميمها 3 ملايين"
    " دولار. وجمع سكان الحي 1200 كتاب خلال الصيف.",
)

TOWNS = (PIER, DIGUE, BIBLIOTHEK, MERCADO, MOST, PARK, MAKTABA)
