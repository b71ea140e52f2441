"""The partners of the week as their profiles describe them, read plainly: words by code, and the terms of each pair."""

import tomllib
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from adapters.generator.factuur import cents
from adapters.generator.kalender import Kalender
from topics.profile.samples import FOLDER

NARROWNESS: Final = ("urgentie", "soort")
BEGIN: Final = date(2026, 3, 30)
"""The first day of the weeks."""


class Norm(msgspec.Struct, frozen=True):
    """`waarde` in working days, or in hours 24 x 7. `waarschuwen`: share of the term after which it threatens."""

    waarde: Decimal
    uren: bool
    waarschuwen: Decimal | None


class Factuurtermen(msgspec.Struct, frozen=True, kw_only=True):
    """What a pair agreed about invoices, in cents. `prijzen` per unit of a code, and `afkoop` per month of a
    contract, on the day on which the weeks begin."""

    leverancier: str
    kvk: str
    ibans: tuple[str, ...]
    g_ibans: tuple[str, ...]
    prijzen: dict[str, int]
    tolerantie: int
    tolerantie_percentage: Decimal
    plafond: int | None
    afkoop: dict[str, int]
    termijn: int
    g_arbeid: bool
    eigenbouwer: bool


class Termen(msgspec.Struct, frozen=True, kw_only=True):
    """What a client agreed with an aannemer."""

    aannemer: str
    contracten: tuple[str, ...]
    wachttijd: int
    kalender: Kalender
    normen: tuple[dict[str, str], ...]
    mandaat: Decimal | None = None
    terugdateren: int | None = None
    facturen: Factuurtermen

    def norm(self, maat: str, soort: str | None, urgentie: str) -> Norm | None:
        """The narrowest norm that fits: kind and urgency, else urgency, else kind, else neither."""
        fitting = [
            norm
            for norm in self.normen
            if norm["maat"] == maat and norm.get("soort", soort) == soort and norm.get("urgentie", urgentie) == urgentie
        ]
        if not fitting:
            return None
        best = max(fitting, key=lambda norm: tuple(name in norm for name in NARROWNESS))
        warn = best.get("waarschuwen")
        return Norm(Decimal(best["waarde"]), best.get("eenheid") == "uren", None if warn is None else Decimal(warn))


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """`woorden`: its own word and detail for a code and detail of DICO. `termen` by the aannemer's GLN."""

    id: str
    naam: str
    kind: str
    gln: str
    btw_nummer: str
    kvk_nummer: str
    aliassen: tuple[str, ...]
    formaten: tuple[str, ...]
    woorden: dict[tuple[str, str | None], tuple[str, str | None]]
    urgenties: dict[str, str]
    termen: dict[str, Termen]
    documenten: frozenset[str]

    @property
    def client(self) -> bool:
        return bool(self.termen)

    def detail(self, code: str, detail: str | None) -> str | None:
        """`detail`, or None when this partner has no word for the code with it."""
        return detail if (code, detail) in self.woorden else None

    def word(self, code: str, detail: str | None) -> tuple[str, str | None]:
        """Its own status word and detail. Raises KeyError when it has none."""
        return self.woorden[(code, detail)]


def load(folder: Path = FOLDER) -> dict[str, Partner]:
    """The sample partners, by id."""
    found = [_partner(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*/1.toml"))]
    return {partner.id: partner for partner in found}


class _Status(msgspec.Struct):
    code: str
    detail: str | None = None


class _Calendar(msgspec.Struct):
    werkdagen: list[int]
    vrije_dagen: list[date]
    begin: time
    eind: time


class _Prijs(msgspec.Struct):
    code: str
    prijs: Decimal
    geldig_tot: date | None = None


class _Afkoop(msgspec.Struct):
    contract: str
    bedrag: Decimal
    periode: str
    geldig_vanaf: date
    geldig_tot: date


class _Facturen(msgspec.Struct):
    btw_nummers: list[str]
    kvk_nummers: list[str]
    ibans: list[str]
    prijsboek: list[_Prijs]
    g_ibans: list[str] = []
    tolerantie: Decimal = Decimal(0)
    tolerantie_percentage: Decimal = Decimal(0)
    regieplafond: Decimal | None = None
    afkoop: list[_Afkoop] = []
    betaaltermijn_dagen: int = 30
    g_regel: str = "arbeid"
    eigenbouwer: bool = False


def _partner(fields: dict[str, object]) -> Partner:
    words = msgspec.convert(fields["statussen"], dict[str, _Status])
    terms = msgspec.convert(fields.get("termen", []), list[dict[str, object]])
    made = [_terms(one) for one in terms]
    return Partner(
        id=str(fields["partner"]),
        naam=str(fields["naam"]),
        kind=str(fields["kind"]),
        gln=str(fields["gln"]),
        btw_nummer=msgspec.convert(fields["btw_nummers"], list[str])[0],
        kvk_nummer=msgspec.convert(fields["kvk_nummers"], list[str])[0],
        aliassen=tuple(msgspec.convert(fields.get("gln_aliassen", []), list[str])),
        formaten=tuple(msgspec.convert(fields["formaten"], list[str])),
        woorden={(status.code, status.detail): _split(word) for word, status in words.items()},
        urgenties=msgspec.convert(fields.get("urgenties", {}), dict[str, str]),
        termen={one.aannemer: one for one in made},
        documenten=frozenset(msgspec.convert(fields["mag_sturen"], list[str])),
    )


def _split(word: str) -> tuple[str, str | None]:
    head, slash, detail = word.partition("/")
    return (head, detail) if slash else (word, None)


def _terms(fields: dict[str, object]) -> Termen:
    calendar = msgspec.convert(fields["kalender"], _Calendar)
    norms = msgspec.convert(fields["normen"], list[dict[str, str]])
    mandate, backdating = fields.get("mandaat"), fields.get("terugdateren_uren")
    return Termen(
        aannemer=str(fields["aannemer"]),
        contracten=tuple(msgspec.convert(fields["contracten"], list[str])),
        wachttijd=msgspec.convert(fields["wachttijd_uren"], int),
        kalender=Kalender(
            frozenset(calendar.werkdagen),
            frozenset(calendar.vrije_dagen),
            calendar.begin,
            calendar.eind,
        ),
        normen=tuple(norms),
        mandaat=None if mandate is None else Decimal(str(mandate)),
        terugdateren=None if backdating is None else msgspec.convert(backdating, int),
        facturen=_invoicing(msgspec.convert(fields["facturen"], _Facturen, strict=False)),
    )


def _invoicing(fields: _Facturen) -> Factuurtermen:
    return Factuurtermen(
        leverancier=fields.btw_nummers[0],
        kvk=fields.kvk_nummers[0],
        ibans=tuple(fields.ibans),
        g_ibans=tuple(fields.g_ibans),
        prijzen={
            one.code: cents(one.prijs) for one in fields.prijsboek if one.geldig_tot is None or one.geldig_tot >= BEGIN
        },
        tolerantie=cents(fields.tolerantie),
        tolerantie_percentage=fields.tolerantie_percentage,
        plafond=None if fields.regieplafond is None else cents(fields.regieplafond),
        afkoop={
            one.contract: cents(one.bedrag)
            for one in fields.afkoop
            if one.periode == "maand" and one.geldig_vanaf <= BEGIN <= one.geldig_tot
        },
        termijn=fields.betaaltermijn_dagen,
        g_arbeid=fields.g_regel == "arbeid",
        eigenbouwer=fields.eigenbouwer,
    )
