"""Sub-orders: parts of one order, each concluded by itself, and the whole that they make (ONDERHOUD 2, 6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from adapters.generator.beeld import SLUITEND, Agenda, Conclusie, Feit, Stuk, ver_vooruit
from adapters.generator.conclusie import conclude

VOLGORDE: Final = (
    "geregistreerd",
    "geaccepteerd",
    "annulering-gevraagd",
    "onderbroken",
    "in-behandeling",
    "technisch-gereed",
    "administratief-gereed",
)
AAN_ZET: Final = ("aannemer", "opdrachtgever", "huurder", "niemand")


class Geheel(msgspec.Struct, frozen=True):
    """An order: the whole, and its parts by sub-number (none when it is not divided)."""

    found: Conclusie
    delen: dict[str, Conclusie]


def beschouw(feiten: Sequence[Feit]) -> Geheel:
    """`feiten` in their order. Without sub-orders the whole is all there is."""
    names = sorted({feit.uiting.sub or "" for feit in feiten if feit.uiting.opdracht is not None})
    if names == [""]:
        return Geheel(conclude(feiten), {})
    facts, loose = _verdeeld(feiten, names)
    parts = {name: conclude(found) for name, found in facts.items()}
    if len(parts) == 1:
        (only,) = parts.values()
        only.buiten += loose
        return Geheel(only, {})
    return Geheel(_whole(list(parts.values()), loose), parts)


def _verdeeld(feiten: Sequence[Feit], names: Iterable[str]) -> tuple[dict[str, list[Feit]], list[Feit]]:
    """What names no part counts for the one part that was open then; else nobody can say where it belongs."""
    facts: dict[str, list[Feit]] = {name: [] for name in names}
    begun: set[str] = set()
    closed: set[str] = set()
    loose = []
    for feit in feiten:
        name = feit.uiting.sub or ""
        if feit.uiting.opdracht is not None:
            begun.add(name)
        elif not name:
            open_ = sorted((begun or set(facts)) - closed)
            name = open_[0] if len(open_) == 1 else "?"
        if name not in facts:
            loose.append(feit)
            continue
        facts[name].append(feit)
        if feit.uiting.code in SLUITEND and not ver_vooruit(feit):
            closed.add(name)
    return facts, loose


def _whole(parts: list[Conclusie], loose: list[Feit]) -> Conclusie:
    """From the earliest start to the last TGE of the parts that were not cancelled or refused."""
    first = min(parts, key=lambda part: part.t0)
    standing = [part for part in parts if part.einde is None or part.einde.uiting.code == "AGE"]
    made = Conclusie(
        t0=first.t0,
        t0_huurder=min(part.t0_huurder for part in parts),
        order=first.order,
        termen=first.termen,
        toestand=_state(parts, standing),
        stukken=_pieces(parts, first.t0),
        clients=first.clients,
        heropend=sum(part.heropend for part in parts),
        niet_thuis=sum(part.niet_thuis for part in parts),
        buiten=[*loose, *(feit for part in parts for feit in part.buiten)],
        posten=[post for part in parts for post in part.posten],
        meerwerk_open=[feit for part in parts for feit in part.meerwerk_open],
        vrije_tekst=[feit for part in parts for feit in part.vrije_tekst],
        agenda=Agenda(
            gemist=[one for part in parts for one in part.agenda.gemist],
            nagekomen=[one for part in parts for one in part.agenda.nagekomen],
        ),
    )
    ready = [part.gereed for part in standing if part.gereed is not None]
    ends = [part.einde for part in standing or parts if part.einde is not None]
    if ready and len(ready) == len(standing):
        made.gereed = max(ready, key=lambda feit: feit.moment)
    if len(ends) == len(standing or parts):
        made.einde = max(ends, key=lambda feit: feit.moment)
    return made


def _state(parts: Sequence[Conclusie], standing: Sequence[Conclusie]) -> str:
    if standing:
        return min((part.toestand for part in standing), key=VOLGORDE.index)
    return "geweigerd" if all(part.toestand == "geweigerd" for part in parts) else "geannuleerd"


def _pieces(parts: Sequence[Conclusie], t0: datetime) -> list[Stuk]:
    """Over the parts that are not ready, else over all: the clock runs while it runs for one, and the aannemer is aan
    zet while it is for one."""
    turns = {max(stuk.begin, t0): stuk.door for part in parts for stuk in part.stukken}
    turns |= {max(part.gereed.moment, t0): part.gereed for part in parts if part.gereed is not None}
    made: list[Stuk] = []
    for at in sorted(turns):
        begun = [part for part in parts if part.t0 <= at]
        busy = [part for part in begun if part.gereed is None or part.gereed.moment > at] or begun
        now = [next(stuk for stuk in reversed(part.stukken) if stuk.begin <= at) for part in busy]
        who = min((stuk.aan_zet for stuk in now), key=AAN_ZET.index)
        runs = any(stuk.loopt for stuk in now)
        if not made or (who, runs) != (made[-1].aan_zet, made[-1].loopt):
            made.append(Stuk(at, who, runs, turns[at] if made else None))
    return made
