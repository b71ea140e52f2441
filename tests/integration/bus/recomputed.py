"""What the correlator must have written: the same log, run through the same rules in memory, byte for byte."""

from collections import defaultdict
from collections.abc import Iterable

from chain.correlate.processor import Correlator
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, FACTUURBEOORDELING, SIGNAAL, log_topic
from topics.catalogue.topic import SINGLE, Sizing
from topics.kafka import Write, open_reader
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Record

OUTPUTS = (DOSSIER, DOORLOOPTIJD, SIGNAAL, FACTUURBEOORDELING)
Written = dict[tuple[str, bytes], list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]]


async def on_the_topics(bootstrap: str, keten: str) -> Written:
    """Per topic and key, in order: value and headers of what the correlator of `keten` wrote, as committed."""
    async with open_reader(bootstrap, OUTPUTS) as reader:
        records = [record async for record in reader.to_end()]
    return _by_key(record for record in records if record.key.startswith(f"{keten}/".encode()))


async def told(bootstrap: str, keten: str) -> list[str]:
    """Ids of the events on the log that one dossier told another: those that are no part of a message."""
    async with open_reader(bootstrap, [log_topic(keten)]) as reader:
        envelopes = [record.envelope() async for record in reader.to_end()]
    return [envelope.id for envelope in envelopes if envelope.source != "clock" and not envelope.part]


async def from_the_log(bootstrap: str, keten: str, sizing: Sizing = SINGLE) -> Written:
    """The same, recomputed in one go by a correlator that starts at the beginning of the log."""
    bus = FakeBus(sizing=sizing)
    async with open_reader(bootstrap, [log_topic(keten)]) as reader:
        async for record in reader.to_end():
            write = Write(
                record.topic, record.partition, record.key, record.value, tuple(record.headers), record.timestamp
            )
            bus.write(write)
    Driver(Correlator(keten), bus).run()
    return _by_key(record for topic in OUTPUTS for record in bus.records(topic))


def _by_key(records: Iterable[Record]) -> Written:
    found: Written = defaultdict(list)
    for record in records:
        found[(record.topic, record.key)].append((record.value, tuple(record.headers)))
    return dict(found)
