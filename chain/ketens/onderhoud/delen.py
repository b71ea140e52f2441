"""Sub-orders: parts inside the dossier of their order, each with its own conclusion and measures (ONDERHOUD 6). Pure.

A part is what versions of the order name by one sub-number; what has none is a part of its own (HOOFD) beside others.
What happened without a sub-number counts for the part that was open at that moment, if that was one; else, or when it
names a part that no version knows, it is `buiten beschouwing`. The whole runs from the earliest t0 to the last TGE of
the parts that were not cancelled or refused; norms are watched per part. An order of one part is that part.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from chain.ketens.onderhoud.beeld import Conclusie, Factuurloop, Stuk, rollen, toekomst
from chain.ketens.onderhoud.bereiken import TECHNISCH
from chain.ketens.onderhoud.conclusie import conclude
from chain.ketens.onderhoud.feiten import ANN, EINDE, WEI, Vermelding, Versie
from chain.ketens.onderhoud.herziening import etiket_of, herzien
from chain.ketens.onderhoud.maten import Meting, bereik_of, meet, meten
from chain.ketens.onderhoud.meerwerk import Meerwerkloop
from chain.ketens.onderhoud.meerwerk import begin as geen_meerwerk
from chain.ketens.onderhoud.planning import Agenda, leeg
from chain.ketens.onderhoud.signalen import Stand, Tik, stand_of
from chain.ketens.onderhoud.staat import Deelstaat, Dossierstaat, Gemeten, Uitstaand
from topics.documents.keten import AanZet, Doorlooptijd
from topics.keys import normalise_number

HOOFD: Final = "-"
"""The part without a sub-number."""
VOLGORDE: Final = (
    "geregistreerd",
    "geaccepteerd",
    "annulering-gevraagd",
    "onderbroken",
    "in-behandeling",
    "technisch-gereed",
    "administratief-gereed",
)
"""States from the least to the most finished: the whole is in that of its least finished part."""
_AAN_ZET: Final = (AanZet.AANNEMER, AanZet.OPDRACHTGEVER, AanZet.HUURDER, AanZet.NIEMAND)


class Onderdeel(NamedTuple):
    """A part and what its facts come to."""

    subnummer: str
    found: Conclusie


class Geteld(msgspec.Struct, frozen=True, gc=False):
    """A dossier whose facts were counted: what it comes to, and what is kept and published of measures and signals.

    `deelstaten` and `delen` are empty for an order without several parts.
    """

    found: Conclusie
    delen: tuple[Onderdeel, ...]
    gemeten: tuple[Gemeten, ...]
    deelstaten: tuple[Deelstaat, ...]
    revisies: list[Doorlooptijd]
    stand: Stand


def concludeer(staat: Dossierstaat) -> Conclusie:
    """What the facts of an order come to, whether or not it has parts."""
    return oordeel(staat.feiten)[0] if staat.gedeeld else conclude(staat.feiten)


def oordeel(feiten: Sequence[Vermelding]) -> tuple[Conclusie, tuple[Onderdeel, ...]]:
    """The whole and its parts; an order of one part has none."""
    found, loose = verdeel(feiten)
    parts = tuple(Onderdeel(name, conclude(facts)) for name, facts in found.items())
    if len(parts) == 1:
        only = parts[0].found
        only.buiten = _ordered(feiten, [*only.buiten, *loose])
        return only, ()
    return geheel(feiten, parts, loose), parts


def verdeel(feiten: Sequence[Vermelding]) -> tuple[dict[str, list[Vermelding]], list[Vermelding]]:
    """The facts of each part, by its name, and those of which nobody can say to which part they belong."""
    names = sorted({deel_van(feit.subnummer) for feit in feiten if feit.versie is not None})
    parts: dict[str, list[Vermelding]] = {name: [] for name in names}
    begun: set[str] = set()
    ended: set[str] = set()
    placed: dict[bytes, str | None] = {}
    loose = []
    for feit in feiten:
        name = _place(feit, parts, begun, ended, placed)
        placed[feit.inhoud] = name
        if name is None:
            loose.append(feit)
            continue
        parts[name].append(feit)
        if feit.versie is not None:
            begun.add(name)
        elif feit.rang in EINDE and not toekomst(feit):
            ended.add(name)
    return parts, loose


def deel_van(subnummer: str | None) -> str:
    """The name of a part."""
    try:
        return HOOFD if subnummer is None else normalise_number(subnummer)
    except ValueError:
        return HOOFD


def geheel(feiten: Sequence[Vermelding], delen: Sequence[Onderdeel], los: Sequence[Vermelding]) -> Conclusie:
    """The whole of several parts."""
    founds = [deel.found for deel in delen]
    first = min(founds, key=lambda found: found.t0)
    head = next((deel.found for deel in delen if deel.subnummer == HOOFD), first)
    standing = [found for found in founds if not _lapsed(found)]
    ready = [found.gereed for found in standing if found.gereed is not None]
    ends = [found.einde for found in standing or founds if found.einde is not None]
    reopened = [found.heropend for found in founds if found.heropend is not None]
    whole = Conclusie(
        t0=first.t0,
        t0_huurder=min(found.t0_huurder for found in founds),
        tot=max(found.tot for found in founds),
        versie=_versie(head.versie, standing or founds),
        termen=first.termen,
        basis=first.basis,
        toestand=_toestand(founds, standing),
        stukken=_stukken(founds, first.t0),
        mijlpalen=_ordered(feiten, [feit for found in founds for feit in found.mijlpalen]),
        buiten=_ordered(feiten, [*los, *(feit for found in founds for feit in found.buiten)]),
        opmerkingen=[],
        rollen=rollen([feit for feit in feiten if feit.versie is not None]),
        heropend=_ordered(feiten, reopened)[-1] if reopened else None,
        heropeningen=sum(found.heropeningen for found in founds),
        agenda=_agenda(feiten, founds),
        offerte=next((found.offerte for found in reversed(founds) if found.offerte is not None), None),
        meerwerk=_meerwerk(delen),
    )
    if ready and len(ready) == len(standing):
        whole.gereed = max(ready, key=lambda feit: feit.moment)
    if len(ends) == len(standing or founds):
        whole.einde = _ordered(feiten, ends)[-1]
    return whole


def gedeeld(
    keten: str,
    sleutel: str,
    staat: Dossierstaat,
    onvolledig: bool,
    groot: bool,
    tik: Tik | None,
    facturen: Callable[[str | None], Factuurloop | None],
) -> Geteld:
    """The dossier judged anew, with every part. `facturen`: the invoices of a part, or of all. Raises as `conclude`."""
    found, parts = oordeel(staat.feiten)
    if not parts:
        found.facturen = facturen(None)
        measured = meten(found, onvolledig)
        kept, revisions = herzien(keten, sleutel, staat, found, measured)
        stand = stand_of(_signals_of(staat, ""), found, measured, onvolledig, groot, tik)
        return Geteld(found, (), kept, (), revisions, stand)
    kept, revisions = herzien(keten, sleutel, staat, found, [_whole(found, onvolledig)])
    # what a person must look at is the whole's: to which part it belongs may be the question
    stands = [("", stand_of(_signals_of(staat, ""), _silent(found), (), onvolledig, groot, tik))]
    former = {deel.subnummer: deel for deel in staat.delen}
    states = []
    for name, part in parts:
        state = former.get(name, Deelstaat(name))
        own = replace(_signals_of(staat, name), gemeten=state.gemeten, etiket=state.etiket)
        part.facturen = facturen(name)
        measured = meten(part, onvolledig)
        gemeten, revised = herzien(keten, sleutel, own, part, measured)
        states.append(Deelstaat(name, gemeten, etiket_of(part)))
        revisions += [replace(revision, subnummer=name) for revision in revised]
        stands.append((name, stand_of(own, _quiet(part), measured, onvolledig, False, tik)))
    signals = tuple(replace(signal, deel=name) for name, stand in stands for signal in stand.signalen)
    due = min((stand.due for _, stand in stands if stand.due is not None), default=None)
    return Geteld(found, parts, kept, tuple(states), revisions, Stand(signals, due))


def _place(
    feit: Vermelding,
    parts: Mapping[str, list[Vermelding]],
    begun: set[str],
    ended: set[str],
    placed: Mapping[bytes, str | None],
) -> str | None:
    """The part of a fact. The same content under another number belongs where the first did."""
    if feit.versie is not None:
        return deel_van(feit.subnummer)
    if feit.inhoud in placed:
        return placed[feit.inhoud]
    name = deel_van(feit.subnummer)
    if name != HOOFD:
        return name if name in parts else None
    candidates = (begun or set(parts)) - ended
    return next(iter(candidates)) if len(candidates) == 1 else None


def _ordered(feiten: Sequence[Vermelding], some: Sequence[Vermelding]) -> list[Vermelding]:
    """`some` of the facts in the order of all."""
    wanted = {id(feit) for feit in some}
    return [feit for feit in feiten if id(feit) in wanted]


def _lapsed(found: Conclusie) -> bool:
    return found.einde is not None and found.einde.rang in (WEI, ANN)


def _versie(head: Versie, founds: Sequence[Conclusie]) -> Versie:
    """The order as it stands, with the elements of all its parts."""
    if head.verband is None:
        return next((replace(head, verband=f.versie.verband) for f in founds if f.versie.verband is not None), head)
    elements = {name for f in founds if f.versie.verband is not None for name in f.versie.verband.elementen}
    return replace(head, verband=replace(head.verband, elementen=tuple(sorted(elements))))


def _toestand(founds: Sequence[Conclusie], standing: Sequence[Conclusie]) -> str:
    if standing:
        return min((found.toestand for found in standing), key=VOLGORDE.index)
    refused = all(found.einde is not None and found.einde.rang == WEI for found in founds)
    return "geweigerd" if refused else "geannuleerd"


def _stukken(founds: Sequence[Conclusie], t0: int) -> list[Stuk]:
    """Who is aan zet and whether the clock runs, over the parts that are not ready, else over all: it runs while it
    runs for one of them, and the aannemer is aan zet while it is for one of them."""
    ready = [found.gereed.moment for found in founds if found.gereed is not None]
    moments = sorted({max(at, t0) for at in (*ready, *(s.begin for found in founds for s in found.stukken))})
    pieces: list[Stuk] = []
    for at in moments:
        begun = [found for found in founds if found.t0 <= at]
        busy = [found for found in begun if found.gereed is None or found.gereed.moment > at] or begun
        now = [_at(found, at) for found in busy]
        aan_zet = min((stuk.aan_zet for stuk in now), key=_AAN_ZET.index)
        runs = any(stuk.klok_loopt for stuk in now)
        if not pieces:
            pieces.append(Stuk(at, aan_zet, runs, None))
        elif (aan_zet, runs) != (pieces[-1].aan_zet, pieces[-1].klok_loopt):
            turned = next((stuk for stuk in now if stuk.aan_zet is aan_zet and stuk.klok_loopt is runs), now[0])
            pieces.append(Stuk(at, aan_zet, runs, _cause(founds, at) or turned.feit, turned.reden))
    return pieces


def _cause(founds: Sequence[Conclusie], at: int) -> Vermelding | None:
    """The fact that turned something at `at`."""
    turns = [stuk.feit for found in founds for stuk in found.stukken if stuk.begin == at and stuk.feit is not None]
    ready = [found.gereed for found in founds if found.gereed is not None and found.gereed.moment == at]
    return next(iter((*turns, *ready)), None)


def _at(found: Conclusie, at: int) -> Stuk:
    return next(stuk for stuk in reversed(found.stukken) if stuk.begin <= at)


def _agenda(feiten: Sequence[Vermelding], founds: Sequence[Conclusie]) -> Agenda | None:
    agendas = [found.agenda for found in founds if found.agenda is not None]
    if not agendas:
        return None
    merged = leeg()
    for feit in _ordered(feiten, [feit for agenda in agendas for feit in agenda.feiten]):
        merged.voeg(feit)
    merged.wens = any(agenda.wens for agenda in agendas)
    merged.niet_aanwezig = sum(agenda.niet_aanwezig for agenda in agendas)
    return merged


def _meerwerk(delen: Sequence[Onderdeel]) -> Meerwerkloop | None:
    """Extra work of all parts; a sub-order beside the order itself carries its own amount as such (ONDERHOUD 4)."""
    merged = geen_meerwerk()
    for _, found in delen:
        if found.meerwerk is not None:
            merged.posten += found.meerwerk.posten
            merged.open += found.meerwerk.open
            merged.vragen += found.meerwerk.vragen
    if delen[0].subnummer == HOOFD:
        for _, found in delen[1:]:
            amount = found.basis.versie.totaal if found.basis.versie is not None else None
            if amount is not None:
                merged.gewijzigd(found.basis, Decimal(amount))
    return merged if merged.posten or merged.open or merged.vragen else None


def _whole(found: Conclusie, onvolledig: bool) -> Meting:
    return meet(found, TECHNISCH, bereik_of(found, TECHNISCH), onvolledig)


def _signals_of(staat: Dossierstaat, deel: str) -> Dossierstaat:
    return replace(staat, signalen=tuple(_plain(signal) for signal in staat.signalen if signal.deel == deel))


def _plain(signal: Uitstaand) -> Uitstaand:
    return replace(signal, deel="") if signal.deel else signal


def _silent(found: Conclusie) -> Conclusie:
    """The whole as its signals see it: what must come next is awaited per part."""
    return replace(found, agenda=None)


def _quiet(part: Conclusie) -> Conclusie:
    """A part as its signals see it: what a person must look at is the whole's."""
    return replace(part, buiten=[], meerwerk=None)
