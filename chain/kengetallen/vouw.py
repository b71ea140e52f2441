"""Months that are closed: their intervals, folded into what figures need of them (`Som`), without the intervals.

The first month that is not closed (`grens`) follows from a moment of the log and a horizon in whole months. What is
folded is over: it ended, or its dossier was closed without its end, and its start, deadline and end lie before that month.
What is open stays an interval.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import Final

import msgspec

from chain.kengetallen.cijfers import Som, som
from chain.kengetallen.herziening import Groep
from chain.kengetallen.interval import Interval
from chain.kengetallen.pak import Meting, Paar, paar_van
from chain.kengetallen.tijdvak import maand, maand_van

Sommen = Mapping[Groep, Som]
"""What a pair comes to in one month, per group."""


def grens(at: int, horizon: int) -> int:
    """Number of the first month that is still open at a moment: `horizon` whole months lie between it and that of `at`."""
    return maand_van(at) - horizon


def voorbij(one: Interval, tot: int) -> bool:
    """Whether nothing of it ages and all of it lies before `tot` (microseconds)."""
    if one.open or (one.telt and one.dagen is None):
        return False
    return one.begin < tot and (one.eind is None or one.eind < tot) and (one.deadline is None or one.deadline < tot)


def maanden(one: Interval) -> tuple[int, ...]:
    """In whose figures it counts: those of its start, and of its deadline."""
    begin = maand_van(one.begin)
    if one.deadline is None or (due := maand_van(one.deadline)) == begin:
        return (begin,)
    return begin, due


def gevouwen(metingen: Iterable[Meting]) -> Iterator[tuple[Paar, int, Sommen]]:
    """What intervals that are over (`voorbij`) add to each month of each pair; in order."""
    found: dict[tuple[Paar, int], dict[Groep, list[Interval]]] = {}
    for _, groep, interval in metingen:
        paar = paar_van(groep)
        for month in maanden(interval):
            found.setdefault((paar, month), {}).setdefault(groep, []).append(interval)
    for (paar, month), groepen in sorted(found.items(), key=lambda one: one[0]):
        periode = maand(month).periode
        sommen = {groep: som(intervals, periode) for groep, intervals in sorted(groepen.items())}
        if left := {groep: one for groep, one in sommen.items() if one.tellingen}:
            yield paar, month, left


def samen(month: int, *sommen: Sommen) -> Sommen:
    """Several of the same pair and month, as one."""
    periode = maand(month).periode
    groepen = sorted({groep for one in sommen for groep in one})
    return {groep: som((), periode, [one[groep] for one in sommen if groep in one]) for groep in groepen}


class _Vouw(msgspec.Struct, frozen=True, array_like=True):
    """A group of a pair and its sum; of sorted durations the differences, which are small."""

    maat: str
    soort: str
    urgentie: str
    deel: bool
    dagen: str
    som: Som


_LEVEL: Final = 6
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[_Vouw]).decode


def pack(sommen: Sommen) -> bytes:
    """Of one pair; as small as they get."""
    lines = [
        _Vouw(groep.maat, groep.soort, groep.urgentie, groep.deel, groep.dagen, _each(one, _differences))
        for groep, one in sommen.items()
    ]
    return zlib.compress(_encode(lines), _LEVEL)


def unpack(paar: Paar, data: bytes) -> Sommen:
    """Raises msgspec.MsgspecError or zlib.error for what is something else."""
    return {
        Groep(*paar, line.maat, line.soort, line.urgentie, line.deel, line.dagen): _each(line.som, _sums)
        for line in _decode(zlib.decompress(data))
    }


def _each(one: Som, change: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Som:
    bruto, netto, dagen = (None if found is None else change(found) for found in (one.bruto, one.netto, one.dagen))
    without = map(change, (one.bruto_zonder, one.netto_zonder, one.dagen_zonder))
    return Som(one.tellingen, one.aan_zet, one.bevindingen, bruto, netto, dagen, *without)


def _differences(durations: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(later - former for former, later in pairwise((0, *durations)))


def _sums(differences: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(accumulate(differences))
