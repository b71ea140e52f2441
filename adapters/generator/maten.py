"""The measures of an order, counted plainly from ONDERHOUD 2: each from when to when, its deadline, its durations."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.conclusie import Conclusie, Feit, seconds, stilstand

OPEN: Final = "open"
GESLOTEN: Final = "gesloten"
VERVALLEN: Final = "vervallen"
INGETROKKEN: Final = "ingetrokken"
NAMEN: Final = frozenset(("acceptatie", "technisch-gereed", "administratief-gereed"))
"""The measures that the ledger knows."""


class Maat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A measure as it must stand. Durations in seconds, of what is no longer open; `werkdagen` too."""

    stand: str
    begin: datetime
    eind: datetime | None = None
    deadline: datetime | None = None
    werkdagen: int | None = None
    netto: int | None = None
    aan_zet: dict[str, int] | None = None
    gepauzeerd: bool = False
    voorlopig: bool = False
    bevindingen: tuple[str, ...] = ()


class Meting(msgspec.Struct, frozen=True):
    """A measure, and from which moment on it is late while it is open (None: it cannot become so)."""

    maat: Maat
    grens: datetime | None


def meten(found: Conclusie, *, voorlopig: bool) -> dict[str, Meting]:
    """Every measure that has begun."""
    ended = found.einde
    dropped = ended if ended is not None and ended.uiting.code in ("WEI", "ANN") else None
    measured = {
        "acceptatie": _meet(found, "acceptatie", found.t0, found.antwoord, dropped, voorlopig=voorlopig),
        "technisch-gereed": _meet(found, "technisch-gereed", found.t0, found.gereed, dropped, voorlopig=voorlopig),
    }
    if found.gereed is not None:
        closed = ended if dropped is None else None
        begin = found.gereed.moment
        measured["administratief-gereed"] = _meet(
            found, "administratief-gereed", begin, closed, dropped, voorlopig=voorlopig
        )
    return measured


def _meet(
    found: Conclusie, name: str, begin: datetime, end: Feit | None, dropped: Feit | None, *, voorlopig: bool
) -> Meting:
    last = end or dropped
    until = None if last is None else last.moment
    stops = [
        (since, stop if until is None or (stop is not None and stop < until) else until)
        for since, stop in stilstand(found)
        if (stop is None or stop > begin) and (until is None or since < until)
    ]
    deadline = _deadline(found, name, begin, stops)
    remarks = _remarks(found, begin, until)
    if until is None:
        paused = bool(stops) and stops[-1][1] is None
        late = deadline if deadline is None or not paused or stops[-1][0] > deadline else None
        maat = Maat(
            stand=OPEN, begin=begin, deadline=deadline, gepauzeerd=paused, voorlopig=voorlopig, bevindingen=remarks
        )
        return Meting(maat, late)
    maat = Maat(
        stand=GESLOTEN if end is not None else VERVALLEN,
        begin=begin,
        eind=until,
        deadline=deadline,
        werkdagen=found.termen.termen.kalender.days(begin, until),
        netto=seconds(sum((span for _, runs, span in _pieces(found, begin, until) if runs), timedelta())),
        aan_zet=_split(found, begin, until),
        voorlopig=voorlopig,
        bevindingen=remarks,
    )
    return Meting(maat, None)


def _deadline(
    found: Conclusie, name: str, begin: datetime, stops: list[tuple[datetime, datetime | None]]
) -> datetime | None:
    """The norm's end, moved by the stops that began before it."""
    order = found.termen
    norm = order.termen.norm(name, order.soort, order.urgentie)
    if norm is None:
        return None
    calendar = order.termen.kalender
    deadline = begin + _hours(norm.waarde) if norm.uren else calendar.deadline(begin, int(norm.waarde))
    for since, until in stops:
        if until is None or since > deadline:
            continue
        start = max(since, begin)
        if norm.uren:
            deadline += max(timedelta(), until - start)
        else:
            deadline = calendar.shifted(deadline, calendar.worked(start, until))
    return deadline


def _hours(value: Decimal) -> timedelta:
    return timedelta(seconds=int(value * 3600))


def _pieces(found: Conclusie, begin: datetime, until: datetime) -> list[tuple[str, bool, timedelta]]:
    made = []
    for number, stuk in enumerate(found.stukken):
        start = max(begin, stuk.begin) if number else begin
        following = found.stukken[number + 1].begin if number + 1 < len(found.stukken) else until
        end = min(until, following)
        if end > start:
            made.append((stuk.aan_zet, stuk.loopt, end - start))
    return made


def _split(found: Conclusie, begin: datetime, until: datetime) -> dict[str, int]:
    totals: dict[str, timedelta] = {}
    for who, _, span in _pieces(found, begin, until):
        totals[who] = totals.get(who, timedelta()) + span
    return {who: seconds(span) for who, span in totals.items() if seconds(span)}


def _remarks(found: Conclusie, begin: datetime, until: datetime | None) -> tuple[str, ...]:
    codes = {code for at, code in found.opmerkingen if begin <= at and (until is None or at <= until)}
    if until is not None and until < begin:
        codes.add("eind-voor-begin")
    return tuple(sorted(codes))
