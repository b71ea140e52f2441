"""The start-up archive (JDK's AOT cache): loaded and linked classes of a broker that ran once. It halves the start and
saves memory; a broker without it is only slower, so nothing here fails a start.

Made once per cache and Java runtime, by a rehearsal: a broker on a scratch folder is started, answers, and is stopped.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from topics.broker import machine
from topics.broker.distribution import Report, exclusive, file_digest
from topics.broker.errors import BrokerError
from topics.broker.folder import DataFolder
from topics.broker.jvm import Java
from topics.broker.node import format_storage, serve, wait_until_ready

REHEARSAL_HEAP_MB = 256
READY_SECONDS = 60.0
# The JVM writes the archive when it ends.
WRITING_SECONDS = 180.0


def with_archive(java: Java, home: Path, cache: Path, kafka: str, report: Report) -> Java:
    """`java` with the archive of its runtime from `home`, made first when there is none. The same `java` when it cannot
    be made; that is noted beside it and not tried again until the note is removed."""
    name = f"start-{java.jre.version}-{java.jre.fingerprint}"
    archive, digest, failed = (home / f"{name}.{suffix}" for suffix in ("aot", "sha256", "failed"))
    if failed.exists():
        return java
    if not _is_whole(archive, digest):
        try:
            with exclusive(cache, report):
                if not _is_whole(archive, digest):
                    _rehearse(java, archive, digest, kafka, report)
        except (BrokerError, OSError) as error:
            report(f"no start-up archive ({error}); the broker starts slower without it")
            _note(failed, str(error))
            return java
    return replace(java, archive=archive)


def _is_whole(archive: Path, digest: Path) -> bool:
    try:
        return file_digest(archive) == digest.read_text(encoding="ascii").strip()
    except OSError:
        return False


def _rehearse(java: Java, archive: Path, digest: Path, kafka: str, report: Report) -> None:
    report("making the start-up archive, once (about 15 s)")
    for old in (archive, digest):
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=archive.parent) as scratch:
        new = Path(scratch) / archive.name
        folder = DataFolder(Path(scratch) / "broker")
        descriptor = folder.lock(0)
        with open(descriptor, "rb"):
            controller_port = machine.choose_port(())
            ports = (machine.choose_port((controller_port,)), controller_port)
            format_storage(java, folder, folder.identify(kafka), ports, descriptor)
            jvm = serve(
                java, folder, ports, descriptor, heap_mb=REHEARSAL_HEAP_MB, options=(f"-XX:AOTCacheOutput={new}",)
            )
            try:
                wait_until_ready(jvm, ports[0], READY_SECONDS)
                jvm.terminate()
                if not jvm.wait(WRITING_SECONDS):
                    raise BrokerError(f"the archive was not written within {WRITING_SECONDS:.0f} s")
                if not new.exists():
                    raise BrokerError(
                        f"the JVM ended with status {jvm.status} and wrote no archive: {jvm.tail()[-500:]}"
                    )
            finally:
                jvm.kill()
        digest.write_text(file_digest(new), encoding="ascii")
        new.replace(archive)


def _note(file: Path, text: str) -> None:
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError:
        # A cache that cannot be written cannot hold the note either; the next start tries again.
        return
