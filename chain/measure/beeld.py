"""What all rows come to: the count of intervals, signals that stand, what could not be counted, what came too late. No
I/O."""

from collections import Counter
from collections.abc import Iterator

from chain.kengetallen import Meting, Pakker, Telling
from chain.measure import rij
from chain.measure.rij import Afsluiting, Gevouwen, Onleesbaar, Rij, Signaalstand
from chain.measure.tabel import Partitie


class Beeld:
    """Adds up rows of all partitions, in any order and with any repetition. An interval that occurs in two partitions
    counts once, by its last revision, as it does for everybody who reads the topic; until it is folded."""

    def __init__(self, pakker: Pakker) -> None:
        """`pakker`: that of the partitions."""
        self.telling = Telling(pakker)
        self._signalen: dict[tuple[int, bytes], Signaalstand] = {}
        self._onleesbaar: set[tuple[str, int, int]] = set()
        self._afsluiting: dict[tuple[str, int], Afsluiting] = {}
        self._geteld: Counter[tuple[str, str, str, str]] | None = None
        """Signals as they were last counted; None when a row came since."""

    def take(self, topic: str, partitie: Partitie, key: bytes, row: Rij | None) -> None:
        """A row that `partitie` has kept, or that went (None)."""
        self._geteld = None
        at = partitie.nummer, key
        match row:
            case Meting():
                self._intervals(partitie, rij.interval_of_key(key)[0])
            case Gevouwen():
                self.telling.vouw(row.paar, row.maand, partitie.nummer, row.sommen)
            case Afsluiting():
                self._afsluiting[topic, partitie.nummer] = row
            case Signaalstand():
                if rij.later(row, self._signalen.get(at)):
                    self._signalen[at] = row
            case Onleesbaar():
                self._onleesbaar.add((topic, partitie.nummer, row.offset))
            case None if at in self._signalen:
                del self._signalen[at]
            case None:
                self._intervals(partitie, rij.interval_of_key(key)[0])

    def whole(self, topic: str, partitie: Partitie) -> Iterator[None]:
        """All rows of a partition; a turn for others may lie between any two."""
        self._geteld = None
        for dossier in tuple(partitie.metingen):
            self._intervals(partitie, dossier)
            yield
        for key, row in tuple(partitie.overig.items()):
            self.take(topic, partitie, key, row)
            yield

    def _intervals(self, partitie: Partitie, dossier: bytes) -> None:
        self.telling.zet(dossier, partitie.nummer, partitie.metingen.get(dossier))

    def onleesbaar(self) -> Counter[str]:
        """Records that could not be counted, by topic. From any thread."""
        return Counter(topic for topic, _, _ in tuple(self._onleesbaar))

    def laat(self) -> int:
        """Records that came for a month that was closed, and changed nothing. From any thread."""
        return sum(one.laat for one in tuple(self._afsluiting.values()))

    def bezig(self) -> bool:
        """Whether months are being closed: what was folded may count twice for a moment."""
        return any(one.bezig for one in self._afsluiting.values())

    def signalen(self) -> Counter[tuple[str, str, str, str]]:
        """Signals that stand, by keten, kind, client and contractor; as far as these are known."""
        if self._geteld is None:
            standing = (one for one in self._signalen.values() if one.open)
            self._geteld = Counter((one.keten, one.soort, *self._pair(one)) for one in standing)
        return self._geteld

    def _pair(self, signaal: Signaalstand) -> tuple[str, str]:
        """Of the measures of the same dossier; a signal itself only says whom it is about."""
        paar = self.telling.paar(signaal.dossier.encode())
        return ("", signaal.tegen) if paar is None else (paar.opdrachtgever, paar.aannemer)
