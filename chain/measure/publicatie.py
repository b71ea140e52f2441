"""Publishes key figures on `keten.kpi.v1`: what changed since they were last published, by anyone."""

import time
from collections.abc import Iterable
from typing import Final

import msgspec
import structlog

from topics import ids
from topics.catalogue.declarations import KPI, MEASURE
from topics.documents import ce_type, decode, encode
from topics.documents.keten import Kpi
from topics.envelope import Envelope
from topics.errors import KetenbusError
from topics.kafka import Sender, Write, open_reader, partition_for

log = structlog.get_logger(__name__)

_TYPE: Final = ce_type(Kpi)


class Publicatie:
    """One writer at a time: the worker that has the first partition. It sends by a producer of its own, outside Faust:
    nothing of it can hang in a transaction."""

    def __init__(self, bootstrap: str, sender: Sender, topic: str = KPI) -> None:
        self._bootstrap, self._sender, self._topic = bootstrap, sender, topic
        self._sent: dict[bytes, Kpi] | None = None

    def forget(self) -> None:
        """Somebody else publishes now."""
        self._sent = None

    @property
    def laatste(self) -> Iterable[Kpi]:
        return () if self._sent is None else self._sent.values()

    async def publish(self, found: dict[bytes, Kpi]) -> int:
        """Send what differs from what lies on the topic, and a tombstone for what is no more; how many.

        Figures that stay the same are sent again when the period moved on: a document says what it is about, and up to
        when it stood when it last changed. Raises Unavailable; what was sent by then is sent again.
        """
        if self._sent is None:
            self._sent = await self._on_the_topic()
        sent = self._sent
        changed: dict[bytes, Kpi | None] = {
            key: kpi for key, kpi in found.items() if key not in sent or _figures(sent[key]) != _figures(kpi)
        }
        changed |= dict.fromkeys(sent.keys() - found.keys())
        if changed:
            count = await self._sender.partitions(self._topic)
            at = int(time.time() * 1000)
            await self._sender.send_all([_write(self._topic, key, kpi, count, at) for key, kpi in changed.items()])
        for key, kpi in changed.items():
            if kpi is None:
                del sent[key]
            else:
                sent[key] = kpi
        return len(changed)

    async def _on_the_topic(self) -> dict[bytes, Kpi]:
        found: dict[bytes, Kpi] = {}
        async with open_reader(self._bootstrap, [self._topic]) as reader:
            async for record in reader.to_end():
                found.pop(record.key, None)
                if record.value is None:
                    continue
                try:
                    kpi = decode(record.envelope().type, record.value)
                except KetenbusError as error:
                    log.warning("measure.kpi-unreadable", position=record.position, code=error.code, error=str(error))
                    continue
                if isinstance(kpi, Kpi):
                    found[record.key] = kpi
        return found


def _figures(kpi: Kpi) -> Kpi:
    return msgspec.structs.replace(kpi, stand_per=None)


def _write(topic: str, key: bytes, kpi: Kpi | None, partitions: int, timestamp: int) -> Write:
    partition = partition_for(key, partitions)
    if kpi is None or kpi.stand_per is None:
        return Write(topic, partition, key, None, (), timestamp)
    body = encode(kpi)
    envelope = Envelope(
        id=ids.derived_id(key.decode(), _TYPE, kpi.stand_per.isoformat()),
        source=MEASURE,
        type=_TYPE,
        time=kpi.stand_per,
        recorded_time=kpi.stand_per,
        subject=key.decode(),
    )
    return Write(topic, partition, key, body, envelope.headers(), timestamp)
