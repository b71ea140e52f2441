"""Key figures of lead times on both sides, by the room that also counts them for the command and the KPIs."""

from collections.abc import Iterable, Mapping

from chain.doorlooptijden.kalenders import Kalenders
from chain.doorlooptijden.rapport import regels
from chain.kengetallen import Cijfers, Groep, Laatste, Periode
from chain.kengetallen.herziening import KALENDERDAGEN
from chain.verschil.rapport import Cijfer, Duur, Kengetal
from topics.documents.keten import Doorlooptijd
from topics.profile.registry import Registry


def kengetallen(
    oud: Iterable[Doorlooptijd], nieuw: Iterable[Doorlooptijd], registries: tuple[Registry, Registry], peil: int
) -> tuple[Kengetal, ...]:
    """Groups of which any figure differs, in the order of their names; per `peil` (microseconds)."""
    before, after = _counted(oud, registries[0], peil), _counted(nieuw, registries[1], peil)
    found = []
    for groep in sorted({*before, *after}):
        was, becomes = _cijfer(groep, before), _cijfer(groep, after)
        if was != becomes:
            found.append(
                Kengetal(
                    opdrachtgever=groep.opdrachtgever,
                    aannemer=groep.aannemer,
                    maat=f"{groep.maat} (delen)" if groep.deel else groep.maat,
                    soort=groep.soort,
                    urgentie=groep.urgentie,
                    keten=groep.keten,
                    oud=was,
                    nieuw=becomes,
                )
            )
    return tuple(found)


def _counted(documents: Iterable[Doorlooptijd], registry: Registry, peil: int) -> Mapping[Groep, Cijfers]:
    last = Laatste()
    for document in documents:
        last.take(document)
    return {line.groep: line.cijfers for line in regels(last.intervals(), Periode(), peil, Kalenders(registry).dagen)}


def _cijfer(groep: Groep, found: Mapping[Groep, Cijfers]) -> Cijfer:
    """Durations as the contract clock runs; of a measure in calendar days, as the calendar does."""
    one = found.get(groep)
    if one is None:
        return Cijfer()
    lengths = one.uren if groep.dagen == KALENDERDAGEN or one.netto.p50 is None else one.netto
    p50, p90 = (None if each is None else Duur(each.value, each.reached) for each in (lengths.p50, lengths.p90))
    return Cijfer(n=one.n, open=one.open, p50=p50, p90=p90, gevallen=one.gevallen, gehaald=one.gehaald)
