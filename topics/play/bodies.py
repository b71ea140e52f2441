"""The object store of a play: what it makes itself is kept in memory, what the capture holds is read from a folder."""

from pathlib import Path

from topics.blobs import FolderBlobs, MemoryBlobs
from topics.errors import Unavailable


class Bodies:
    """A BlobStore. `folder`: where the bodies of the capture lie; None: it has none. Nothing is written there."""

    def __init__(self, folder: Path | None = None) -> None:
        self._own = MemoryBlobs()
        self._given = FolderBlobs(folder) if folder is not None else None

    def put(self, content: bytes) -> str:
        return self._own.put(content)

    def get(self, ref: str) -> bytes:
        """Raises Unavailable for what neither has, ValueError for no ref, BlobCorrupt."""
        try:
            return self._own.get(ref)
        except Unavailable:
            if self._given is None:
                raise
            return self._given.get(ref)

    def has(self, ref: str) -> bool:
        try:
            self.get(ref)
        except (Unavailable, ValueError):
            return False
        return True
