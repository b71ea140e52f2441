"""Quix Streams at the plain work, exactly-once. Runs in a virtual environment of its own, so it imports nothing of ours.

python quix.py BOOTSTRAP NAME TOPIC OUTPUT FOLDER
"""

import sys
from typing import Any

from quixstreams import Application, State

LAST = 5


def work(event: dict[str, Any], key: bytes, _timestamp: int, _headers: object, state: State) -> dict[str, Any]:
    former = state.get("stand")
    n = 1 if former is None else former["n"] + 1
    state.set("stand", {"n": n, "id": event["id"]})
    return {"sleutel": key.decode(), "id": event["id"], "n": n, "nummer": event["nummer"]}


def main(bootstrap: str, name: str, topic: str, output: str, folder: str) -> None:
    app = Application(
        broker_address=bootstrap,
        consumer_group=name,
        state_dir=folder,
        processing_guarantee="exactly-once",
        auto_offset_reset="earliest",
        commit_interval=0.1,
        auto_create_topics=True,
        loglevel="WARNING",
        consumer_extra_config={"fetch.message.max.bytes": 2 << 20},
    )
    source = app.topic(topic, key_deserializer="bytes", value_deserializer="json")
    sink = app.topic(output, key_serializer="bytes", value_serializer="json")
    frame = app.dataframe(source)
    frame = frame.apply(work, stateful=True, metadata=True)
    frame = frame[frame["nummer"] == LAST]
    frame.to_topic(sink)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
