"""Invoices and their steps in the plain JSON form: models, and from and to the content of a message.

Amounts are signed: those of a credit are negative. Accounts and free texts are personal data.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from adapters.formats.jsonhead import MAX_LINES, Bericht, Bijlage, Datum, Eenheid, Strict
from adapters.formats.modeltypes import Bedrag, Getal, Gln, Kort, Lang, Nummer, Regeltekst, Tijd, Wanneer
from adapters.formats.personal import noun_of
from adapters.message import FactuurInhoud
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag, Kostensoort

Btwcategorie = Literal["S", "E", "AE", "Z", "G", "K", "L", "M", "O"]
_NOTHING = Decimal(0)
_LINE_TEXTS = ("omschrijving", "toelichting")


class Koper(Strict):
    """Numbers of the buyer, beside or instead of the GLN in `opdrachtgever`."""

    kvk: Kort | None = None
    btw: Kort | None = None
    oin: Kort | None = None


class Regel(Strict):
    """A line. `bedrag`: its total excluding VAT, `toeslag` (charges less allowances of the line) included. `prijs` per
    `prijsbasis`; `prijsaantal` and `prijseenheid` where the price counts in another unit than `aantal`."""

    nummer: Nummer
    bedrag: Bedrag
    btw_categorie: Btwcategorie
    btw_percentage: Getal
    opdrachtnummer: Nummer | None = None
    subnummer: Nummer | None = None
    prijscode: Nummer | None = None
    aantal: Getal | None = None
    eenheid: Eenheid | None = None
    prijs: Getal | None = None
    prijsbasis: Getal | None = None
    prijseenheid: Eenheid | None = None
    prijsaantal: Getal | None = None
    toeslag: Bedrag = _NOTHING
    soort: Literal["arbeid", "materiaal"] | None = None
    meerwerk: bool = False
    omschrijving: Regeltekst | None = None
    toelichting: Lang | None = None


class Toeslag(Strict):
    """A charge on the whole invoice; negative: an allowance."""

    bedrag: Bedrag
    btw_categorie: Btwcategorie
    btw_percentage: Getal
    reden: Regeltekst | None = None


class Btw(Strict):
    """VAT of one category and rate."""

    categorie: Btwcategorie
    percentage: Getal
    grondslag: Bedrag
    bedrag: Bedrag


class FactuurBericht(Bericht):
    """An invoice or credit note. The buyer by `opdrachtgever` (GLN) or `koper`; the order on the lines, or
    `opdrachtnummer` for all lines that name none; a periodic invoice names its `contract`."""

    soort: Literal["factuur"]
    factuurnummer: Nummer
    factuurdatum: Datum
    te_betalen: Bedrag
    netto: Bedrag
    regels: list[Regel] = Field(min_length=1, max_length=MAX_LINES)
    opdrachtgever: Gln | None = None
    koper: Koper | None = None
    aannemer: Gln | None = None
    btw_nummer: Kort | None = None
    kvk_nummer: Kort | None = None
    opdrachtnummer: Nummer | None = None
    subnummer: Nummer | None = None
    contract: Nummer | None = None
    periode_van: Datum | None = None
    periode_tot: Datum | None = None
    leverdatum: Datum | None = None
    vervaldatum: Datum | None = None
    typecode: Literal["380", "381", "384", "389"] = "380"
    munt: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "EUR"
    toeslagen: list[Toeslag] = Field(default=[], max_length=200)
    btw: list[Btw] = Field(default=[], max_length=50)
    afronding: Bedrag = _NOTHING
    vooruitbetaald: Bedrag = _NOTHING
    toeslag_totaal: Bedrag | None = None
    btw_totaal: Bedrag | None = None
    btw_verlegd: bool | None = None
    iban: Kort | None = None
    g_iban: Kort | None = None
    g_bedrag: Bedrag | None = None
    ketenaansprakelijk: bool | None = None
    verwijst_naar: Nummer | None = None
    bijlagen: list[Bijlage] = Field(default=[], max_length=200)


class FactuurstatusBericht(Bericht):
    """A step of an invoice that was sent earlier. `leverancier`: the VAT or KvK number by which it was sent; `bedrag` in
    euro including VAT; `opdrachtnummer` when it is about what is disputed of one order only."""

    soort: Literal["factuurstatus"]
    opdrachtgever: Gln
    aannemer: Gln | None = None
    leverancier: Kort
    factuurnummer: Nummer
    stap: Literal["betaalbaar-gesteld", "betaald", "geaccepteerd", "ingetrokken"]
    gebeurd: Wanneer
    bedrag: Bedrag | None = None
    opdrachtnummer: Nummer | None = None


def content(message: FactuurBericht, personen: dict[str, str]) -> FactuurInhoud:
    """The content of `message`; its free texts go to `personen`."""
    koper = message.koper.model_dump(exclude_none=True) if message.koper is not None else {}
    for position, line in enumerate(message.regels, 1):
        texts = {field: getattr(line, field) for field in _LINE_TEXTS}
        personen.update({f"regel.{position}.{field}": text for field, text in texts.items() if text is not None})
    return FactuurInhoud(
        factuurnummer=message.factuurnummer,
        factuurdatum=_required(message.factuurdatum),
        te_betalen=message.te_betalen,
        netto=message.netto,
        btw_nummer=message.btw_nummer,
        kvk_nummer=message.kvk_nummer,
        koper=tuple(koper.items()),
        typecode=message.typecode,
        munt=message.munt,
        regels=tuple(map(_line, message.regels)),
        toeslagen=tuple(
            Factuurtoeslag(
                bedrag=one.bedrag,
                btw_categorie=one.btw_categorie,
                btw_percentage=one.btw_percentage,
                reden=noun_of(personen, f"toeslag.{position}.reden", one.reden),
            )
            for position, one in enumerate(message.toeslagen, 1)
        ),
        btw=tuple(Btwbedrag(**one.model_dump()) for one in message.btw),
        afronding=message.afronding,
        vooruitbetaald=message.vooruitbetaald,
        toeslag_totaal=message.toeslag_totaal,
        btw_totaal=message.btw_totaal,
        btw_verlegd=message.btw_verlegd,
        iban=message.iban,
        g_iban=message.g_iban,
        g_bedrag=message.g_bedrag,
        ketenaansprakelijk=message.ketenaansprakelijk,
        verwijst_naar=message.verwijst_naar,
        contract=message.contract,
        periode_van=_day(message.periode_van),
        periode_tot=_day(message.periode_tot),
        leverdatum=_day(message.leverdatum),
        vervaldatum=_day(message.vervaldatum),
    )


def _line(line: Regel) -> Factuurregel:
    fields = line.model_dump(exclude={*_LINE_TEXTS, "soort"})
    return Factuurregel(**fields, soort=Kostensoort(line.soort) if line.soort is not None else None)


def _required(time: Tijd) -> date:
    return date.fromisoformat(time.text)


def _day(time: Tijd | None) -> date | None:
    return None if time is None else _required(time)
