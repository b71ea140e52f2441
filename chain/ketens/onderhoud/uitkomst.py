"""What a decision comes to, and the one place that turns a changed dossier into what is published of it. Pure."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from chain.kalender import UUR
from chain.ketens.onderhoud.afgeleid import Afgeleid, onderaannemers, te_vertellen, vertel
from chain.ketens.onderhoud.conclusie import Conclusie, conclude
from chain.ketens.onderhoud.delen import Geteld, Onderdeel, gedeeld
from chain.ketens.onderhoud.eenmaal import eenmaal_van
from chain.ketens.onderhoud.facturering import antwoorden, loop_van, openstaand
from chain.ketens.onderhoud.feiten import ontvangst_van
from chain.ketens.onderhoud.herziening import etiket_of, herzien
from chain.ketens.onderhoud.maten import meten
from chain.ketens.onderhoud.publicatie import WACHTEND, dossier
from chain.ketens.onderhoud.signalen import GESCHORST, NORM, Tik, grootte, signaal, stand_of
from chain.ketens.onderhoud.staat import (
    Deelantwoord,
    Deelvraag,
    Dossierstaat,
    Melding,
    Staat,
    Uitstaand,
    Wachter,
    encode,
)
from chain.ketens.onderhoud.verder import Nieuw, verder
from topics.documents import Document, Posting
from topics.documents.keten import Doorlooptijd
from topics.runtime.step import UNCHANGED, DeadLetter, Unchanged

WACHTTIJD: Final = 72 * UUR
"""How long a message waits for its opdracht while there are no terms to tell (DESIGN 5)."""
SLUITEN: Final = 90 * 24 * UUR
"""A dossier closed this long shrinks to a stub (DESIGN 6)."""
LANG: Final = 365 * 24 * UUR
"""The same while an invoice is not settled: not every client tells what it paid."""
BEWAREN: Final = 7 * 365 * 24 * UUR
"""How long a stub is kept (DESIGN 6)."""
GROOT: Final = 256 * 1024
TE_GROOT: Final = 512 * 1024

_RUIM: Final = 64 * 1024
_PER_FEIT: Final = 200
_PER_WACHTER: Final = 600
_PER_ELEMENT: Final = 40
_PER_REGEL: Final = 120
_PER_SLOT: Final = 200
"""As the document Dossier shows it, which takes more than the state keeps of it."""


class Kader(NamedTuple):
    """Where a decision is made: the keten's name (`proef-…` for test messages) and the process, as letters name it."""

    keten: str
    stage: str


