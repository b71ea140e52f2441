"""Measure as a process of its own that can be killed: python -m tests.integration.measure.measure_process ORDER (JSON)."""

import asyncio
import os
import signal
import sys

import msgspec
import uvloop

from chain.measure.rij import Rij
from chain.measure.tabel import Partitie
from tests.integration.measure.meetbaan import Meetbaan, counting


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`kill_at`: the process kills itself when it has kept so many rows, in the middle of a batch; 0: never."""

    bootstrap: str
    word: str
    kill_at: int = 0


async def main(order: Order) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    kept = 0

    def killing(_topic: str, _partitie: Partitie, _key: bytes, _row: Rij | None) -> None:
        nonlocal kept
        kept += 1
        if kept == order.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    async with counting(Meetbaan(order.bootstrap, order.word), listener=killing):
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Order)))
