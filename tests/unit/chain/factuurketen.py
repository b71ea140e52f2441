"""Invoices for tests: as an adapter writes them, with short names for what is dull. On `dossiers.Keten`."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as other
from datetime import date, timedelta
from decimal import Decimal

from msgspec.structs import replace

from tests.unit.chain.berichten import AANNEMER, CORPORATIE, KALENDER, KETEN, TOPIC, VOORWAARDEN, Bericht
from tests.unit.chain.dossiers import NAMEN, Keten, Zending, dag, sleutel
from tests.unit.chain.facturen import per
from topics import documents, keys
from topics.catalogue.declarations import FACTUURBEOORDELING, dead_letter_topic
from topics.deadletters import Letter
from topics.documents import Moment, Reden
from topics.documents.factuur import (
    Btwbedrag,
    Factuur,
    Factuurregel,
    Factuurstap,
    Factuurstatus,
    Factuurvoorwaarden,
)
from topics.documents.keten import Factuurbeoordeling
from topics.documents.onderhoud import Norm, Opdracht, Regel

LEVERANCIER = "NL001234567B01"
NORMEN = (Norm(maat="beoordeling", waarde=Decimal(5)),)
CENT = Decimal("0.01")


def factuur_sleutel(nummer: str, leverancier: str = LEVERANCIER) -> str:
    return keys.invoice_key(KETEN, leverancier, nummer)


@dataclass(frozen=True)
class Post:
    """A line: of an order, `aantal` pieces of code A1 together `bedrag`, at a VAT rate."""

    order: str | None
    bedrag: str
    aantal: str | None = None
    btw: str = "21"
    sub: str | None = None
    meerwerk: bool = False


def opdracht(
    nummer: str,
    op: float,
    *,
    som: str = "100",
    afspraak: str | None = "ANS",
    specificatie: str | None = None,
    bericht: str = "",
    subnummer: str | None = None,
    aannemer: str = AANNEMER,
    facturatie: int | None = None,
) -> Zending:
    """An order for one piece of code A1 at `som` euro. `facturatie`: the norm in working days."""
    norms = () if facturatie is None else (Norm(maat="facturatie", waarde=Decimal(facturatie)),)
    at = dag(op)
    document = Opdracht(
        berichtnummer=bericht or f"{nummer}-{op}-{subnummer or ''}",
        afzender=CORPORATIE,
        opdrachtgever=CORPORATIE,
        aannemer=aannemer,
        opdrachtnummer=nummer,
        verzonden=Moment(at),
        voorwaarden=replace(VOORWAARDEN, normen=(*VOORWAARDEN.normen, *norms)),
        soort="REP",
        afspraak=afspraak,
        specificatie=specificatie,
        subnummer=subnummer,
        regels=(Regel(nummer=1, aantal=Decimal(1), eenheid="PCE", prijscode="A1", prijs=Decimal(som)),),
    )
    return Zending(Bericht(document, at, NAMEN[CORPORATIE]), sleutel(nummer))


def factuur(
    nummer: str,
    op: float,
    *posten: Post,
    iban: bool = True,
    bekend: bool = True,
    door: str = AANNEMER,
    leverancier: str = LEVERANCIER,
    datum: date = date(2026, 3, 10),
    verwijst: str | None = None,
    contract: str | None = None,
    periode: tuple[date, date] | None = None,
    afkoop: str | None = None,
    bericht: str = "",
    wachttijd: int = 72,
    typecode: str = "380",
    g_bedrag: str | None = None,
) -> Zending:
    """Known on day `op`; its VAT is what its lines come to."""
    terms = Factuurvoorwaarden(
        profiel="0123456789abcdef",
        kalender=KALENDER,
        normen=NORMEN,
        wachttijd_uren=wachttijd,
        afkoop=None if afkoop is None else per(afkoop),
    )
    vat = _vat(posten)
    net = sum((Decimal(post.bedrag) for post in posten), Decimal(0))
    document = Factuur(
        berichtnummer=bericht or f"bericht-{nummer}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        aannemer=door,
        leverancier=leverancier,
        factuurnummer=nummer,
        factuurdatum=datum,
        te_betalen=net + sum((one.bedrag for one in vat), Decimal(0)),
        netto=net,
        iban_bekend=iban,
        leverancier_bekend=bekend,
        voorwaarden=terms,
        typecode=typecode,
        regels=tuple(_line(number, post) for number, post in enumerate(posten, 1)),
        btw=vat,
        verwijst_naar=verwijst,
        contract=contract,
        periode_van=None if periode is None else periode[0],
        periode_tot=None if periode is None else periode[1],
        g_bedrag=None if g_bedrag is None else Decimal(g_bedrag),
    )
    return Zending(Bericht(document, dag(op), NAMEN.get(door, "vreemd")), factuur_sleutel(nummer, leverancier))


def factuurstap(
    nummer: str,
    stap: Factuurstap,
    op: float,
    *,
    door: str = CORPORATIE,
    bedrag: str | None = None,
    order: str | None = None,
    leverancier: str = LEVERANCIER,
    bericht: str = "",
) -> Zending:
    document = Factuurstatus(
        berichtnummer=bericht or f"{nummer}-{stap.value}-{op}-{order or ''}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        leverancier=leverancier,
        factuurnummer=nummer,
        stap=stap,
        gebeurd=Moment(dag(op)),
        bedrag=None if bedrag is None else Decimal(bedrag),
        opdrachtnummer=order,
    )
    known = dag(op) + timedelta(minutes=5)
    return Zending(Bericht(document, known, NAMEN.get(door, "vreemd")), factuur_sleutel(nummer, leverancier))


def opnieuw(zending: Zending, besluit: str = "b" * 32) -> Zending:
    """The same message, sent again by a person's decision."""
    return other(zending, bericht=other(zending.bericht, oorzaak=besluit, ontvangst=zending.bericht.receipt))


