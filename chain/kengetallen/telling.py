"""Intervals by pair and month, kept up to date revision by revision: the same figures as `cijfers` over all of them.

`cijfers` looks at an interval only where its start or its deadline falls in the period. So a pair knows in which months
its dossiers have a start, deadline or end, and figures of a period touch those dossiers only. A month that is over and
in which nothing is open does not age any more: it is not told again until something touches it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from chain.kengetallen.cijfers import Cijfers, Dagen, cijfers
from chain.kengetallen.herziening import Groep
from chain.kengetallen.interval import Interval
from chain.kengetallen.pak import Gepakt, Paar, Pakker, partitie_van
from chain.kengetallen.tijdvak import Tijdvak, maand, maand_van
from chain.kengetallen.vouw import Sommen, samen, unpack

Figures = Mapping[Groep, Cijfers]


class Telling:
    """The last revision of every interval among those given, in any order and with any repetition, and what was folded."""

    def __init__(self, pakker: Pakker) -> None:
        self._pakker = pakker
        self._dossiers: dict[bytes, bytes] = {}
        self._dubbel: dict[bytes, dict[int, bytes]] = {}
        """By partition, of dossiers that occur in more than one."""
        self._vakken: dict[Paar, _Vak] = {}

    def __len__(self) -> int:
        """Dossiers of which there are intervals."""
        return len(self._dossiers)

    def zet(self, dossier: bytes, partitie: int, pak: bytes | None) -> None:
        """All intervals that a partition has of a dossier now, packed; None: no more. Of an interval that occurs in two
        partitions the last revision counts."""
        former = self._dossiers.get(dossier)
        parts = self._dubbel.get(dossier)
        if parts is None and former is not None and partitie_van(former) != partitie:
            parts = self._dubbel[dossier] = {partitie_van(former): former}
        if parts is not None:
            parts.pop(partitie, None)
            if pak is not None:
                parts[partitie] = pak
            pak = self._laatste(parts)
            if len(parts) < 2:
                del self._dubbel[dossier]
        if pak is None:
            self._dossiers.pop(dossier, None)
        else:
            self._dossiers[dossier] = pak
        before, after = self._pakker.unpack(former), self._pakker.unpack(pak)
        for one in before:
            if one not in after:
                self._vak(one).touched(one)
        for one in after:
            if one not in before:
                vak = self._vak(one)
                vak.touched(one)
                vak.add(dossier, one)
                vak.groepen.add(self._pakker.groep(one))

    def vouw(self, paar: Paar, month: int, partitie: int, data: bytes) -> None:
        """What a partition has folded of a month of a pair, packed; in the place of what it had folded before."""
        vak = self._vakken.setdefault(self._pakker.eigen(paar), _Vak())
        vak.gevouwen.setdefault(month, {})[partitie] = data
        vak.vast.discard(month)
        vak.versie += 1

    def paar(self, dossier: bytes) -> Paar | None:
        """Of the intervals of a dossier; None when there are none any more."""
        found = self._pakker.unpack(self._dossiers.get(dossier))
        return self._pakker.paar(found[0]) if found else None

    def paren(self) -> tuple[Paar, ...]:
        """Those of which something was ever counted; in order."""
        return tuple(sorted(self._vakken))

    def groepen(self, paar: Paar) -> frozenset[Groep]:
        """Those of which there was an interval."""
        return frozenset(self._vakken[paar].groepen)

    def versie(self, paar: Paar) -> int:
        """Another one when anything of a pair was set, folded or is to be told again since: its figures may be others."""
        return self._vakken[paar].versie

    def opnieuw(self) -> None:
        """Tell every month again, also those that were told to be empty."""
        for vak in self._vakken.values():
            vak.vast.clear()
            vak.geraakt |= vak.verteld
            vak.versie += 1

    def per_maand(self, paar: Paar, peil: int, dagen: Callable[[Groep], Dagen]) -> Iterator[tuple[Tijdvak, Figures]]:
        """Figures of the groups of a pair per month, as they stand at `peil`; groups of nothing are left out. A month that
        does not age is told once, until it is touched."""
        vak = self._vakken[paar]
        for month in sorted((vak.maanden.keys() | vak.gevouwen.keys() | vak.geraakt) - vak.vast):
            tijdvak = maand(month)
            tot = tijdvak.periode.tot
            if tot is not None and tot <= peil and vak.maanden.get(month, set()).isdisjoint(vak.open):
                vak.vast.add(month)
            parts = [unpack(paar, data) for data in vak.gevouwen.get(month, {}).values()]
            sommen = samen(month, *parts) if len(parts) > 1 else parts[0] if parts else {}
            vak.geraakt.discard(month)
            vak.verteld.add(month)
            yield tijdvak, figures(self._touched(paar, [month], tijdvak), tijdvak, peil, dagen, sommen)

    def geraakt(self, paar: Paar, tijdvak: Tijdvak) -> dict[Groep, list[Interval]]:
        """Intervals of a pair that are kept and of which start, deadline or end falls in a period; each once."""
        van, tot = _bounds(tijdvak)
        return self._touched(paar, range(maand_van(van), maand_van(tot - 1) + 1), tijdvak)

    def open(self, paar: Paar) -> Iterator[tuple[Groep, Interval]]:
        vak = self._vakken[paar]
        for dossier in tuple(vak.open):
            found = [one for one in self._of(paar, dossier) if one.open]
            if not found:
                vak.open.discard(dossier)
            for one in found:
                yield self._pakker.groep(one), self._pakker.interval(one)

    def _touched(self, paar: Paar, months: Iterable[int], tijdvak: Tijdvak) -> dict[Groep, list[Interval]]:
        vak, pakker = self._vakken[paar], self._pakker
        van, tot = _bounds(tijdvak)
        found: dict[Groep, list[Interval]] = {}
        seen: set[bytes] = set()
        for month in months:
            among = vak.maanden.get(month, set())
            bounds = _bounds(maand(month))
            for dossier in [one for one in among if one not in seen]:
                regels = self._of(paar, dossier)
                if any(one.raakt(*bounds) for one in regels):
                    seen.add(dossier)
                    for one in regels:
                        if one.raakt(van, tot):
                            found.setdefault(pakker.groep(one), []).append(pakker.interval(one))
                else:
                    among.discard(dossier)
            if not among:
                vak.maanden.pop(month, None)
        return found

    def _of(self, paar: Paar, dossier: bytes) -> list[Gepakt]:
        pakker = self._pakker
        return [one for one in pakker.unpack(self._dossiers.get(dossier)) if pakker.paar(one) == paar]

    def _laatste(self, parts: Mapping[int, bytes]) -> bytes | None:
        if len(parts) < 2:
            return next(iter(parts.values()), None)
        last: dict[tuple[str, str | None], Gepakt] = {}
        for pak in parts.values():
            for one in self._pakker.unpack(pak):
                key = (self._pakker.groep(one).maat, one.subnummer)
                if key not in last or one.revisie > last[key].revisie:
                    last[key] = one
        return self._pakker.pack(next(iter(parts)), last.values())

    def _vak(self, one: Gepakt) -> "_Vak":
        return self._vakken.setdefault(self._pakker.paar(one), _Vak())


def figures(
    intervals: Mapping[Groep, list[Interval]],
    tijdvak: Tijdvak,
    peil: int,
    dagen: Callable[[Groep], Dagen],
    sommen: Sommen,
) -> Figures:
    """Per group, of its intervals and of what was folded; groups of nothing are left out."""
    found = {}
    for groep in sorted(intervals.keys() | sommen.keys()):
        folded = (sommen[groep],) if groep in sommen else ()
        one = cijfers(intervals.get(groep, ()), tijdvak.periode, peil, dagen(groep), folded)
        if one.n or one.vervallen or one.geweigerd or one.ingetrokken or one.gevallen:
            found[groep] = one
    return found


class _Vak:
    """Where the intervals of one pair are. Dossiers that are there no more are found out when they are looked for.

    `verteld`: months that were ever told; `vast`: of those, what does not age. `geraakt`: touched, and not told since.
    """

    __slots__ = ("geraakt", "gevouwen", "groepen", "maanden", "open", "vast", "versie", "verteld")

    def __init__(self) -> None:
        self.maanden: dict[int, set[bytes]] = {}
        self.open: set[bytes] = set()
        self.gevouwen: dict[int, dict[int, bytes]] = {}
        self.groepen: set[Groep] = set()
        self.verteld: set[int] = set()
        self.vast: set[int] = set()
        self.geraakt: set[int] = set()
        self.versie = 0

    def touched(self, one: Gepakt) -> None:
        self.versie += 1
        months = _months(one)
        self.vast -= months
        self.geraakt |= months

    def add(self, dossier: bytes, one: Gepakt) -> None:
        for month in _months(one):
            self.maanden.setdefault(month, set()).add(dossier)
        if one.open:
            self.open.add(dossier)


def _months(one: Gepakt) -> set[int]:
    return {maand_van(at) for at in (one.begin, one.deadline, one.eind) if at is not None}


def _bounds(tijdvak: Tijdvak) -> tuple[int, int]:
    periode = tijdvak.periode
    return periode.van or 0, periode.tot or 0
