"""Documents that hold for every keten: what the bus concludes, measures and signals, the clock, and the account."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Final

import msgspec

from topics.documents.document import Bevinding, Bewijs, Document, Instant, Moment


class Account(StrEnum):
    """Where a part of a message is. Also the status that the partner sees (DESIGN 7)."""

    ONDERWEG = "onderweg"
    TOEGEPAST = "toegepast"
    DUBBEL = "dubbel"
    WACHTEND = "wachtend"
    UITVAL = "uitval"
    VERVANGEN = "vervangen"
    TERUGGESTUURD = "teruggestuurd"
    AFGEVOERD = "afgevoerd"

    @property
    def final(self) -> bool:
        """Whether the part stays here unless a person decides otherwise."""
        return self not in (Account.ONDERWEG, Account.WACHTEND, Account.UITVAL)


class Reden(StrEnum):
    """Why a message became a dead letter: one list for metrics, the answer to the partner and the work list (DESIGN 7)."""

    ONLEESBAAR = "onleesbaar"
    ONGELDIG = "ongeldig"
    ONBEKENDE_CODE = "onbekende-code"
    ONBEVOEGD = "onbevoegd"
    ZONDER_SLEUTEL = "zonder-sleutel"
    ONBEKEND_DOSSIER = "onbekend-dossier"
    MEERDUIDIG = "meerduidig"
    STRIJDIG = "strijdig"
    MOGELIJK_DUBBEL = "mogelijk-dubbel"
    TE_GROOT = "te-groot"
    ONVERWACHT = "onverwacht"
    NIET_IN_KAART = "niet-in-kaart"


class Posting(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a receipt moved from one account to another; on `keten.spoor.v1`, keyed by receipt.

    The adapter's first posting of a receipt opens it: `van` absent, `naar` onderweg, `delen` = number of parts (>= 1),
    `deel` "-". Parts are "1".."n", or "-" for the whole receipt where nothing could be told apart (then n = 1).
    `dag` is the day of receipt in Europe/Amsterdam. `uit` is the id of the record, event or decision that
    moved it.
    """

    NAME: ClassVar[str] = "posting"
    VERSION: ClassVar[int] = 1

    ontvangst: str
    deel: str
    van: Account | None = None
    naar: Account
    partner: str
    dag: date
    uit: str
    delen: Annotated[int, msgspec.Meta(ge=1)] | None = None
    dossier: str | None = None
    reden: Reden | None = None
    bevindingen: tuple[Bevinding, ...] = ()