class Facturen(Keten):
    """The chain, with what was judged of invoices."""

    def oordelen(self, nummer: str, leverancier: str = LEVERANCIER) -> list[Factuurbeoordeling]:
        key = factuur_sleutel(nummer, leverancier)
        found = [
            documents.decode(read.envelope().type, read.value or b"") for read in self.bus.records(FACTUURBEOORDELING)
        ]
        return [one for one in found if isinstance(one, Factuurbeoordeling) and one.dossier == key]

    def oordeel(self, nummer: str, leverancier: str = LEVERANCIER) -> Factuurbeoordeling:
        """The last; fails when the amounts do not add up."""
        last = self.oordelen(nummer, leverancier)[-1]
        assert last.vrijgegeven + last.betwist + last.in_behandeling + last.verrekend == last.te_betalen
        return last

    def toestand(self, nummer: str, leverancier: str = LEVERANCIER) -> str:
        return self.dossier(factuur_sleutel(nummer, leverancier)).toestand

    def brieven(self) -> list[tuple[Reden, str]]:
        """Reason and dossier of every dead letter."""
        letters = [Letter.read(read.headers) for read in self.bus.records(dead_letter_topic(TOPIC))]
        return [(letter.reden, letter.dossier) for letter in letters]

    def bevindingen(self) -> list[str]:
        """Codes of the findings of every dead letter."""
        letters = [Letter.read(read.headers) for read in self.bus.records(dead_letter_topic(TOPIC))]
        return [finding.code for letter in letters for finding in letter.bevindingen]

    def account(self, zending: Zending) -> str:
        return self.rekening()[zending.bericht.receipt]

    def beoordelen(self, key: str) -> set[str]:
        """Texts that ask for a person and stand."""
        standing: dict[str, str] = {}
        for signal in self.signalen(key):
            if signal.soort == "beoordelen":
                standing[signal.id] = "" if signal.ingetrokken else signal.tekst
        return {text for text in standing.values() if text}


def _line(number: int, post: Post) -> Factuurregel:
    count = None if post.aantal is None else Decimal(post.aantal)
    return Factuurregel(
        nummer=str(number),
        bedrag=Decimal(post.bedrag),
        btw_categorie="S" if Decimal(post.btw) else "AE",
        btw_percentage=Decimal(post.btw),
        opdrachtnummer=post.order,
        subnummer=post.sub,
        prijscode=None if count is None else "A1",
        aantal=count,
        eenheid=None if count is None else "PCE",
        prijs=None if count is None else Decimal(post.bedrag) / count,
        meerwerk=post.meerwerk,
    )


def _vat(posten: Sequence[Post]) -> tuple[Btwbedrag, ...]:
    bases: dict[str, Decimal] = {}
    for post in posten:
        bases[post.btw] = bases.get(post.btw, Decimal(0)) + Decimal(post.bedrag)
    return tuple(
        Btwbedrag(
            categorie="S" if Decimal(rate) else "AE",
            percentage=Decimal(rate),
            grondslag=base,
            bedrag=(base * Decimal(rate) / 100).quantize(CENT),
        )
        for rate, base in bases.items()
    )
