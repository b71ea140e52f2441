"""A calendar in few bytes, for the state of a dossier: 30 free days take about 50."""

from datetime import date, time
from functools import lru_cache

import msgspec

from chain.kalender.kalender import Werkkalender
from topics.documents.onderhoud import Kalender

_Packed = tuple[tuple[int, ...], time, time, list[int]]
_decoder = msgspec.msgpack.Decoder(_Packed)


@lru_cache(maxsize=4_096)
def pack(kalender: Kalender) -> bytes:
    """The same bytes for calendars with the same days, in whatever order they are listed."""
    free = sorted({day.toordinal() for day in kalender.vrije_dagen})
    steps = [day - before for before, day in zip([0, *free], free, strict=False)]
    weekdays = tuple(sorted(set(kalender.werkdagen)))
    return msgspec.msgpack.encode((weekdays, kalender.begin, kalender.eind, steps))


@lru_cache(maxsize=4_096)
def unpack(packed: bytes) -> Werkkalender:
    """The calendar that `pack` packed. Raises msgspec.MsgspecError on other bytes, ValueError as Werkkalender."""
    weekdays, begin, end, steps = _decoder.decode(packed)
    day = 0
    free = []
    for step in steps:
        day += step
        free.append(date.fromordinal(day))
    return Werkkalender(Kalender(vrije_dagen=tuple(free), werkdagen=weekdays, begin=begin, eind=end))
