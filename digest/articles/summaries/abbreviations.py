"""Full stops that end no sentence, and words that open one.

A list that lacks an abbreviation makes a false cut, one that has too many only a missed one: in doubt it is in.
"""

from __future__ import annotations

from digest.articles.blocks import word_set

#: Never the end of a sentence: a name, a number or a noun follows.
BINDING: dict[str, frozenset[str]] = {
    "en": word_set(
        """
        mr mrs ms mx dr prof rev hon st mt ft sen sens rep reps gov gens lt col gen brig maj capt cpt cmdr sgt
        cpl pvt adm supt insp det amb atty asst assoc sr fr msgr cllr v vs nos vol vols figs pp
        sec eq e.g i.e eg ie cf viz approx messrs mmes eds
        """
    ),
    "fr": word_set(
        """
        m mm mme mmes mlle mlles mgr dr drs pr prof st ste sts stes nos n chap fig p pp vol cf av
        apr bd al alin c.-à-d p.ex éd réf tél lt r.-v
        """
    ),
    "es": word_set(
        """
        sr sra sres sras srta srtas d dª dña dr dra dres prof profa lic ing arq st sto sta núm nº n arts
        fig p pp pág págs vol ed cf ej p.ej aprox av avda tel gral cnel tte mons ntra ntro fdo hnos dpto
        """
    ),
    "de": word_set(
        """
        hr fr fa frl dr prof dipl ing st nr abs bd s ca bzw vgl z.b d.h u.a o.ä z b d h u a i e o g r t v w p
        evtl ggf inkl exkl hrsg sog bspw habil rer nat phil jur med dr.-ing i.d u.u z.t n.n zzgl abzgl nördl südl
        """
    ),
    "he": word_set("פרופ גב מס עמ ר רח שד טל"),
    "ar": word_set("د أ م ص ج ط ت أ.د م.ص ق.م"),
    "ru": word_set(
        """
        им ул пл пер просп пр-т наб бул корп кв стр рис табл см ср напр т.е т.н т.к т.ч т акад проф доц канд д-р инж
        г-н г-жа гр ген полк подп лейт серж кап адм св прп архим еп митр оз обл р-н пос дер гл пп абз ред изд сост
        англ нем франц итал исп лат греч рус букв тел факс доб ок прим илл вып отв зав зам пом нач дир мл деп
        """
    ),
}
ANY_BINDING = frozenset().union(*BINDING.values())

#: Abbreviations that are words as well ("he said no. The …"), or end a sentence as often as not ("in Dec. The …").
BINDING_OR_WORD: dict[str, frozenset[str]] = {
    "en": word_set(
        """
        no art fig op ed al p v pt ch pres dep sun sat mon fri tue tues wed thu thur thurs jan feb mar apr jun jul aug
        sep sept oct nov dec ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont
        neb nev okla ore pa penn tenn tex va vt wash wis wyo est ca dept univ
        """
    ),
    "fr": word_set("art par me ex cap env hab gén col no janv févr avr juil sept oct nov déc"),
    "es": word_set("art cap ex col ud uds vd vds ene feb abr jun jul ago sept oct nov dic dcha izq"),
    "de": word_set("art mag min max str kap tel gest geb jan feb mär apr jun jul aug sep sept okt nov dez mio mrd tsd"),
    "ru": word_set("о ст ч п том отд"),
}
ANY_BINDING_OR_WORD = frozenset().union(*BINDING_OR_WORD.values())

#: These may end a sentence; they do so only before a word that nothing but a sentence opens with.
LOOSE = word_set(
    """
    inc corp co ltd llc llp plc bros jr sr esq phd ph.d m.d b.a m.a u.s u.k u.n e.u d.c a.m p.m am pm etc usw u.s.w
    cie sa s.a gmbh ag ave blvd rd mph sq in ft lbs oz ibid bc ad b.c a.d cal ee.uu uu jj.oo chr hg
    г гг в вв н.э э руб коп тыс млн млрд т.д т.п д п др пр проч чел час мин сек р с км кг шт экз
    """
)
#: Names that end in a mark: "Yahoo! News", "Wham! fans".
MARKED_NAMES = word_set("yahoo jeopardy wham panic airplane oklahoma yum joomla mamma ole")

STARTERS = word_set(
    """
    the a an this that these those he she it they we i you his her its their our my in on at but and or if when
    while as for from after before since with there here who what why how however meanwhile although though
    because so yet not no now then some many most all one two
    il elle ils elles le la les un une des ce cette ces nous mais et dans pour selon cela leur leurs son sa ses depuis
    el los las lo este esta esto estos pero y según una también su sus cuando desde hace ella ellos ayer
    der die das ein eine er sie es wir aber und im am mit nach ich ihr auch doch sein seine dies diese dieser
    il lo gli ma anche
    в на он она они оно мы вы это этот эта эти но и а по с со из к для при после до когда если так как его её их также
    однако поэтому сейчас сегодня вчера тогда там здесь у за что кто мой наш
    """
)
#: Before a number they never end anything, whatever they are elsewhere.
NUMBERED = word_set(
    "no nos nr nro núm num n p pp pg pág s art arts fig vol ch chap cap sec abs al kap стр рис ст п гл т"
)
#: Who speaks, and that they do: "“Why?” Ana Ruiz asked" is one sentence.
SAYING = word_set(
    """
    said says asked asks added adds replied wrote writes cried shouted wondered told explained argued insisted
    recalled continued yelled whispered answered quipped joked exclaimed announced warned
    """
)
#: The same in scripts without capitals, where the verb comes first.
SAYING_FIRST = word_set(
    """
    אמר אמרה אמרו שאל שאלה שאלו הוסיף הוסיפה הוסיפו השיב השיבה ענה ענתה כתב כתבה טען טענה צעק צעקה
    قال قالت قالوا سأل سألت أضاف أضافت تساءل تساءلت رد ردت كتب كتبت صاح صاحت
    """
)
