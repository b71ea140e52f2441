"""From what a JVM left in its log to the error that says what to do."""

import re

from topics.broker.errors import (
    BrokerError,
    BrokerStopped,
    DiskFull,
    FolderForeign,
    FolderInUse,
    MemoryTooSmall,
    PortTaken,
)

# The first that is found decides: a full disk also makes Kafka complain about its folders.
SIGNS: tuple[tuple[re.Pattern[str], type[BrokerError], str], ...] = (
    (
        re.compile(r"No space left on device|Disk quota exceeded"),
        DiskFull,
        "Make room on the disk of the data folder and start again; what was acknowledged is kept.",
    ),
    (
        re.compile(
            r"OutOfMemoryError|Could not reserve enough space|insufficient memory for the Java Runtime|"
            r"Cannot allocate memory|Too small maximum heap|Initial heap size set to a larger value"
        ),
        MemoryTooSmall,
        "Give a larger heap (--heap-mb), stop something else, or raise the container's limit.",
    ),
    (
        re.compile(r"Address already in use|failed to bind to"),
        PortTaken,
        "Another process listens there: stop it, or give another port (--port).",
    ),
    (
        re.compile(r"Failed to acquire lock on file \.lock"),
        FolderInUse,
        "Another Kafka uses the data folder: stop it, or give another folder.",
    ),
    (
        re.compile(
            r"InconsistentClusterIdException|InconsistentBrokerMetadataException|Invalid cluster\.id|Stored node id"
        ),
        FolderForeign,
        "The data is another cluster's: put the right data there, or give another folder.",
    ),
)

STATUS_KILLED = 128 + 9


def diagnose(log: str, status: int | None, where: str) -> BrokerError:
    """Why a JVM with this log ended with this status. `where` names the log for the reader."""
    for pattern, error, remedy in SIGNS:
        found = pattern.search(log)
        if found is not None:
            start = log.rfind("\n", 0, found.start()) + 1
            line = log[start:].splitlines()[0].strip()
            return error(f"the broker ended with status {status}: {line[:400]} ({where}). {remedy}")
    if status == STATUS_KILLED:
        return BrokerStopped(
            f"the broker was killed (SIGKILL) by another process or, when memory ran out, by the system ({where}). "
            "Start it again: the data folder keeps what was acknowledged. If it happens again, look at the memory."
        )
    lines = [line for line in log.splitlines() if line.strip() and not line.startswith("\tat ")]
    return BrokerStopped(
        f"the broker ended with status {status}; expected it to run until stopped. Last lines of {where}:\n"
        + "\n".join(lines[-8:])[-2000:]
    )


def taken_port(log: str) -> int | None:
    """The port that a broker with this log could not bind, None when that was not its trouble."""
    found = re.search(r"failed to bind to [^\s:]*:(\d+)", log)
    return int(found.group(1)) if found else None
