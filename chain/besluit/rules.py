"""Which decisions are allowed on which letters, and which need a second person. Pure; every refusal says why."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from chain.besluit.coupling import reaches
from chain.besluit.letter import LOGS, Carried, Unreadable, carried, money
from topics.catalogue.declarations import SPOOR
from topics.documents import Account, Reden
from topics.documents.besluit import Besluit, Besluitsoort, Koppeling
from topics.documents.factuur import Factuur
from topics.documents.onderhoud import Offerte, Planning, Status
from topics.keys import normalise_number

GOOD: Final[Mapping[Besluitsoort, Account]] = {
    Besluitsoort.KOPPEL: Account.TOEGEPAST,
    Besluitsoort.VERVANG: Account.TOEGEPAST,
    Besluitsoort.HERMAP: Account.TOEGEPAST,
    Besluitsoort.STUUR: Account.TOEGEPAST,
    Besluitsoort.RETOUR: Account.TERUGGESTUURD,
    Besluitsoort.AFVOER: Account.AFGEVOERD,
}
"""The kinds that decide on a letter, and where the canary of a set must have come to before the rest follows."""

SUSPENSION: Final = "opschorting/"
"""What the key of a partner's suspension begins with."""
MAPPED: Final = (Reden.ONBEKENDE_CODE, Reden.NIET_IN_KAART)
_FILLERS: Final = "\u115f\u1160\u3164\uffa0"
"""Letters that show nothing."""
VALID: Final = "geldig"
"""What the intake's check says of a message that would become an event in all its parts."""


class Refusal(msgspec.Struct, frozen=True):
    """`code` is stable; `tekst` is for people."""

    code: str
    tekst: str


