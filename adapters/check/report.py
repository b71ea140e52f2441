"""What would become of a message: read and mapped as the adapter does it, and told instead of done."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from adapters.adapter.admission import document_name
from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import PROFIEL, Geweigerd, Toegelaten, Uitkomst, part_name
from adapters.adapter.processor import Reader
from adapters.formats import read as read_any
from adapters.formats.findings import fout
from adapters.kinds import KINDS, Kind
from adapters.message import Deel, Gelezen
from topics.accounts import without_values
from topics.documents import Bevinding, Document, Reden
from topics.documents.factuur import Factuur
from topics.errors import Refused
from topics.profile.profile import Profiel
from topics.profile.registry import Registry

_encoder = msgspec.json.Encoder(decimal_format="string")


class Oordeel(StrEnum):
    """Whether a message would become an event (all its parts), or a dead letter for a person (any of them)."""

    GELDIG = "geldig"
    AFGEKEURD = "afgekeurd"


class Factuurrapport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would go on with an invoice, and what the client's terms answer of it. `te_betalen` in euro including VAT.

    opdrachten: normalised numbers, in the order of the lines; zonder_prijs: numbers of the lines with a price code that
    the price book does not have.
    """

    leverancier: str
    factuurnummer: str
    te_betalen: Decimal
    opdrachten: tuple[str, ...] = ()
    contract: str | None = None
    leverancier_bekend: bool = True
    iban_bekend: bool = True
    zonder_prijs: tuple[str, ...] = ()


class Deelrapport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part. `dossier`: its key, where it is derivable. Findings about a person go without their value."""

    deel: str
    uitkomst: Oordeel
    reden: Reden | None = None
    dossier: str | None = None
    bevindingen: tuple[Bevinding, ...] = ()
    factuur: Factuurrapport | None = None


class Rapport(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `reden` is the first reason of its parts; `bevindingen` those of all its parts, in order."""

    bestand: str
    formaat: str
    versie: str
    document: str
    uitkomst: Oordeel
    reden: Reden | None
    bevindingen: tuple[Bevinding, ...]
    delen: tuple[Deelrapport, ...]


def check(
    raw: bytes,
    profile: Profiel,
    registry: Registry,
    received: datetime,
    *,
    name: str = "",
    content_type: str = "",
    read: Reader = read_any,
) -> Rapport:
    """What would become of `raw`, sent by the partner of `profile` and received at `received` (aware).

    Raises Refused when the profile is of a kind that has no adapter.
    """
    kind = KINDS.get(profile.kind)
    if kind is None:
        raise Refused(f"partner {profile.partner}: found kind {profile.kind!r}, expected one of {', '.join(KINDS)}")
    found = read(raw, content_type, profile.formaten)
    mapping = Mapping(registry, kind, profile, received)
    outcomes = [mapping.part(deel) for deel in found.delen]
    return _report(name, found, [_part(number, outcomes, one) for number, one in enumerate(outcomes, start=1)])


def encoded(report: Rapport) -> bytes:
    """The report as JSON: what `ketenbus check --json` prints and `POST /v1/controle` answers."""
    return _encoder.encode(report)


def check_form(
    raw: bytes, kind: Kind | None, *, name: str = "", content_type: str = "", read: Reader = read_any
) -> Rapport:
    """What can be said of `raw` without a profile: whether it reads, and whether `kind` may send it at all.

    Own status words, parties and terms stay unchecked: they are a profile's.
    """
    found = read(raw, content_type)
    outcomes = [_form(deel, kind) for deel in found.delen]
    return _report(name, found, [_part(number, outcomes, one) for number, one in enumerate(outcomes, start=1)])


class _Leesbaar(msgspec.Struct, frozen=True):
    """A part that reads well, of which no more can be said without a profile."""

    bevindingen: tuple[Bevinding, ...]
    dossier: str | None = None


def _form(deel: Deel, kind: Kind | None) -> Geweigerd | _Leesbaar:
    if deel.bericht is None:
        return Geweigerd(reden=deel.reden or Reden.ONGELDIG, bevindingen=deel.bevindingen)
    soort = deel.bericht.soort
    if kind is None or document_name(soort) in kind.documenten:
        return _Leesbaar(deel.bevindingen)
    allowed = ", ".join(one.rpartition(".")[2] for one in kind.documenten)
    tekst = f"Bericht: gevonden {soort.value}, verwacht {allowed}: meer stuurt een {kind.name} niet."
    finding = fout("bericht-niet-toegestaan", "/", tekst, PROFIEL, waarde=soort.value)
    return Geweigerd(reden=Reden.ONBEVOEGD, bevindingen=(*deel.bevindingen, finding))


def _part(number: int, all_: Sequence[Uitkomst | _Leesbaar], outcome: Uitkomst | _Leesbaar) -> Deelrapport:
    return Deelrapport(
        deel=str(number) if isinstance(outcome, _Leesbaar) else part_name(number, len(all_), outcome),
        uitkomst=Oordeel.AFGEKEURD if isinstance(outcome, Geweigerd) else Oordeel.GELDIG,
        reden=outcome.reden if isinstance(outcome, Geweigerd) else None,
        dossier=outcome.dossier,
        bevindingen=tuple(map(without_values, outcome.bevindingen)),
        factuur=_invoice(outcome.document) if isinstance(outcome, Toegelaten) else None,
    )


def _invoice(document: Document) -> Factuurrapport | None:
    if not isinstance(document, Factuur):
        return None
    return Factuurrapport(
        leverancier=document.leverancier,
        factuurnummer=document.factuurnummer,
        te_betalen=document.te_betalen,
        opdrachten=tuple(dict.fromkeys(line.opdrachtnummer for line in document.regels if line.opdrachtnummer)),
        contract=document.contract,
        leverancier_bekend=document.leverancier_bekend,
        iban_bekend=document.iban_bekend,
        zonder_prijs=tuple(line.nummer for line in document.regels if line.prijscode and line.afgesproken is None),
    )


def _report(name: str, found: Gelezen, parts: list[Deelrapport]) -> Rapport:
    refused = [part for part in parts if part.uitkomst is Oordeel.AFGEKEURD]
    return Rapport(
        bestand=name,
        formaat=found.formaat,
        versie=found.versie,
        document=found.document,
        uitkomst=Oordeel.AFGEKEURD if refused else Oordeel.GELDIG,
        reden=refused[0].reden if refused else None,
        bevindingen=tuple(finding for part in parts for finding in part.bevindingen),
        delen=tuple(parts),
    )