class Uitkomst(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The outcome for one dossier.

    `due`: microseconds, None for never; it and `facets` go with a changed state. `documenten`: what to publish, each
    with what tells it apart from others of its type by the same cause. `gebeurtenissen`: derived events, for other
    dossiers. `gevolgd`: the receipt that the dossier began with, for what a tick causes.
    """

    staat: Staat | Unchanged | None = UNCHANGED
    due: int | None = None
    facets: tuple[str, ...] = ()
    documenten: Sequence[tuple[Document, str]] = ()
    postings: Sequence[Posting] = ()
    dead_letters: Sequence[DeadLetter] = ()
    gebeurtenissen: Sequence[Afgeleid] = ()
    gevolgd: str = ""


def afronden(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None = None,
    postings: Sequence[Posting] = (),
    dead_letters: Sequence[DeadLetter] = (),
    nieuw: Nieuw | None = None,
) -> Uitkomst:
    """The outcome of a dossier whose facts, waiting messages or letters changed, or that is looked at on a tick.

    `nieuw`: what is new in the facts, when that is nothing or plainly comes last; else they are counted anew.

    The dossier is published when an event changed it or a tick dead-lettered something of it; measures and signals
    only where they differ from what was last published.
    """
    documents: list[tuple[Document, str]] = []
    events: Sequence[Afgeleid] = ()
    parts: tuple[Onderdeel, ...] = ()
    open_letters = onvolledig(staat)
    large = omvang(staat) > GROOT
    if not staat.feiten:
        found = None
        standing, due = tuple(grootte(staat, large)), _expiry(staat.wachtend, tik)
        new = replace(staat, signalen=standing, geschorst=False)
    else:
        if staat.gedeeld:
            counted = gedeeld(kader.keten, sleutel, staat, bool(open_letters), large, tik, partial(loop_van, staat))
        else:
            counted = _whole(kader, sleutel, staat, bool(open_letters), large, tik, nieuw)
        found, parts = counted.found, counted.delen
        standing, due = counted.stand.signalen, counted.stand.due
        documents += [(revision, revisie_id(revision)) for revision in counted.revisies]
        new = replace(staat, gemeten=counted.gemeten, etiket=etiket_of(found), signalen=standing, geschorst=False)
        if parts or staat.delen:
            new = replace(new, delen=counted.deelstaten)
        if found.versie.verband is not None or staat.verteld or staat.gehoord:
            wanted = (*te_vertellen(staat, found), *antwoorden(staat, found, parts))
            told, events = vertel(sleutel, staat.reeks, staat.verteld, wanted)
            new = replace(new, verteld=told)
        first_time = eenmaal_van(staat, found, tik)
        if first_time.due is not None:
            due = _earliest(due, first_time.due)
        if found.einde is not None and not open_letters:
            # not before a tick has passed the term of its unit
            due = _earliest(due, max(found.tot + rusttijd(staat), first_time.due or 0))
        if first_time.waarde is not staat.eenmaal or first_time.termijn != staat.termijn:
            again = tik is not None and first_time.waarde is not staat.eenmaal
            reeks = staat.reeks + again
            new = replace(new, reeks=reeks, eenmaal=first_time.waarde, termijn=first_time.termijn)
    if standing is not staat.signalen and standing != staat.signalen:
        documents += signaalwisseling(kader, sleutel, staat.signalen, standing)
    if tik is None or dead_letters or new.eenmaal is not staat.eenmaal:
        documents.append((dossier(kader.keten, sleutel, new, found, open_letters, parts), ""))
    if not new.feiten and not new.wachtend:
        due = _earliest(due, new.bijgewerkt + BEWAREN)
    return Uitkomst(
        staat=new,
        due=due,
        facets=_facets(new, found, open_letters),
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
        gebeurtenissen=events,
        gevolgd="" if found is None else ontvangst_van(found.basis),
    )


def _whole(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    onvolledig: bool,
    groot: bool,
    tik: Tik | None,
    nieuw: Nieuw | None,
) -> Geteld:
    """An order without sub-orders, counted."""
    found = conclude(staat.feiten)
    if staat.gehoord:
        found.facturen = loop_van(staat)
    metingen = verder(found, onvolledig, staat.gemeten, nieuw) if nieuw else None
    if metingen is None:
        metingen = meten(found, onvolledig)
    measured, revisions = herzien(kader.keten, sleutel, staat, found, metingen)
    return Geteld(found, (), measured, (), revisions, stand_of(staat, found, metingen, onvolledig, groot, tik))


def revisie_id(revision: Doorlooptijd) -> str:
    """What tells a revision apart from others by the same cause."""
    part = f"#{revision.subnummer}" if revision.subnummer else ""
    return f"{revision.maat}#{revision.revisie}{part}"


def opschorten(kader: Kader, sleutel: str, staat: Dossierstaat, at: int) -> Uitkomst:
    """The dossier is set apart: a signal, and no ticks until an event is handled again."""
    signal = Uitstaand(GESCHORST, "", at)
    standing = (*[kept for kept in staat.signalen if kept.soort != GESCHORST], signal)
    new = replace(staat, geschorst=True, signalen=standing)
    documents = signaalwisseling(kader, sleutel, staat.signalen, standing)
    return Uitkomst(staat=new, facets=("geschorst",), documenten=documents)


def rusttijd(staat: Dossierstaat) -> int:
    """How long a closed order is kept whole."""
    return LANG if openstaand(staat) else SLUITEN


def onvolledig(staat: Dossierstaat) -> tuple[str, ...]:
    """Ids of open letters that make the dossier incomplete: those of parties, or of anybody while there is no opdracht.

    A stranger's letter does not: it must not hold up what concerns the parties.
    """
    if not staat.brieven:
        return ()
    if not staat.feiten:
        return tuple(sorted(brief.id for brief in staat.brieven))
    glns = partij_glns(staat)
    return tuple(sorted(brief.id for brief in staat.brieven if brief.afzender in glns))


def partij_glns(staat: Dossierstaat) -> set[str]:
    """GLNs of whoever any version of the order names, and of its subcontractors (ONDERHOUD 6)."""
    named = set(onderaannemers(staat))
    for feit in staat.feiten:
        if feit.versie is not None:
            named.add(staat.partijen[feit.versie.opdrachtgever].gln)
            named.add(staat.partijen[feit.versie.aannemer].gln)
    return named


def omvang(staat: Dossierstaat) -> int:
    """Bytes of the state, or of its slots as they are shown where those take more; an estimate from above while it is
    small."""
    guess = _PER_FEIT * (len(staat.feiten) + len(staat.gehoord) + len(staat.verteld)) + 64 * len(staat.brieven)
    slots = 0
    for feit in staat.feiten:
        if feit.sloten:
            slots += len(feit.sloten)
        elif feit.versie is not None and feit.versie.verband is not None:
            guess += _PER_ELEMENT * len(feit.versie.verband.elementen)
        elif feit.factuur is not None:
            guess += _PER_REGEL * len(feit.factuur.regels)
    for told in (*staat.gehoord, *staat.verteld):
        if isinstance(told, Melding):
            guess += _PER_ELEMENT * len(told.elementen)
        elif isinstance(told, (Deelvraag, Deelantwoord)):
            guess += _PER_FEIT + _PER_REGEL * len(told.regels)
    for wachter in staat.wachtend:
        guess += _PER_WACHTER + len(wachter.value)
    guess += _PER_SLOT * slots
    return guess if guess < _RUIM else max(len(encode(staat)), _PER_SLOT * slots)


def signaalwisseling(
    kader: Kader, sleutel: str, before: Sequence[Uitstaand], after: Sequence[Uitstaand]
) -> list[tuple[Document, str]]:
    """The documents that say how the standing signals changed."""
    old = {(signal.soort, signal.ref, signal.deel): signal for signal in before}
    new = {(signal.soort, signal.ref, signal.deel): signal for signal in after}
    gone = [(signal, True) for key, signal in old.items() if key not in new]
    come = [(signal, False) for key, signal in new.items() if key not in old]
    return [(signaal(kader.keten, sleutel, signal, withdrawn), _signal_id(signal)) for signal, withdrawn in gone + come]


def _signal_id(signal: Uitstaand) -> str:
    part = f"#{signal.deel}" if signal.deel else ""
    return f"{signal.soort}#{signal.ref}{part}"


def _expiry(waiting: Sequence[Wachter], tik: Tik | None) -> int | None:
    """When the first one has waited too long; a tick that held one back looks again later."""
    if not waiting:
        return None
    due = min(wachter.tot for wachter in waiting)
    return due if tik is None or due > tik.tot else tik.later


def _earliest(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _facets(staat: Dossierstaat, found: Conclusie | None, open_letters: Sequence[str]) -> tuple[str, ...]:
    """Labels that are counted over all dossiers: `dossier|<toestand>|<aan zet>|<opdrachtgever>|<aannemer>` for each,
    `norm|<maat>|<opdrachtgever>|<aannemer>` per exceeded norm, and `onvolledig`."""
    if found is None:
        first = f"dossier|{WACHTEND}|||"
    else:
        versie = found.versie
        pair = f"{staat.partijen[versie.opdrachtgever].gln}|{staat.partijen[versie.aannemer].gln}"
        first = f"dossier|{found.toestand}|{found.aan_zet}|{pair}"
        late = [f"norm|{signal.ref}|{pair}" for signal in staat.signalen if signal.soort == NORM]
        if late or open_letters:
            return (first, *late, *(["onvolledig"] if open_letters else []))
    return (first, "onvolledig") if open_letters else (first,)
