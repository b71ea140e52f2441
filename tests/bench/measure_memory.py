"""What intervals cost measure in memory: `python -m tests.bench.measure_memory`, one JSON object of bytes each.

The rows of a worker that has every partition and adds up, without Kafka or Faust: intervals of one client, five of an
order, which take the way of a changelog's rows; each kind in a process of its own, as after a restart. What Python holds,
as tracemalloc tells; of live intervals resident memory, in which is what the allocator takes.
"""

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import msgspec
import psutil

from chain.doorlooptijden.kalenders import Kalenders
from chain.kalender import micros
from chain.kengetallen import Groep, Meting, Pakker, groep_of, interval_of
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.tijdvak import maand_van
from chain.kengetallen.vouw import gevouwen, pack, unpack
from chain.measure import kpi, rij
from chain.measure.beeld import Beeld
from chain.measure.publicatie import Blad, put_away
from chain.measure.rij import Gevouwen, interval_key, vouw_key
from chain.measure.tabel import Partitie
from tests.bench.measure import document

INTERVALS: Final = 250_000
"""Those of 50,000 orders, one every ten minutes: almost a year."""
PARTITIONS: Final = 32
FEW: Final = 4, 1
MANY: Final = 8, 8
"""Contractors of the client, and kinds of order: with few a group has some thirty intervals in a month of a partition, with
many two."""
_BLOCK: Final = 64

Rows = list[tuple[int, bytes, bytes]]
"""Partition, key and value of rows as a changelog has them."""


def live() -> Iterator[tuple[int, bytes, bytes]]:
    for number in range(INTERVALS):
        one = document(number, 1, *FEW)
        row = Meting(1, groep_of(one), interval_of(one))
        yield _partition(number // 5), interval_key(one.dossier, one.maat, None).encode(), rij.encode(row)


def folded(contractors: int, kinds: int) -> Rows:
    """All months closed."""
    until = maand_van(micros(document(INTERVALS, 1).begin + timedelta(days=62)))
    found: Rows = []
    for partition in range(PARTITIONS):
        orders = [order for order in range(INTERVALS // 5) if _partition(order) == partition]
        ended = (document(5 * order + maat, 1, contractors, kinds) for order in orders for maat in range(5))
        metingen = [Meting(1, groep_of(one), interval_of(one)) for one in ended]
        for paar, month, sommen in gevouwen(metingen):
            row = Gevouwen(until, month, paar, pack(sommen))
            found.append((partition, vouw_key(paar, month).encode(), rij.encode(row)))
    return found


def _partition(order: int) -> int:
    """In blocks, so that each has orders of all contractors."""
    return order // _BLOCK % PARTITIONS


class Worker:
    """The rows of all partitions, and their sum."""

    def __init__(self) -> None:
        self._pakker = Pakker()
        self._partities = [Partitie(number, self._pakker) for number in range(PARTITIONS)]
        self._beeld = Beeld(self._pakker)
        self._bladen: dict[Blad, bytes] = {}

    def restore(self, partition: int, key: bytes, value: bytes) -> None:
        row, partitie = rij.decode(value), self._partities[partition]
        partitie.keep(key, row)
        self._beeld.take("t", partitie, key, row)

    def publish(self) -> int:
        """Keep what a turn would publish of months; how many documents."""
        telling, peil, number = self._beeld.telling, micros(document(INTERVALS, 1).begin + timedelta(days=62)), 0
        for paar in telling.paren():
            for tijdvak, found in telling.per_maand(paar, peil, _dagen):
                number += len(found)
                kpis = {
                    kpi.key_of(groep, tijdvak.naam): kpi.document(groep, tijdvak, cijfers, peil)
                    for groep, cijfers in found.items()
                }
                put_away(self._bladen, Blad(*paar, tijdvak.naam), {}, kpis)
        return number


def _dagen(groep: Groep) -> Dagen:
    return Kalenders(None).dagen(groep)


def _restored(rows: Iterator[tuple[int, bytes, bytes]] | Rows) -> dict[str, float]:
    """Bytes that rows take, and documents and bytes of what is published of them."""
    worker = Worker()
    process = psutil.Process()
    gc.collect()
    before = int(process.memory_info().rss)

    def restore() -> None:
        for one in rows:
            worker.restore(*one)

    taken = _taken(restore)
    resident = int(process.memory_info().rss) - before
    number = 0

    def publish() -> None:
        nonlocal number
        number = worker.publish()

    published = _taken(publish)
    return {"rows": taken, "resident": resident, "documents": number, "published": published}


def _taken(work: Callable[[], object]) -> int:
    """Bytes that Python holds more than before; what work only needed meanwhile is not in it."""
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    work()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def _apart(what: str, rows: Rows | None = None) -> bytes:
    """The same program in a process of its own. Raises CalledProcessError."""
    words = (sys.executable, "-m", "tests.bench.measure_memory", what)
    given = None if rows is None else msgspec.msgpack.encode(rows)
    return subprocess.run(words, check=True, input=given, stdout=subprocess.PIPE).stdout


def main() -> dict[str, float]:
    """Bytes of an interval that is a row; of one that is folded, by how many fall into one sum; of a published document."""
    rows = msgspec.json.decode(_apart("live"), type=dict[str, float])
    found: dict[str, float] = {"memory of a live interval": round(rows["resident"] / INTERVALS)}
    for contractors, kinds in (FEW, MANY):
        sums = msgspec.msgpack.decode(_apart(f"fold-{contractors}-{kinds}"), type=Rows)
        groups = sum(len(unpack(row.paar, row.sommen)) for row in map(_sums, sums))
        closed = msgspec.json.decode(_apart("closed", sums), type=dict[str, float])
        each = f"{INTERVALS / groups:.0f} intervals each"
        found |= {
            f"memory of a closed group and month of a partition, {each}": round(closed["rows"] / groups),
            f"memory of a document, {closed['documents']:.0f} of months": round(
                closed["published"] / closed["documents"]
            ),
        }
    return found


def _sums(row: tuple[int, bytes, bytes]) -> Gevouwen:
    found = rij.decode(row[2])
    if not isinstance(found, Gevouwen):
        raise TypeError(f"found {type(found).__name__}, expected Gevouwen")
    return found


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["live"]:  # untraced: tracing takes memory itself
            sys.stdout.buffer.write(msgspec.json.encode(_restored(live())))
        case ["closed"]:
            tracemalloc.start()
            sums = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Rows)
            sys.stdout.buffer.write(msgspec.json.encode(_restored(sums)))
        case [what] if what.startswith("fold-"):
            sys.stdout.buffer.write(msgspec.msgpack.encode(folded(*map(int, what.split("-")[1:]))))
        case _:
            sys.stdout.buffer.write(msgspec.json.encode(main()))
