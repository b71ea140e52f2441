import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.blobs import BlobCorrupt, FolderBlobs, blob_ref
from topics.errors import Unavailable


@given(content=st.binary(max_size=5000))
def test_what_was_put_comes_back_when_asked_by_its_reference(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    blobs = FolderBlobs(tmp_path_factory.mktemp("blobs"))
    ref = blobs.put(content)
    assert ref == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert blobs.get(ref) == content


def test_putting_twice_leaves_one_file_and_no_partial_ones(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        refs = set(threads.map(blobs.put, [b"a" * 100_000] * 16))
    assert len(refs) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [refs.pop().removeprefix("sha256:")]


def test_a_part_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    ref = blobs.put(b"whole")
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(b"wh")
    assert blobs.put(b"whole") == ref
    assert blobs.get(ref) == b"whole"


def test_corrupt_content_is_an_error_when_read(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    ref = blobs.put(b"right")
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(b"wrong")
    with pytest.raises(BlobCorrupt, match="restore"):
        blobs.get(ref)


def test_an_absent_blob_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        FolderBlobs(tmp_path).get(blob_ref(b"never stored"))


def test_a_store_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be written"):
        FolderBlobs(file).put(b"content")


@pytest.mark.parametrize("ref", ["", "sha256:", "sha256:../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "a" * 64])
def test_what_is_no_reference_is_refused_before_the_file_system_is_touched(tmp_path: Path, ref: str) -> None:
    with pytest.raises(ValueError, match="blob reference"):
        FolderBlobs(tmp_path).get(ref)
