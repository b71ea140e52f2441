"""A file that is read from front to back, plain or compressed with gzip, with how far it is."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from topics.errors import Refused

_HEAD: Final = 1 << 16


class Bestand:
    """`head`: its first bytes, decompressed. `done` of `size`: bytes as they lie on disk."""

    def __init__(self, path: Path) -> None:
        """Raises Refused when it cannot be read."""
        self.name = path.name
        with self.reading():
            self._raw = path.open("rb")
            self.size = path.stat().st_size
            zipped = path.suffix.lower() == ".gz"
            self.stream: BinaryIO = cast(BinaryIO, gzip.GzipFile(fileobj=self._raw)) if zipped else self._raw
            self.head = self.stream.read(_HEAD)
            self.stream.seek(0)

    @property
    def done(self) -> int:
        return 0 if self._raw.closed else self._raw.tell()

    def close(self) -> None:
        self._raw.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raises Refused for what the file system or gzip cannot give."""
        try:
            yield
        except (OSError, EOFError, zlib.error) as error:
            what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise Refused(f"--log: {self.name}: cannot be read (on): {what}") from error
