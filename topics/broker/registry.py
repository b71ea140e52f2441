"""Jars from Maven Central by `jgo`. Imported only when the cache lacks them.

`python -m topics.broker.registry > topics/broker/jars.lock` writes a new lock after the versions in ROOTS are changed:
only then are dependencies resolved. A broker's machine fetches exactly what is locked. With coordinates as arguments it
writes a lock of those alone, without what they need.
"""

import errno
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from jgo.maven import MavenContext

from topics.broker.distribution import Jar, Report, file_digest, render_lock
from topics.broker.errors import DiskFull, RegistryUnreachable

ROOTS = ("org.apache.kafka:kafka_2.13:4.3.1", "org.slf4j:slf4j-simple:1.7.36")
PARALLEL = 4
TIMEOUT_SECONDS = 30


def fetch(jars: Sequence[Jar], into: Path, report: Report) -> None:
    """Every jar, under its file name, into the folder `into`. See `distribution.Fetch`."""
    total = sum(jar.size for jar in jars)
    arrived = tenths = 0
    with tempfile.TemporaryDirectory(prefix="registry-", dir=into.parent) as repository:
        context = MavenContext(repo_cache=Path(repository), timeout=TIMEOUT_SECONDS)
        with ThreadPoolExecutor(PARALLEL) as pool:
            downloads = {pool.submit(_fetch_one, context, jar, into): jar for jar in jars}
            try:
                for download in as_completed(downloads):
                    download.result()
                    arrived += downloads[download].size
                    if arrived * 10 // total > tenths:
                        tenths = arrived * 10 // total
                        report(f"  {arrived / 1e6:.0f} of {total / 1e6:.0f} MB")
            finally:
                pool.shutdown(cancel_futures=True)


def _fetch_one(context: MavenContext, jar: Jar, into: Path) -> None:
    artifact = context.create_dependency(jar.coordinate).artifact
    try:
        shutil.move(artifact.resolve(), into / jar.file_name)
    # jgo says RuntimeError when the registry answers without the jar; requests' errors are OSErrors.
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"the disk of {into} filled up while {jar.file_name} arrived. Make room there.") from error
        raise RegistryUnreachable(
            f"{jar.coordinate} could not be fetched from Maven Central: {_innermost(error)}. It is needed once. "
            "Connect this machine (or set its proxy), or copy the cache folder from a machine that has it."
        ) from error


def _innermost(error: BaseException) -> str:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}"


def locked(coordinates: Sequence[str] = ROOTS, *, alone: bool = False) -> list[Jar]:
    """What `coordinates` need now, resolved and hashed: the content of a new lock. alone: only themselves."""
    with tempfile.TemporaryDirectory() as repository:
        context = MavenContext(repo_cache=Path(repository), timeout=TIMEOUT_SECONDS)
        roots = [context.create_dependency(coordinate) for coordinate in coordinates]
        direct, transitive = (roots, []) if alone else context.resolver.resolve(roots)
        jars: list[Jar] = []
        for dependency in [*direct, *transitive]:
            path = dependency.artifact.resolve()
            jars.append(
                Jar(
                    dependency.groupId,
                    dependency.artifactId,
                    dependency.version,
                    file_digest(path),
                    path.stat().st_size,
                )
            )
        return jars


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.stdout.write(f"# {' '.join(given or ROOTS)}{'' if given else ' and what they need'}; ")
    sys.stdout.write(f"written by `python -m topics.broker.registry{''.join(f' {one}' for one in given)}`\n")
    sys.stdout.write(render_lock(locked(given, alone=True) if given else locked()))
