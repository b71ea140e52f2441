"""What a turn of measure costs: `python -m tests.bench.measure_turn`, one JSON object of CPU milliseconds and documents.

A worker that has every row, without Kafka or Faust: it counts, and makes, compares and packs the documents, and sends them
nowhere. `all`: every pair is counted, as by a worker that begins, or as if pairs were not told apart. `few`: ten seconds of
the bus later, an interval has ended in each of two pairs. `none`: nothing has. `due`: a quarter of an hour later, when what
is open has aged.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import msgspec

from chain.doorlooptijden.kalenders import Kalenders
from chain.kalender import SECONDE, micros
from chain.kengetallen import Meting, Pakker, groep_of, interval_of
from chain.measure.beeld import Beeld
from chain.measure.opname import VEROUDERING, Opname
from chain.measure.publicatie import Blad, Publicatie
from chain.measure.rij import interval_key
from chain.measure.tabel import Partitie
from tests.bench.measure import document
from topics.documents.keten import Doorlooptijd, Stand
from topics.kafka import Sender, Write

PAIRS: Final = 200
KINDS: Final = 3
ORDERS: Final = 50_000
"""Of five measures each, begun in the last 90 days: 250 orders of a pair, in fifteen groups."""
OPEN: Final = 10
"""One order in so many is open, and what has not ended by the moment of the figures."""
FEW: Final = 2
ROUNDS: Final = 5
PEIL: Final = datetime(2026, 6, 15, 10).astimezone()
_MATEN: Final = 5
_DAYS: Final = timedelta(days=90)


class Nowhere(Sender):
    """Takes what is sent, and counts it."""

    def __init__(self) -> None:
        super().__init__("", 1.0)
        self.sent = 0

    async def partitions(self, topic: str) -> int:
        return 32

    async def send_all(self, writes: Sequence[Write]) -> None:
        self.sent += len(writes)


class Fresh(Publicatie):
    """Nothing lies on the topic."""

    async def _on_the_topic(self) -> dict[Blad, bytes]:
        return {}


class Worker:
    def __init__(self) -> None:
        self._pakker = Pakker()
        self._partitie = Partitie(0, self._pakker)
        self._beeld = Beeld(self._pakker)
        self._opname, self._sender = Opname(), Nowhere()
        self._publicatie = Fresh("", self._sender)
        self._dagen = Kalenders(None).dagen
        self.peil = micros(PEIL)
        for number in range(ORDERS * _MATEN):
            self.take(_interval(number))

    def take(self, one: Doorlooptijd) -> None:
        key = interval_key(one.dossier, one.maat, None).encode()
        row = Meting(one.revisie, groep_of(one), interval_of(one))
        self._partitie.keep(key, row)
        self._beeld.take("t", self._partitie, key, row)

    async def turn(self, *, anew: bool = False) -> tuple[float, int]:
        """CPU seconds, and documents that were sent. `anew`: of every pair."""
        if anew:
            self._opname = Opname()
        began, before = time.process_time(), self._sender.sent
        for paar, tijdvak, found in self._opname.tel(self._beeld.telling, self.peil, self._dagen):
            await self._publicatie.publish(paar, tijdvak, found, self.peil)
            await asyncio.sleep(0)
        self._opname.made(self.peil, self._beeld.signalen())
        return time.process_time() - began, self._sender.sent - before


def _interval(number: int, *, ended: bool = False) -> Doorlooptijd:
    """As it stands at PEIL, or a revision later, when it has ended then."""
    order = number // _MATEN
    one = document(number, 1, PAIRS, KINDS)
    later = PEIL - _DAYS + _DAYS * order / ORDERS - one.begin
    eind, deadline = one.eind and one.eind + later, one.deadline and one.deadline + later
    one = msgspec.structs.replace(one, begin=one.begin + later, eind=eind, deadline=deadline)
    if ended:
        return msgspec.structs.replace(one, revisie=2, eind=PEIL)
    if order % (OPEN * PAIRS) < PAIRS or (eind is not None and eind > PEIL):
        open_ = {"stand": Stand.OPEN, "eind": None, "bruto_seconden": 0, "netto_seconden": 0, "werkdagen": None}
        return msgspec.structs.replace(one, aan_zet_seconden={}, **open_)
    return one


async def main() -> dict[str, list[float]]:
    """Per kind of turn: milliseconds (the median of the rounds), documents of the last."""
    worker = Worker()
    await worker.turn()
    found: dict[str, list[tuple[float, int]]] = {"all": [], "few": [], "none": [], "due": []}
    for number in range(ROUNDS):
        worker.peil += 10 * SECONDE
        found["all"].append(await worker.turn(anew=True))
        worker.peil += 10 * SECONDE
        for pair in range(FEW):
            worker.take(_interval((number * FEW + pair) * _MATEN, ended=True))
        found["few"].append(await worker.turn())
        worker.peil += 10 * SECONDE
        found["none"].append(await worker.turn())
        worker.peil += VEROUDERING
        found["due"].append(await worker.turn())
    return {what: [round(median(at for at, _ in of) * 1e3, 1), of[-1][1]] for what, of in found.items()}


if __name__ == "__main__":
    print(msgspec.json.encode(asyncio.run(main())).decode())