class Klok(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A tick on a log: everything received before `tot` has been read by every adapter that feeds this keten.

    `opgeschort` names partners whose messages are held at their source, by id and by GLN: signals against them are
    held back.
    """

    NAME: ClassVar[str] = "klok"
    VERSION: ClassVar[int] = 1

    tot: Instant
    opgeschort: tuple[str, ...] = ()


class Tik(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The clock's mark in a partition of `ruw.*`; the adapter answers with a Watermerk when it has read up to here."""

    NAME: ClassVar[str] = "tik"
    VERSION: ClassVar[int] = 1

    tot: Instant


class Watermerk(Document, frozen=True, kw_only=True, omit_defaults=True):
    """An adapter task has read its partition up to `tot`. Keyed `<topic>/<partition>` on `keten.watermerk.v1`."""

    NAME: ClassVar[str] = "watermerk"
    VERSION: ClassVar[int] = 1

    topic: str
    partitie: int
    tot: Instant


class Uitval(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A dead letter of an adapter whose dossier is known: the dossier is `onvolledig` until it is decided (DESIGN 7)."""

    NAME: ClassVar[str] = "uitval"
    VERSION: ClassVar[int] = 1

    brief: str
    reden: Reden
    afzender: str


class Hervat(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A person lifts the suspension of a partner; travels in the partner's own partition of `ruw.*`, so in order."""

    NAME: ClassVar[str] = "hervat"
    VERSION: ClassVar[int] = 1

    partner: str
    door: str
    reden: str


class Opschorting(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a partner's messages are refused at the intake, and why. Keyed by partner on `keten.opschorting.v1`.

    `glns`: under which the partner is known in dossiers, so that signals against it are held back.
    """

    NAME: ClassVar[str] = "opschorting"
    VERSION: ClassVar[int] = 1

    partner: str
    actief: bool
    sinds: Instant
    oorzaak: str
    glns: tuple[str, ...] = ()
    uitval: int = 0
    van: int = 0
    door: str | None = None


class Persoon(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Personal data of one message, apart from the log; keyed `<dossier>#<receipt>`. Erasing is a tombstone.

    `velden`: path in the canonical document -> text, such as `locatie.naam`, `locatie.straat`, `tekst`, `regel.1.tekst`.
    """

    NAME: ClassVar[str] = "persoon"
    VERSION: ClassVar[int] = 1

    velden: dict[str, str]


class AanZet(StrEnum):
    """Who has to do something next (ONDERHOUD 1)."""

    AANNEMER = "aannemer"
    OPDRACHTGEVER = "opdrachtgever"
    HUURDER = "huurder"
    NIEMAND = "niemand"


SecondenPerPartij = Annotated[
    dict[AanZet, int], msgspec.Meta(extra_json_schema={"propertyNames": {"enum": sorted(AanZet)}})
]


class Mijlpaal(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A code that counts, when it happened and when the bus knew."""

    code: str
    gebeurd: Moment
    bekend: Instant
    bewijs: Bewijs


class Deel(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A sub-order inside its order's dossier (ONDERHOUD 6): its state in the words of `Dossier.toestand`."""

    subnummer: str
    toestand: str
    aan_zet: AanZet
    gereed: Instant | None = None


class Afspraak(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A slot as a party reported it at `gebeurd`: offered, agreed, moved, kept or missed (`soort`, ONDERHOUD 3).

    `door`: who moved or missed it; `reden`: a status detail or a short word; `vorig_begin`: of a moved slot.
    """

    soort: str
    begin: Instant
    eind: Instant
    gebeurd: Instant
    door: str | None = None
    reden: str | None = None
    vorig_begin: Instant | None = None


class Meerwerk(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Extra work of `bedrag` euro excluding VAT, and why it counts (ONDERHOUD 4): `mandaat`, `goedkeuring` (a REA with
    an amount), `wijziging` (a changed order or a sub-order carries it), or `open`: it does not count yet."""

    bedrag: Decimal
    grond: str
    bewijs: Bewijs


class Dossier(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A dossier as others may see it; compacted, keyed by dossier on `keten.dossier.v1`.

    `toestand` of an order: the last milestone in words (`wachtend` without opdracht, then geregistreerd, geaccepteerd,
    geweigerd, in-behandeling, onderbroken, annulering-gevraagd, geannuleerd, technisch-gereed, administratief-gereed);
    of a vacancy its last step (opgezegd, voorinspectie, eindinspectie, sleutels-in, opgeleverd, sleutels-uit), or
    `aangekondigd` while only its orders named it; of a unit always `eenheid`.
    `feiten` counts what was applied; `wachtend` messages still waiting for their opdracht. `onvolledig`: ids of open
    dead letters. `buiten_beschouwing`: events that are facts but do not count. `geschorst`: a rule raised; see the alert.
    `reeks` rises by one with every event that changed the dossier. `in_een_keer_goed` of an order (ONDERHOUD 2): None
    while it is not known. `opdrachten`: keys of the orders that a unit or a vacancy groups. `delen`: the sub-orders of an
    order that has any; its own state is then that of the whole.

    `afspraken`: every slot that counts, in the order in which it happened. `bezoeken`: slots that were kept;
    `vergeefs`: visits in vain by cause (`aannemer-niet-verschenen`, or the status detail). `heropend`: how often a TGE
    was withdrawn. `huurder_seconden`: time that the tenant was aan zet, by status detail, of what has ended. `offerte`:
    the last step of the quotation. `meerwerk`: what extra work was asked, and whether it counts.

    Of an invoice `toestand` is `wachtend` (no order of it is known), ontvangen, betwist, deels-vrijgegeven, vrijgegeven,
    betaalbaar-gesteld, betaald or afgerond; of a contract always `contract`. `facturen`: keys of the invoices for an
    order or a contract; an invoice has its orders in `opdrachten`. Amounts as of a Factuurbeoordeling.
    """

    NAME: ClassVar[str] = "dossier"
    VERSION: ClassVar[int] = 1

    sleutel: str
    keten: str
    reeks: int
    toestand: str
    bijgewerkt: Instant
    opdrachtgever: str | None = None
    aannemer: str | None = None
    opdrachtnummer: str | None = None
    soort: str | None = None
    urgentie: str | None = None
    aan_zet: AanZet | None = None
    aan_zet_sinds: Instant | None = None
    klok_loopt: bool = False
    mijlpalen: tuple[Mijlpaal, ...] = ()
    feiten: int = 0
    wachtend: int = 0
    onvolledig: tuple[str, ...] = ()
    buiten_beschouwing: tuple[str, ...] = ()
    geschorst: bool = False
    in_een_keer_goed: bool | None = None
    opdrachten: tuple[str, ...] = ()
    delen: tuple[Deel, ...] = ()
    afspraken: tuple[Afspraak, ...] = ()
    bezoeken: int = 0
    vergeefs: dict[str, int] = msgspec.field(default_factory=dict)
    heropend: int = 0
    huurder_seconden: dict[str, int] = msgspec.field(default_factory=dict)
    offerte: str | None = None
    meerwerk: tuple[Meerwerk, ...] = ()
    facturen: tuple[str, ...] = ()
    factuurnummer: str | None = None
    leverancier: str | None = None
    te_betalen: Decimal | None = None
    vrijgegeven: Decimal | None = None
    betwist: Decimal | None = None
    in_behandeling: Decimal | None = None
    verrekend: Decimal | None = None


class Stand(StrEnum):
    """State of a measured interval."""

    OPEN = "open"
    GESLOTEN = "gesloten"
    VERVALLEN = "vervallen"
    INGETROKKEN = "ingetrokken"


UITGEBLEVEN: Final = "uitgebleven"
"""What is open while nothing can end it any more; beside the words of Stand, which a version cannot add to."""


class Doorlooptijd(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One revision of a measured interval; keyed by dossier on `keten.doorlooptijd.v1`. Revision 0 is its start (open;
    only a measure that is never seen open begins closed: meldvertraging, latere-keuze).

    `maat` of an order: acceptatie, afspraak-gemaakt, eerste-bezoek, veiliggesteld, technisch-gereed, meldvertraging,
    administratief-gereed, annulering, offerte, offertebesluit, latere-keuze, facturatie, gehele-keten; of a vacancy:
    opzegging-sleutels-in, sleutels-in-gereed, sleutels-in-opgeleverd, sleutels-in-sleutels-uit; of an invoice:
    beoordeling, betaling.

    Durations are whole seconds; `werkdagen` counts in the contract's calendar with the day of receipt as day 0.
    `netto_seconden` runs only while the contract clock runs; `aan_zet_seconden` splits gross time. Of an open interval
    durations stand up to the event that made this revision. `deadline` is the norm's end, with pauses up to now.
    `eindcode`: the status code of the fact that ended it (a WEI was refused, an ANN cancelled). `stil_sinds`: since when
    the contract clock has stood still, while `gepauzeerd`: a deadline that it had not reached by then does not pass.
    `kalenderdagen`: of the measures of a vacancy (which have no contractor) and of betaling, from day to day in
    Europe/Amsterdam.
    `subnummer`: of a sub-order's own measure; without it the measure is that of the whole order. `te_laat`: it ended
    after its deadline. `deadline_gevraagd`: what a VER asks for, while nobody agreed. `begin_huurder`: of a measure that
    begins with the order, when the tenant reported (else the order's own date), where that is another moment.

    `uitgebleven`: of what is open, when its dossier was closed without what ends it. Nothing can end it any more, so this
    is its last revision: durations stand up to then, and a deadline that passes, before or after, was not met.
    """

    NAME: ClassVar[str] = "doorlooptijd"
    VERSION: ClassVar[int] = 1

    dossier: str
    keten: str
    maat: str
    revisie: int
    stand: Stand
    opdrachtgever: str
    aannemer: str
    begin: Instant
    eind: Instant | None = None
    soort: str | None = None
    urgentie: str | None = None
    deadline: Instant | None = None
    gepauzeerd: bool = False
    bruto_seconden: int | None = None
    netto_seconden: int | None = None
    werkdagen: int | None = None
    aan_zet_seconden: SecondenPerPartij = msgspec.field(default_factory=dict)
    voorlopig: bool = False
    bevindingen: tuple[Bevinding, ...] = ()
    bewijs: tuple[Bewijs, ...] = ()
    eindcode: str | None = None
    stil_sinds: Instant | None = None
    kalenderdagen: int | None = None
    subnummer: str | None = None
    te_laat: bool = False
    deadline_gevraagd: Instant | None = None
    begin_huurder: Instant | None = None
    uitgebleven: Instant | None = None

    @property
    def standnaam(self) -> str:
        """How it stands in one word: its `stand`, or `uitgebleven` of what is open in a closed dossier."""
        return self.stand.value if self.uitgebleven is None else UITGEBLEVEN


class Signaal(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Something that asks for attention, or its withdrawal (`ingetrokken`); keyed by dossier on `keten.signaal.v1`.

    `id` is the same for a signal and its withdrawal. `soort`: norm-dreigt (the norm's share to warn at has passed),
    norm-overschreden, bericht-ontbreekt (what had to come next did not, `maat` says by which norm: of a measure, or
    reactie, informatie, terugmelding), beoordelen (a person must look at an event), geschorst (a rule raised on a tick),
    te-groot (the dossier grows beyond 256 kB). When the dossier is closed all of its signals are withdrawn: nothing that is
    sent can answer them any more.
    `tegen`: partner (GLN) whom it concerns; `subnummer`: the sub-order that it is about.
    """

    NAME: ClassVar[str] = "signaal"
    VERSION: ClassVar[int] = 1

    id: str
    dossier: str
    keten: str
    soort: str
    sinds: Instant
    tekst: str
    maat: str | None = None
    tegen: str | None = None
    ingetrokken: bool = False
    subnummer: str | None = None


class Regelbeoordeling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line of an invoice, in effective euro (Deelregel) excluding VAT: with its share of the document charges, so that
    the lines of a VAT category come to its base. `dossier`: key of the order (or contract) that answered; `reden`: why
    something is disputed. After the invoice's own lines come what follows none (`nummer` as `toeslag S 9`, `afronding`)."""

    nummer: str
    vrijgegeven: Decimal
    betwist: Decimal
    dossier: str | None = None
    in_behandeling: Decimal = Decimal(0)
    verrekend: Decimal = Decimal(0)
    reden: str = ""


class Btwbeoordeling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One VAT category and rate of an invoice, euro including VAT, charges and rounding. `categorie` empty: what is asked
    beside all categories, which is disputed."""

    categorie: str
    percentage: Decimal
    vrijgegeven: Decimal
    betwist: Decimal
    in_behandeling: Decimal = Decimal(0)
    verrekend: Decimal = Decimal(0)


class Factuurbeoordeling(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What of an invoice is released and what is disputed, in euro including VAT; keyed by the invoice's dossier.

    `vrijgegeven` + `betwist` + `in_behandeling` + `verrekend` = `te_betalen`, to the cent, also per VAT category.
    `in_behandeling`: of orders that did not answer yet. `verrekend`: disputed, and taken back by a credit (of a credit
    note: negative, what it took back) or withdrawn by the supplier; it is never paid. `g_vrijgegeven`: the part of
    `vrijgegeven` for the G-account. Release is advice to the client's ERP; what was released stays so.
    """

    NAME: ClassVar[str] = "factuurbeoordeling"
    VERSION: ClassVar[int] = 1

    dossier: str
    revisie: int
    vrijgegeven: Decimal
    betwist: Decimal
    munt: str = "EUR"
    te_betalen: Decimal | None = None
    in_behandeling: Decimal = Decimal(0)
    verrekend: Decimal = Decimal(0)
    g_vrijgegeven: Decimal | None = None
    opdrachtgever: str | None = None
    aannemer: str | None = None
    leverancier: str | None = None
    factuurnummer: str | None = None
    btw: tuple[Btwbeoordeling, ...] = ()
    regels: tuple[Regelbeoordeling, ...] = ()
    redenen: tuple[str, ...] = ()


class Kwantiel(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The duration by which the share has ended; not `bereikt`: it lies beyond `waarde`, the longest observed."""

    waarde: int
    bereikt: bool = True


class Kwantielen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """By Kaplan-Meier, open intervals censored (ONDERHOUD 2). Absent: nothing was observed, or not all in this unit."""

    p50: Kwantiel | None = None
    p90: Kwantiel | None = None


class Kpi(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The key figures of one group over one period; compacted on `keten.kpi.v1`, keyed by group and period.

    `naam` doorlooptijd: `periode` is a month (2026-03), or 30d or 90d, the last so many days; `van` and `tot` are its
    first and last day. `aantal` began in it and is closed, `open` or `uitgebleven` (its dossier was closed without its end);
    `vervallen`, `geweigerd` and `ingetrokken` beside.
    `bruto` and `netto` in seconds, `dagen` in days of the measure (`telt_in`: werkdagen or kalenderdagen). Of the
    deadlines in the period that have passed, `gevallen`, so many were met: `gehaald`; `waarde` is that share, absent
    when none passed. `deel`: of sub-orders' own measures. `stand_per`: up to when everything was read and counted.
    Version 1 had one figure in `waarde`, of `aantal`; nobody wrote it.
    """

    NAME: ClassVar[str] = "kpi"
    VERSION: ClassVar[int] = 2

    naam: str
    keten: str
    periode: str
    aantal: int
    waarde: Decimal | None = None
    opdrachtgever: str | None = None
    aannemer: str | None = None
    maat: str | None = None
    soort: str | None = None
    urgentie: str | None = None
    deel: bool = False
    telt_in: str | None = None
    van: date | None = None
    tot: date | None = None
    open: int = 0
    vervallen: int = 0
    geweigerd: int = 0
    ingetrokken: int = 0
    gevallen: int = 0
    gehaald: int = 0
    voorlopig: int = 0
    bruto: Kwantielen = Kwantielen()
    netto: Kwantielen = Kwantielen()
    dagen: Kwantielen = Kwantielen()
    aan_zet_seconden: SecondenPerPartij = msgspec.field(default_factory=dict)
    stand_per: Instant | None = None
    uitgebleven: int = 0
