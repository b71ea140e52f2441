"""A foreign event log, measured between two activities by the same figures as the bus's own measures."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from chain.doorlooptijden.eventlog import Bestand, Kolommen, Log, open_log
from chain.doorlooptijden.kalenders import DOORDEWEEKS
from chain.doorlooptijden.periode import Norm, day
from chain.doorlooptijden.rapport import Rapport, Regel
from chain.kalender import Werkkalender
from chain.kengetallen import Groep, Interval, Periode, cijfers
from topics.documents.keten import Stand
from topics.documents.onderhoud import Kalender
from topics.errors import Refused
from topics.view.words import visible

Read = Callable[[int, int], None]
"""Told how many bytes were read, of how many."""

_TELL_EVERY: Final = 20_000
_NAMED: Final = 12
_DIFFERENT: Final = 10_000
_NONE: Final = -(1 << 62)


class Vreemd(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure. `peil`: what happened later does not count; None is the last event. `vrij`: days, as text."""

    bestand: Path
    van: str
    tot: str
    periode: Periode = Periode()
    peil: int | None = None
    norm: str | None = None
    vrij: tuple[str, ...] = ()
    kolommen: tuple[str | None, str | None, str | None] = (None, None, None)
    scheiding: str | None = None
    codering: str | None = None


class Gemeten(msgspec.Struct, frozen=True, kw_only=True):
    """The figures, and what became of every row: `gebeurtenissen` were read (`na_peil` of them came too late to count),
    `afgewezen` were not, for the reasons in `per_fout`; the first of them in `eerste`."""

    rapport: Rapport
    gebeurtenissen: int
    na_peil: int
    zaken: int
    zonder_begin: int
    eind_voor_begin: int
    afgewezen: int
    per_fout: dict[str, int]
    eerste: tuple[dict[str, object], ...]
    kolommen: tuple[str, str, str]

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "rapport"}

    def afwijzingen(self) -> Iterator[str]:
        """For people: the first rows that were not counted, and how many there are of each kind."""
        for row in self.eerste:
            yield visible(
                f"✗ line {row['regel']}: {row['veld']}: found {row['gevonden']!r}, expected {row['verwacht']}"
            )
        if self.afgewezen:
            kinds = "; ".join(f"{count} × {kind}" for kind, count in self.per_fout.items())
            yield visible(f"{self.afgewezen} of {self.afgewezen + self.gebeurtenissen} rows not counted: {kinds}")


class Paren:
    """From events in any order to begin and end per case: the first `van`, and the first `tot` that is not before it.

    With one activity for both: its first and its second time. A case takes some 300 bytes until it is closed, and 16
    behind that; events of other activities take nothing.
    """

    def __init__(self, van: str, tot: str, peil: int | None = None) -> None:
        self._van, self._tot, self._peil = _plain(van), _plain(tot), peil
        # per case the begin, and behind it every moment that may be the end
        self._cases: dict[str, list[int]] = {}
        self._begins, self._ends = array("q"), array("q")
        self._plain: dict[str, str] = {}
        self.activiteiten: Counter[str] = Counter()
        self.laatste: int | None = None
        self.na_peil = self.zonder_begin = self.eind_voor_begin = 0

    def add(self, case: str, activity: str, at: int) -> None:
        """What happened after `peil` counts as not happened yet."""
        plain = self._plain.get(activity)
        if plain is None:
            plain = _plain(activity)
            if len(self._plain) < _DIFFERENT:
                self._plain[activity] = plain
        if activity in self.activiteiten or len(self.activiteiten) < _DIFFERENT:
            self.activiteiten[activity] += 1
        if self._peil is not None and at > self._peil:
            self.na_peil += 1
            return
        if self.laatste is None or at > self.laatste:
            self.laatste = at
        if plain in (self._van, self._tot):
            found = self._cases.setdefault(case, [_NONE])
            if plain == self._van and (found[0] == _NONE or at < found[0]):
                at, found[0] = found[0], at
            if at != _NONE and self._tot in (plain, self._van):
                found.append(at)

    def close(self) -> None:
        """Of the cases so far no more events come."""
        for begin, *ends in self._cases.values():
            if begin == _NONE:
                self.zonder_begin += 1
                continue
            later = [at for at in ends if at >= begin]
            self.eind_voor_begin += bool(ends) and not later
            self._begins.append(begin)
            self._ends.append(min(later, default=_NONE))
        self._cases.clear()

    def knows(self, activity: str) -> bool:
        wanted = _plain(activity)
        return any(_plain(one) == wanted for one in self.activiteiten)

    def __len__(self) -> int:
        return len(self._begins)

    def __iter__(self) -> Iterator[tuple[int, int | None]]:
        for begin, end in zip(self._begins, self._ends, strict=True):
            yield begin, None if end == _NONE else end


