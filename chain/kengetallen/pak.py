"""Intervals as they are kept in memory: the packed bytes of all intervals of a dossier, and little around them.

An interval as an object, with its key, its group and the places where it is found, is 1.6 kB of Python; packed some
sixty bytes. Numbers of groups hold for one Pakker only, so that what is packed never leaves the process.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from chain.kalender import SECONDE
from chain.kengetallen.herziening import Groep
from chain.kengetallen.interval import Interval
from topics.documents.keten import AanZet, Stand

_STANDEN: Final = tuple(Stand)
_PARTIJEN: Final = tuple(AanZet)
_STAND: Final[Mapping[Stand, int]] = {stand: number for number, stand in enumerate(_STANDEN)}
_PARTIJ: Final[Mapping[AanZet, int]] = {party: number for number, party in enumerate(_PARTIJEN)}
_OPEN: Final = _STAND[Stand.OPEN]

_HEAD: Final = 2
"""Bytes of the partition, in front."""


class Meting(NamedTuple):
    """A revision of an interval, as figures need it."""

    revisie: int
    groep: Groep
    interval: Interval


class Paar(NamedTuple):
    """Who measures whom. The unit in which intervals are found, closed and published."""

    keten: str
    opdrachtgever: str
    aannemer: str


class Gepakt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One interval of a dossier. `groep`, `woorden` (code of its end and findings): numbers of the Pakker. `op`: True when
    it is the last whole second before its end."""

    groep: int
    subnummer: str | None
    revisie: int
    begin: int
    stand: int
    eind: int | None
    deadline: int | None
    woorden: int
    stil_sinds: int | None
    op: int | bool | None
    netto: int | None
    dagen: int | None
    aan_zet: tuple[int, ...]
    voorlopig: bool

    @property
    def open(self) -> bool:
        return self.stand == _OPEN and self.eind is None

    def raakt(self, van: int, tot: int) -> bool:
        """Whether its start, deadline or end falls from `van` up to, not including, `tot`."""
        return (
            van <= self.begin < tot
            or (self.deadline is not None and van <= self.deadline < tot)
            or (self.eind is not None and van <= self.eind < tot)
        )


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Gepakt]).decode


class Pakker:
    """Packs and unpacks; knows every group once."""

    def __init__(self) -> None:
        self._groepen: list[Groep] = []
        self._paren: list[Paar] = []
        self._nummers: dict[Groep, int] = {}
        self._eigen: dict[Paar, Paar] = {}
        self._woorden: list[tuple[str | None, tuple[str, ...]]] = []
        self._woordnummers: dict[tuple[str | None, tuple[str, ...]], int] = {}

    def pack(self, partitie: int, regels: Iterable[Gepakt]) -> bytes:
        return partitie.to_bytes(_HEAD, "big") + _encode(list(regels))

    def unpack(self, pak: bytes | None) -> list[Gepakt]:
        return [] if pak is None else _decode(pak[_HEAD:])

    def gepakt(self, subnummer: str | None, meting: Meting) -> Gepakt:
        one = meting.interval
        op = None if one.op is None else True if one.op == _last_second(one.begin, one.eind) else one.op
        return Gepakt(
            self._nummer(meting.groep),
            subnummer,
            meting.revisie,
            one.begin,
            _STAND[one.stand],
            one.eind,
            one.deadline,
            self._woord((one.eindcode, one.bevindingen)),
            one.stil_sinds,
            op,
            one.netto,
            one.dagen,
            tuple([number for party, seconds in one.aan_zet.items() for number in (_PARTIJ[party], seconds)]),
            one.voorlopig,
        )

    def meting(self, found: Gepakt) -> Meting:
        return Meting(found.revisie, self._groepen[found.groep], self.interval(found))

    def interval(self, found: Gepakt) -> Interval:
        eindcode, bevindingen = self._woorden[found.woorden]
        split = found.aan_zet
        return Interval(
            begin=found.begin,
            stand=_STANDEN[found.stand],
            eind=found.eind,
            deadline=found.deadline,
            eindcode=eindcode,
            stil_sinds=found.stil_sinds,
            op=_last_second(found.begin, found.eind) if found.op is True else found.op,
            netto=found.netto,
            dagen=found.dagen,
            aan_zet={_PARTIJEN[split[at]]: split[at + 1] for at in range(0, len(split), 2)},
            voorlopig=found.voorlopig,
            bevindingen=bevindingen,
        )

    def groep(self, found: Gepakt) -> Groep:
        return self._groepen[found.groep]

    def paar(self, found: Gepakt) -> Paar:
        """Of one Pakker the same pair is the same object."""
        return self._paren[found.groep]

    def eigen(self, paar: Paar) -> Paar:
        """The one object that this pair is here."""
        return self._eigen.setdefault(paar, paar)

    def _nummer(self, groep: Groep) -> int:
        number = self._nummers.get(groep)
        if number is None:
            number = self._nummers[groep] = len(self._groepen)
            self._groepen.append(groep)
            self._paren.append(self.eigen(paar_van(groep)))
        return number

    def _woord(self, words: tuple[str | None, tuple[str, ...]]) -> int:
        number = self._woordnummers.get(words)
        if number is None:
            number = self._woordnummers[words] = len(self._woorden)
            self._woorden.append(words)
        return number


def partitie_van(pak: bytes) -> int:
    """That it was packed for."""
    return int.from_bytes(pak[:_HEAD], "big")


def paar_van(groep: Groep) -> Paar:
    return Paar(groep.keten, groep.opdrachtgever, groep.aannemer)


def _last_second(begin: int, eind: int | None) -> int | None:
    return None if eind is None else begin + (eind - begin) // SECONDE * SECONDE
