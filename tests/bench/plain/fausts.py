"""Faust 0.15.3 at the plain work: an agent and an in-memory Table, at_least_once (exactly_once doubles; KAFKA.md C).

python -m tests.bench.plain.fausts BOOTSTRAP NAME TOPIC FOLDER PARTITIONS
"""

import sys

import faust
import msgspec

from tests.bench.plain.work import EVENTS, LAST, Uit, output_topic


def build(bootstrap: str, name: str, topic: str, folder: str, partitions: int) -> faust.App:
    app = faust.App(
        name,
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        store="memory://",
        topic_partitions=partitions,
        topic_replication_factor=1,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        topic_disable_leader=True,
    )
    source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    sink = app.topic(output_topic(name), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    table = app.Table("stand", partitions=partitions)

    @app.agent(source)
    async def work(stream: faust.StreamT[bytes]) -> None:
        async for key, value in stream.items():
            event = EVENTS.decode(value)
            sleutel = key.decode()
            former = table.get(sleutel)
            n = 1 if former is None else former["n"] + 1
            table[sleutel] = {"n": n, "id": event.id}
            if event.nummer == LAST:
                await sink.send(key=key, value=msgspec.json.encode(Uit(sleutel, event.id, n)))

    return app


if __name__ == "__main__":
    bootstrap, name, topic, folder, partitions = sys.argv[1:]
    app = build(bootstrap, name, topic, folder, int(partitions))
    faust.Worker(app, loglevel="warning", quiet=True).execute_from_commandline()
