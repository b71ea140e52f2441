"""One run of Kafka in a data folder: format once, serve, wait until it answers."""

import os
import time
from collections.abc import Mapping, Sequence

from topics.broker.diagnosis import diagnose
from topics.broker.errors import NotReady
from topics.broker.folder import DataFolder, Identity
from topics.broker.jvm import Java, Jvm
from topics.broker.probe import answers
from topics.broker.settings import render, server_properties

STARTED = "Kafka Server started"
FORMAT_SECONDS = 60.0
FORMAT_HEAP_MB = 128


def format_storage(java: Java, folder: DataFolder, identity: Identity, ports: tuple[int, int], keep_fd: int) -> None:
    """Makes `data` in the folder, for this identity. It appears whole: a format that is cut off is done again.

    The controller's port goes into the cluster's metadata as the address of its only voter."""
    # Relative to the folder, which the JVM runs in: a path with a comma would be a list, and a folder may be moved.
    properties = server_properties(port=ports[0], controller_port=ports[1], data=folder.unformatted.name)
    folder.prepare_start(render(properties))
    folder.discard_unformatted()
    arguments = ["format", "--standalone", "-t", identity.cluster_id, "-c", folder.properties.name]
    command = java.command("kafka.tools.StorageTool", arguments, heap_mb=FORMAT_HEAP_MB, scratch=folder.scratch)
    jvm = Jvm(command, folder=folder.root, log=folder.log, keep_fd=keep_fd)
    try:
        if not jvm.wait(FORMAT_SECONDS):
            raise NotReady(
                f"formatting {folder.unformatted} was not done after {FORMAT_SECONDS:.0f} s ({folder.log}). Look whether "
                "the disk or the machine is overloaded, then start again."
            )
        if jvm.status != 0:
            raise diagnose(jvm.tail(), jvm.status, str(folder.log))
    finally:
        jvm.kill()
    with folder.writing():
        os.replace(folder.unformatted, folder.data)


def serve(
    java: Java,
    folder: DataFolder,
    ports: tuple[int, int],
    keep_fd: int,
    *,
    heap_mb: int,
    overrides: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Jvm:
    """Starts the broker; it is not ready yet."""
    properties = server_properties(port=ports[0], controller_port=ports[1], data=folder.data.name, overrides=overrides)
    folder.prepare_start(render(properties))
    command = java.command(
        "kafka.Kafka", [folder.properties.name], heap_mb=heap_mb, scratch=folder.scratch, options=options
    )
    return Jvm(command, folder=folder.root, log=folder.log, keep_fd=keep_fd)


def wait_until_ready(jvm: Jvm, port: int, seconds: float) -> None:
    """Returns when the broker said that it started and answers a request on its port.

    Raises what diagnose() finds when it ends instead, NotReady when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        started = STARTED in jvm.tail()
        status = jvm.status
        if status is not None:
            raise diagnose(jvm.tail(), status, str(jvm.log))
        if started and answers(port):
            return
        if time.monotonic() > deadline:
            raise NotReady(
                f"the broker on port {port} was not ready after {seconds:.0f} s "
                f"({'it started but does not answer' if started else 'it is still starting'}; {jvm.log}). "
                "After a kill with much data it must read its segments: give it more time, or look at the machine's load."
            )
        time.sleep(0.02)