def measure(wanted: Vreemd, tell: Read) -> Gemeten:
    """Raises Refused for options that do not fit the file, or a file of which nothing can be measured."""
    norm = None if wanted.norm is None else Norm(wanted.norm, "--norm")
    free = tuple(day(text, "--vrij") for text in wanted.vrij)
    kalender = Werkkalender(Kalender(vrije_dagen=free)) if free else DOORDEWEEKS
    pairs = Paren(wanted.van, wanted.tot, wanted.peil)
    file = Bestand(wanted.bestand)
    try:
        log = open_log(file, Kolommen(*wanted.kolommen), wanted.scheiding, wanted.codering)
        count = _take(log, pairs, lambda: tell(file.done, file.size))
    finally:
        file.close()
    for option, activity in (("--van", wanted.van), ("--tot", wanted.tot)):
        if not pairs.knows(activity):
            raise Refused(_nothing(wanted, log, pairs, option, activity))
    if pairs.laatste is None:
        raise Refused("--stand-per: found a moment before the first event of the log, expected a later one")
    peil = pairs.laatste if wanted.peil is None else wanted.peil
    group = Groep("log", "", "", f"{wanted.van.strip()} → {wanted.tot.strip()}", "", "")
    found = (_interval(begin, end, norm, kalender) for begin, end in pairs)
    figures = cijfers(found, wanted.periode, peil, lambda one, at: kalender.working_days(one.begin, at))
    rejected = log.boek.afgewezen
    return Gemeten(
        rapport=Rapport(
            periode=wanted.periode,
            peil=peil,
            regels=(Regel(group, figures),),
            opmerkingen=tuple(_remarks(wanted, log, pairs, count)),
        ),
        gebeurtenissen=count,
        na_peil=pairs.na_peil,
        zaken=len(pairs) + pairs.zonder_begin,
        zonder_begin=pairs.zonder_begin,
        eind_voor_begin=pairs.eind_voor_begin,
        afgewezen=rejected.total(),
        per_fout={f"{field}: not {expected}": times for (field, expected), times in rejected.items()},
        eerste=tuple([msgspec.structs.asdict(one) for one in log.boek.eerste]),
        kolommen=log.kolommen,
    )


def _take(log: Log, pairs: Paren, tell: Callable[[], None]) -> int:
    count = 0
    current = ""
    for case, activity, at in log.gebeurtenissen():
        count += 1
        if count % _TELL_EVERY == 0:
            tell()
        if log.gegroepeerd and case != current:
            pairs.close()
            current = case
        pairs.add(case, activity, at)
    pairs.close()
    return count


def _interval(begin: int, end: int | None, norm: Norm | None, kalender: Werkkalender) -> Interval:
    deadline = None if norm is None else norm.deadline(begin, kalender)
    if end is None:
        return Interval(begin=begin, stand=Stand.OPEN, deadline=deadline)
    return Interval(
        begin=begin, stand=Stand.GESLOTEN, eind=end, deadline=deadline, dagen=kalender.working_days(begin, end)
    )


def _remarks(wanted: Vreemd, log: Log, pairs: Paren, count: int) -> Iterator[str]:
    case, activity, time = log.kolommen
    yield f"{count} gebeurtenissen; zaak = {case}, activiteit = {activity}, tijd = {time}"
    if pairs.na_peil:
        yield f"{pairs.na_peil} gebeurtenissen na --stand-per tellen niet mee"
    if pairs.zonder_begin:
        yield f"{pairs.zonder_begin} zaken hebben wel een {wanted.tot!r} maar geen {wanted.van!r}: niet gemeten"
    if pairs.eind_voor_begin:
        yield f"{pairs.eind_voor_begin} zaken hebben alleen een {wanted.tot!r} van voor hun {wanted.van!r}: nog open"
    for what, times in sorted(log.boek.opmerkingen.items()):
        yield f"{times} × {what}"


def _nothing(wanted: Vreemd, log: Log, pairs: Paren, option: str, activity: str) -> str:
    rejected = log.boek.afgewezen.total()
    if not pairs.activiteiten:
        first = f"; the first: {log.boek.eerste[0]}" if rejected else ""
        return f"--log: {wanted.bestand.name}: found no event that can be measured, {rejected} rows refused{first}"
    unread = f"; {rejected} rows refused, the first: {log.boek.eerste[0]}" if rejected else ""
    return (
        f"{option}: found {activity!r}, expected an activity that occurs in {wanted.bestand.name}: "
        f"{_often(pairs)} (with --log the period is --periode-van and --periode-tot){unread}"
    )


def _often(pairs: Paren) -> str:
    named = [visible(name) for name, _ in pairs.activiteiten.most_common(_NAMED)]
    return ", ".join(named) + (", …" if len(pairs.activiteiten) > _NAMED else "")


def _plain(activity: str) -> str:
    return " ".join(activity.split()).casefold()
