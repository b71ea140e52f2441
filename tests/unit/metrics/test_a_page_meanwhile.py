"""A page of figures is made beside the event loop, which goes on: what changes meanwhile is never a page less."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from prometheus_client import CollectorRegistry, generate_latest

from adapters.folder.figures import Figures
from adapters.folder.look import Looks
from topics.blobs import FolderBlobs
from topics.metrics.disk import Disk
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.step import Processor
from topics.runtime.task import TaskState
from topics.runtime.worker import Worker


def test_a_worker_is_asked_whether_it_is_ready_while_it_is_given_partitions(tmp_path: Path) -> None:
    processor = cast(Processor[bytes], SimpleNamespace(name="adapter-aannemer", topic="ruw.aannemer.v1"))
    registry = CollectorRegistry()
    worker = Worker(processor, "127.0.0.1:1", FolderBlobs(tmp_path), WorkerMetrics(registry))

    class Running:
        """Asked for its state, as the loop gives the worker another partition."""

        store = SimpleNamespace(facets={})

        @property
        def state(self) -> TaskState:
            worker.tasks[len(worker.tasks)] = cast(Any, Running())
            return TaskState.RUNNING

    worker.tasks[0] = cast(Any, Running())
    worker.joined = True
    assert worker.ready


def test_files_are_counted_while_the_folder_of_a_new_partner_is_added(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    figures = Figures(registry)

    class Adding(Looks):
        @property
        def waiting(self) -> int:
            figures.watch("later", Looks(tmp_path))
            return 3

        @waiting.setter
        def waiting(self, _: int) -> None: ...

    figures.watch("eerder", Adding(tmp_path))
    assert b"\nketenbus_folder_waiting 3.0" in generate_latest(registry)


def test_the_page_is_there_without_the_room_on_a_disk_that_is_away(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    registry.register(Disk(tmp_path / "weg"))
    assert generate_latest(registry) == b""
    registry = CollectorRegistry()
    registry.register(Disk(tmp_path))
    page = generate_latest(registry).decode()
    assert "\nketenbus_data_free_bytes " in page
    assert "\nketenbus_data_size_bytes " in page
