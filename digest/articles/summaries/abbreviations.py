"""Full stops that end no sentence, and words that open one.

A list that lacks an abbreviation makes a false cut, one that has too many only a missed one: in doubt it is in.
"""

from __future__ import annotations

from digest.articles.blocks import word_set

#: Never the end of a sentence: a name, a number or a noun follows.
BINDING: dict[str, frozenset[str]] = {
    "en": word_set(
        """
        mr mrs ms mx dr prof rev hon st mt ft sen sens rep reps gov lt col gen brig maj capt cpt cmdr sgt
        cpl pvt adm supt insp det pres amb atty asst assoc fr sr vs v no nos vol fig figs pp p art sec ch
        e.g i.e eg ie cf viz approx ala ariz ark calif colo conn del fla ill ind kan ky mass mich minn miss
        mont neb nev okla ore penn tenn tex wash wis wyo est dept univ jan feb mar apr jun jul aug sept sep
        oct nov dec mon tue tues wed thu thur thurs fri messrs mmes pt op ed eds al
        """
    ),
    "fr": word_set(
        """
        m mm mme mmes mlle mlles me mes dr pr prof st ste sts no nos art chap fig p pp vol cf ex env av apr
        bd janv févr avr juil sept oct nov déc c.-à-d p.ex hab éd réf tél
        """
    ),
    "es": word_set(
        """
        sr sra sres sras srta srtas d dª dña dr dra dres prof profa lic ing arq st sto sta núm nº no art cap
        fig p pp pág págs vol ed cf ej p.ej aprox av avda tel ud uds vd vds ee uu gral cnel ene feb abr jun
        jul ago sept oct nov dic mons ntra
        """
    ),
    "de": word_set(
        """
        hr fr frl dr prof dipl ing st nr art abs bd kap s ca bzw vgl z.b d.h u.a o.ä usw. z b d h u a i e v
        evtl ggf inkl exkl mio mrd tsd str tel hrsg jan feb mär apr jun jul aug sept okt nov dez chr geb
        gest sog u.s.w bspw mag habil rer nat phil jur med
        """
    ),
    "he": word_set(
        """
        ד״ר ד"ר פרופ פרופ' עו״ד עו"ד גב גב' מס מס' עמ עמ' ר ר' רח רח' שד שד' וכו' וגו' לפנה"ס לפנה״ס
        """
    ),
    "ar": word_set(
        """
        د أ م ص ج ه
        """
    ),
}
ANY_BINDING = frozenset().union(*BINDING.values())

#: English abbreviations that are words as well: "he said no. The …".
BINDING_OR_WORD = word_set("ill ind mass miss ore del wash no art fig sat sun mar mon fri ed op al p v pt")

#: These may end a sentence; they do so only before a word that nothing but a sentence opens with.
LOOSE = word_set(
    """
    inc corp co ltd llc llp plc bros jr sr esq phd ph.d m.d b.a m.a u.s u.k u.n e.u d.c a.m p.m am pm etc usw
    cie sa s.a gmbh ag ave blvd rd mph sq in ft lbs oz ibid bc ad b.c a.d
    """
)
STARTERS = word_set(
    """
    the a an this that these those he she it they we i you his her its their our my in on at but and or if when
    while as for from after before since with there here who what why how however meanwhile although though
    because so yet not no now then some many most all one two il elle ils elles le la les un une des ce cette
    ces on nous mais et en dans pour selon el los las una este esta pero y según der die das ein eine er sie es
    wir aber und im am mit nach
    """
)
