"""This runtime at the plain work, as one worker process with the settings that it has in production.

python -m tests.bench.plain.ours BOOTSTRAP NAME TOPIC FOLDER
"""

import sys
from pathlib import Path

import uvloop
from prometheus_client import CollectorRegistry

from tests.bench.plain.work import Plain, catalogue
from topics.blobs import FolderBlobs
from topics.processes.logging import configure
from topics.processes.workers import spare_collector, stop_on_signals
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.worker import Worker


async def main(bootstrap: str, name: str, topic: str, folder: str) -> None:
    spare_collector()
    blobs = FolderBlobs(Path(folder) / "blobs")
    metrics = WorkerMetrics(CollectorRegistry())
    await Worker(Plain(name, topic), bootstrap, blobs, metrics, catalogue=catalogue(name, topic)).run(stop_on_signals())


if __name__ == "__main__":
    configure("bench", "warning")
    uvloop.run(main(*sys.argv[1:]))
