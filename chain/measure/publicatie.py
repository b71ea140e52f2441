"""Publishes key figures on `keten.kpi.v1`: what changed since they were last published, by anyone."""

import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
import structlog

from chain.kengetallen import Paar, Tijdvak
from chain.kengetallen.telling import Figures
from chain.measure import kpi as kpis
from topics import ids
from topics.catalogue.declarations import KPI, MEASURE
from topics.documents import ce_type, decode, encode
from topics.documents.keten import Kpi
from topics.envelope import Envelope
from topics.errors import KetenbusError
from topics.kafka import Sender, Write, open_reader, partition_for
from topics.runtime.step import Record

log = structlog.get_logger(__name__)

_TYPE: Final = ce_type(Kpi)
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(dict[bytes, bytes]).decode
_AT_ONCE: Final = 20_000
"""Documents of the topic that are held unpacked while it is read."""


class Blad(NamedTuple):
    """The documents of one pair over one period: they are made, compared and kept together."""

    keten: str
    opdrachtgever: str
    aannemer: str
    periode: str


_FILTERS: Final = Blad._fields


class Publicatie:
    """One writer at a time: the worker that has the first partition. It sends by a producer of its own, outside Faust:
    nothing of it can hang in a transaction."""

    def __init__(self, bootstrap: str, sender: Sender, topic: str = KPI) -> None:
        self._bootstrap, self._sender, self._topic = bootstrap, sender, topic
        self._sent: dict[Blad, bytes] | None = None
        self._rest: set[Blad] = set()

    def forget(self) -> None:
        """Somebody else publishes now."""
        self._sent = None

    def laatste(self, wanted: Mapping[str, str]) -> Iterator[Kpi]:
        """As they were last published; those of which every named field is as wanted."""
        for blad, packed in list((self._sent or {}).items()):
            if all(getattr(blad, name) == wanted[name] for name in _FILTERS if name in wanted):
                for one in _unpack(packed).values():
                    if all(getattr(one, name) == value for name, value in wanted.items()):
                        yield one

    async def publish(self, paar: Paar, tijdvak: Tijdvak, found: Figures, peil: int) -> int:
        """Send what of the figures of a pair over a period differs from what lies on the topic, and a tombstone for what is
        no more; how many.

        Figures that stay the same are sent again when the period moved on: a document says what it is about, and up to
        when it stood when it last changed. Raises Unavailable; what was sent by then is sent again.
        """
        blad = Blad(*paar, tijdvak.naam)
        wanted = {
            kpis.key_of(groep, tijdvak.naam): kpis.document(groep, tijdvak, cijfers, peil)
            for groep, cijfers in found.items()
        }
        return await self._send(blad, wanted)

    async def rest(self) -> int:
        """Tombstones for what lay on the topic and was not published since; how many. Raises Unavailable."""
        await self._known()
        return sum([await self._send(blad, {}) for blad in sorted(self._rest)])

    async def _send(self, blad: Blad, wanted: Mapping[bytes, Kpi]) -> int:
        known = await self._known()
        former = _unpack(known.get(blad))
        changed: dict[bytes, Kpi | None] = {
            key: kpi for key, kpi in wanted.items() if key not in former or _figures(former[key]) != _figures(kpi)
        }
        changed |= dict.fromkeys(former.keys() - wanted.keys())
        if changed:
            count = await self._sender.partitions(self._topic)
            at = int(time.time() * 1000)
            await self._sender.send_all([_write(self._topic, key, kpi, count, at) for key, kpi in changed.items()])
            put_away(known, blad, former, changed)
        self._rest.discard(blad)
        return len(changed)

    async def _known(self) -> dict[Blad, bytes]:
        if self._sent is None:
            self._sent = await self._on_the_topic()
            self._rest = set(self._sent)
        return self._sent

    async def _on_the_topic(self) -> dict[Blad, bytes]:
        found: dict[Blad, bytes] = {}
        fresh: dict[Blad, dict[bytes, Kpi | None]] = {}
        async with open_reader(self._bootstrap, [self._topic]) as reader:
            number = 0
            async for record in reader.to_end():
                words = record.key.decode("utf-8", "replace").split("/")
                if len(words) <= len(_FILTERS):
                    continue
                keten, opdrachtgever, aannemer = words[1 : len(_FILTERS)]
                change = fresh.setdefault(Blad(keten, opdrachtgever, aannemer, words[-1]), {})
                change[record.key] = _document(record)
                number += 1
                if number % _AT_ONCE == 0:
                    _fold(found, fresh)
        _fold(found, fresh)
        return found


def _document(record: Record) -> Kpi | None:
    """None for a tombstone, and for what this release cannot read: that is published anew."""
    if record.value is None:
        return None
    try:
        found = decode(record.envelope().type, record.value)
    except KetenbusError as error:
        log.warning("measure.kpi-unreadable", position=record.position, code=error.code, error=str(error))
        return None
    return found if isinstance(found, Kpi) else None


def _fold(found: dict[Blad, bytes], fresh: dict[Blad, dict[bytes, Kpi | None]]) -> None:
    for blad, changed in fresh.items():
        put_away(found, blad, _unpack(found.get(blad)), changed)
    fresh.clear()


def put_away(
    known: dict[Blad, bytes], blad: Blad, former: dict[bytes, Kpi], changed: Mapping[bytes, Kpi | None]
) -> None:
    """Keep the documents of a `blad` packed, as they are after a change (None: gone)."""
    left = {key: kpi for key, kpi in {**former, **changed}.items() if kpi is not None}
    if left:
        known[blad] = zlib.compress(_encode({key: encode(kpi) for key, kpi in left.items()}))
    else:
        known.pop(blad, None)


def _unpack(packed: bytes | None) -> dict[bytes, Kpi]:
    if packed is None:
        return {}
    found = ((key, decode(_TYPE, body)) for key, body in _decode(zlib.decompress(packed)).items())
    return {key: kpi for key, kpi in found if isinstance(kpi, Kpi)}


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
