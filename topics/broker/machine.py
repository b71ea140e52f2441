"""What the machine has to give: memory, room on disk, ports. Sizes in bytes."""

import random
import shutil
import socket
from collections.abc import Callable, Collection
from pathlib import Path

from topics.broker.errors import DiskFull, MemoryTooSmall, PortTaken

HOST = "127.0.0.1"

# Ports of outgoing connections begin at 32768 on Linux: below it nobody takes one by accident.
PORT_RANGE = (20_000, 32_000)
# Of processes, whose ports are chosen before their broker chooses its own: apart, so that it never takes one of them.
BASE_RANGE = (10_000, 18_000)

# Beside the heap: code cache, metaspace, thread stacks, direct buffers (README, measured).
JVM_OVERHEAD_MB = 192
SMALLEST_HEAP_MB = 256

MEGABYTE = 1024 * 1024
UNLIMITED = 1 << 50


def free_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Memory that a new process can get: the least of the machine's and of every enclosing control group's.

    Page cache counts as free. None where the system does not tell (not Linux)."""
    try:
        lines = (proc / "meminfo").read_text().splitlines()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    if "MemAvailable" not in fields:
        return None
    free = int(fields["MemAvailable"].split()[0]) * 1024
    for limit, used, reclaimable in _control_groups(proc, cgroups):
        free = min(free, limit - used + reclaimable)
    return max(free, 0)


def _control_groups(proc: Path, cgroups: Path) -> list[tuple[int, int, int]]:
    """(limit, in use, file cache within it) of each control group with a limit that this process is in, v2 and v1."""
    found: list[tuple[int, int, int]] = []
    try:
        memberships = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return found
    for membership in memberships:
        _, controllers, path = membership.split(":", 2)
        if controllers == "":
            base, names = cgroups, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            base = cgroups / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = base / path.lstrip("/")
        while True:
            try:
                limit = (group / names[0]).read_text().strip()
                used = int((group / names[1]).read_text())
                stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            except OSError:
                limit = "max"
            if limit != "max" and int(limit) < UNLIMITED:
                found.append((int(limit), used, int(stat.get(names[2], "0"))))
            if group == base or base not in group.parents:
                break
            group = group.parent
    return found


def require_memory(heap_mb: int, free: int | None) -> None:
    """Raises MemoryTooSmall when a JVM with this heap does not fit in `free`, or the heap is too small for Kafka."""
    if heap_mb < SMALLEST_HEAP_MB:
        raise MemoryTooSmall(
            f"heap of {heap_mb} MB; Kafka needs at least {SMALLEST_HEAP_MB} MB. Give a larger heap (--heap-mb)."
        )
    needed = heap_mb + JVM_OVERHEAD_MB
    if free is not None and free < needed * MEGABYTE:
        raise MemoryTooSmall(
            f"{free // MEGABYTE} MB of memory is free; a heap of {heap_mb} MB needs {needed} MB "
            f"({JVM_OVERHEAD_MB} MB beside the heap). Stop something, raise the container's limit, "
            f"or give a smaller heap (--heap-mb, at least {SMALLEST_HEAP_MB})."
        )


def free_disk(folder: Path) -> int:
    """Room for this user on the file system of `folder`, or of its nearest parent that exists."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_disk(folder: Path, needed: int, purpose: str) -> None:
    """Raises DiskFull when less than `needed` is free where `folder` is."""
    free = free_disk(folder)
    if free < needed:
        raise DiskFull(
            f"{free // MEGABYTE} MB is free on the disk of {folder}; {purpose} needs at least {needed // MEGABYTE} MB. "
            "Make room, or choose a folder on another disk."
        )


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the broker does it, so that connections of its predecessor in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def choose_port(taken: Collection[int]) -> int:
    """A port that was free a moment ago and is not in `taken`. Another may take it before the broker binds.

    Raises PortTaken when none is found."""
    return _chosen(PORT_RANGE, lambda port: port not in taken and port_is_free(port))


def choose_base(offsets: Collection[int]) -> int:
    """A port from which on those at `offsets` were free a moment ago: for the processes beside a broker.

    Raises PortTaken when none is found."""
    return _chosen(BASE_RANGE, lambda base: all(port_is_free(base + offset) for offset in offsets))


def _chosen(among: tuple[int, int], fits: Callable[[int], bool]) -> int:
    chance = random.SystemRandom()
    found = next(filter(fits, (chance.randrange(*among) for _ in range(1000))), None)
    if found is None:
        raise PortTaken(f"no free port found between {among[0]} and {among[1]} on {HOST}. Give a fixed port (--port).")
    return found