def person(name: str) -> str:
    """The same for two spellings by which it is the same person: letters and digits, without case, accents and what does
    not show. Empty when nothing is left: then it names nobody."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LN" and one not in _FILLERS)


def read(besluit: Besluit) -> Carried | Refusal:
    """The letter that it carries, if this decision may be taken on it."""
    try:
        kind = Besluitsoort(besluit.soort)
    except ValueError:
        return Refusal("onbekende-soort", f"soort: gevonden {besluit.soort!r}, verwacht een van {', '.join(GOOD)}")
    refusal = _signed(besluit)
    if refusal is not None:
        return refusal
    if besluit.origineel is None:
        return Refusal("brief-ontbreekt", "origineel: niets gevonden, verwacht de hele brief")
    try:
        letter = carried(besluit.origineel, besluit.brief)
    except Unreadable as error:
        return Refusal("andere-brief", str(error))
    return _fits(kind, besluit, letter) or letter


def second_person(besluit: Besluit, letter: Carried, above: Decimal) -> tuple[str, ...]:
    """Why somebody else must confirm; empty when nobody must. `above`: euro including VAT."""
    means = money(letter, besluit.factuur, besluit.bedrag)
    amount = None if besluit.soort == Besluitsoort.VERVANG else means.amount
    # what cannot be told counts as an invoice where it goes on; what goes back or is settled pays nobody
    goes_on = GOOD[Besluitsoort(besluit.soort)] is Account.TOEGEPAST
    replaced = besluit.vervanging is not None and besluit.vervanging.factuur is not False
    invoice = means.invoice or (means.invoice is None and goes_on) or replaced
    unjudged = invoice and goes_on and letter.raw and not replaced and besluit.rekening_bekend is not True
    double = besluit.soort == Besluitsoort.KOPPEL and letter.letter.reden is Reden.MOGELIJK_DUBBEL
    return (
        *(("reeks",) if besluit.reeks is not None and besluit.kanarie != besluit.brief else ()),
        *(("iban",) if means.iban or unjudged else ()),
        *(("mogelijk-dubbel",) if double else ()),
        *(("factuur-onbekend-bedrag",) if invoice and amount is None else ()),
        *(("bedrag",) if invoice and amount is not None and amount > above else ()),
    )


def may_confirm(pending: Besluit, keur: Besluit) -> Refusal | None:
    """`keur` confirms `pending`, which waits."""
    if not person(keur.door):
        return Refusal("zonder-naam", "door: niets gevonden, verwacht wie dit keurt")
    if person(keur.door) == person(pending.door):
        return Refusal("zelfde-persoon", f"door: gevonden {keur.door!r}, verwacht een ander dan wie het besloot")
    if pending.reeks is None or pending.kanarie == pending.brief:
        return None
    good = GOOD[Besluitsoort(pending.soort)]
    if keur.kanarie_uitkomst != good:
        found = keur.kanarie_uitkomst or "geen uitkomst"
        return Refusal("kanarie-niet-goed", f"kanarie: gevonden {found}, verwacht {good} voordat de rest volgt")
    return None


def may_resume(key: str, besluit: Besluit) -> Refusal | None:
    """A suspension is lifted under its own key, so that no letter is taken for decided by it."""
    if not besluit.voor or key != f"{SUSPENSION}{besluit.voor}":
        found = f"{key[:40]!r} voor {besluit.voor!r}"
        return Refusal("past-niet", f"brief: gevonden {found}, verwacht {SUSPENSION} en de partner")
    return _signed(besluit)


def _signed(besluit: Besluit) -> Refusal | None:
    if not person(besluit.door):
        return Refusal("zonder-naam", "door: niets gevonden, verwacht wie dit besluit")
    if not besluit.toelichting.strip():
        return Refusal("zonder-reden", "toelichting: niets gevonden, verwacht waarom dit besloten wordt")
    return None


def _fits(kind: Besluitsoort, besluit: Besluit, letter: Carried) -> Refusal | None:
    match kind:
        case Besluitsoort.AFVOER:
            return None
        case Besluitsoort.RETOUR:
            return (
                None
                if letter.counted
                else _no("geen bericht van een partner: er is niemand om het aan terug te sturen")
            )
        case Besluitsoort.STUUR:
            again = letter.envelope is not None and (letter.counted or letter.record.topic in (*LOGS, SPOOR))
            if again and letter.envelope and letter.envelope.source != "clock":
                return None
            return _no("dit wordt niet opnieuw gestuurd: een volgende tik of een nieuw besluit neemt zijn plaats in")
        case Besluitsoort.HERMAP:
            if letter.raw and letter.letter.reden in MAPPED:
                return None
            reasons = " of ".join(MAPPED)
            return _no(f"hermap: gevonden reden {letter.letter.reden} bij {letter.letter.stage}, verwacht {reasons}")
        case Besluitsoort.VERVANG:
            return _replaces(besluit, letter)
        case Besluitsoort.KOPPEL:
            return _couples(besluit.koppeling, letter)
    return Refusal("onbekende-soort", f"soort: gevonden {kind}, verwacht een van {', '.join(GOOD)}")


def _replaces(besluit: Besluit, letter: Carried) -> Refusal | None:
    if not letter.counted or letter.source_topic is None:
        return _no("geen bericht van een partner: er is niets dat vervangen kan worden")
    if besluit.vervanging is None:
        return Refusal("zonder-vervanging", "vervanging: niets gevonden, verwacht het verbeterde bericht")
    if besluit.vervanging.oordeel != VALID:
        found = besluit.vervanging.oordeel
        return Refusal("vervanging-afgekeurd", f"vervanging: gevonden oordeel {found!r}, verwacht {VALID!r}")
    return None


def _couples(koppeling: Koppeling | None, letter: Carried) -> Refusal | None:
    """References only: what else a message says is its sender's."""
    if koppeling is None or not (koppeling.opdrachtnummer or koppeling.regels or koppeling.contract):
        return Refusal("zonder-koppeling", "koppeling: niets gevonden, verwacht een opdrachtnummer of contract")
    for number in (koppeling.opdrachtnummer, koppeling.contract, *koppeling.regels.values()):
        try:
            normalise_number(number if number is not None else "x")
        except ValueError as error:
            return Refusal("nummer-ongeldig", f"koppeling: gevonden {number!r}, verwacht een nummer ({error})")
    if not letter.counted:
        return _no("geen bericht van een partner: er is niets te koppelen")
    if letter.raw:
        return None
    document = letter.document
    if isinstance(document, Factuur):
        return _couples_invoice(koppeling, document)
    if isinstance(document, (Status, Planning, Offerte)):
        if koppeling.opdrachtnummer and not koppeling.regels and not koppeling.contract:
            return None
        return Refusal("koppeling-past-niet", "koppeling: verwacht alleen een opdrachtnummer")
    return _no("het nummer van dit bericht is het zijne: stuur het terug, of vervang het door een verbeterd bericht")


def _couples_invoice(koppeling: Koppeling, document: Factuur) -> Refusal | None:
    unknown = sorted(koppeling.regels.keys() - {line.nummer for line in document.regels})
    if unknown:
        return Refusal("regel-onbekend", f"regel: gevonden {unknown[0]!r}, geen regel van deze factuur")
    if koppeling.opdrachtnummer and not reaches(koppeling, document):
        text = "opdracht: de regels noemen verschillende opdrachten, verwacht per regel welke het wordt"
        return Refusal("koppeling-past-niet", text)
    return None


def _no(tekst: str) -> Refusal:
    return Refusal("past-niet", tekst)
