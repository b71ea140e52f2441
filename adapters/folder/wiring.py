"""The real thing behind the port `Log`."""

from adapters.folder.delivery import Offsets
from topics.envelope import Envelope
from topics.kafka import open_reader
from topics.view.status import Receipt


class KafkaLog:
    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def ends(self, topic: str) -> Offsets:
        async with open_reader(self._bootstrap, [topic]) as reader:
            return {partition: offset for (_, partition), offset in (await reader.ends()).items()}

    async def written(self, topic: str, since: Offsets, partner: str, sha256: str) -> Receipt | None:
        start = {(topic, partition): offset for partition, offset in since.items()}
        async with open_reader(self._bootstrap, [topic], start, only=start) as reader:
            async for record in reader.to_end():
                if record.key != partner.encode():
                    continue
                envelope = record.envelope()
                if envelope.sha256 == sha256 and not envelope.part:
                    return _receipt(envelope, partner, topic, record.partition, record.offset)
        return None


def _receipt(envelope: Envelope, partner: str, topic: str, partition: int, offset: int) -> Receipt:
    return Receipt(
        ontvangst=envelope.id,
        partner=partner,
        sha256=envelope.sha256,
        topic=topic,
        partitie=partition,
        positie=offset,
        ontvangen=envelope.recorded_time,
    )
