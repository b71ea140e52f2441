"""What all rows come to: the count of intervals, signals that stand, and what could not be counted. No I/O."""

from collections import Counter
from collections.abc import Iterator

from chain.kengetallen import Meting, Telling
from chain.measure import rij
from chain.measure.rij import Onleesbaar, Rij, Signaalstand
from chain.measure.teller import interval_key


class Beeld:
    """Adds up rows of all partitions, in any order and with any repetition. An interval that occurs in two partitions
    counts once, by its last revision, as it does for everybody who reads the topic."""

    def __init__(self) -> None:
        self.telling = Telling()
        self._signalen: dict[tuple[int, bytes], Signaalstand] = {}
        self._onleesbaar: set[tuple[str, int, int]] = set()
        self._maten: set[str] = set()

    def take(self, topic: str, partition: int, key: bytes, row: Rij) -> None:
        match row:
            case Meting():
                if self.telling.take(key, row):
                    self._maten.add(row.groep.maat)
            case Signaalstand():
                if rij.later(row, self._signalen.get((partition, key))):
                    self._signalen[partition, key] = row
            case Onleesbaar():
                self._onleesbaar.add((topic, partition, row.offset))

    def onleesbaar(self) -> Counter[str]:
        """Records that could not be counted, by topic."""
        return Counter(topic for topic, _, _ in self._onleesbaar)

    def signalen(self) -> Counter[tuple[str, str, str, str]]:
        """Signals that stand, by keten, kind, client and contractor; as far as these are known."""
        return Counter((one.keten, one.soort, *self._pair(one)) for one in self._signalen.values() if one.open)

    def _pair(self, signaal: Signaalstand) -> tuple[str, str]:
        """Of the measures of the same dossier; a signal itself only says whom it is about."""
        for maat in self._maten:
            key = interval_key(signaal.dossier, maat, None).encode()
            if key in self.telling:
                groep = self.telling[key].groep
                return groep.opdrachtgever, groep.aannemer
        return "", signaal.tegen

    def metingen(self) -> Iterator[tuple[bytes, Meting]]:
        """The last revision of every interval."""
        return self.telling.items()
