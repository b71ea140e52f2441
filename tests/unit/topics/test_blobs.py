"""What every object store does, whatever is behind it: a folder, and a bucket of a local S3 server."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from topics.blobs import BlobCorrupt, BlobStore, FolderBlobs, blob_path, blob_ref
from topics.errors import ConfigurationError, Unavailable
from topics.objectstore import ObjectStoreSettings, S3Blobs

Overwrite = Callable[[str, bytes], None]
KEYS = ("an-id", "a-secret")


class Store:
    """A store, its names and a way around it."""

    def __init__(self, blobs: BlobStore, names: Callable[[], list[str]], overwrite: Overwrite) -> None:
        self.blobs, self.names, self.overwrite = blobs, names, overwrite


class Bucket:
    """A new bucket of the server at `endpoint`, by another client than ours."""

    def __init__(self, endpoint: str) -> None:
        key, secret = KEYS
        self.endpoint, self.name = endpoint, f"ketenbus-{uuid.uuid4().hex}"
        self._client = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1"
        )
        self._client.create_bucket(Bucket=self.name)

    def names(self) -> list[str]:
        return [one["Key"] for one in self._client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def overwrite(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=name, Body=content)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(
            FolderBlobs(tmp_path),
            lambda: [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()],
            lambda name, content: _discard((tmp_path / name).write_bytes(content)),
        )
    bucket = Bucket(request.getfixturevalue("endpoint"))
    blobs = S3Blobs(bucket.name, "keten/bus", endpoint=bucket.endpoint, credentials=KEYS)
    return Store(
        blobs,
        lambda: [name.removeprefix("keten/bus/") for name in bucket.names()],
        lambda name, content: bucket.overwrite(f"keten/bus/{name}", content),
    )


def _discard(_: int) -> None:
    """Of a call that returns what nobody needs."""


@given(content=st.binary(max_size=5000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_put_comes_back_when_asked_by_its_reference(store: Store, content: bytes) -> None:
    ref = store.blobs.put(content)
    assert ref == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert store.blobs.get(ref) == content


def test_what_is_large_comes_back_whole(store: Store) -> None:
    content = bytes(range(256)) * 100_000
    assert store.blobs.get(store.blobs.put(content)) == content


def test_putting_twice_leaves_one_object_and_no_partial_ones(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        refs = set(threads.map(store.blobs.put, [b"a" * 100_000] * 16))
    assert store.names() == [blob_path(ref) for ref in refs]
    assert len(refs) == 1


def test_a_part_that_was_cut_short_is_written_again(store: Store) -> None:
    ref = store.blobs.put(b"whole")
    store.overwrite(blob_path(ref), b"wh")
    assert store.blobs.put(b"whole") == ref
    assert store.blobs.get(ref) == b"whole"


def test_corrupt_content_is_an_error_when_read(store: Store) -> None:
    ref = store.blobs.put(b"right")
    store.overwrite(blob_path(ref), b"wrong")
    with pytest.raises(BlobCorrupt, match="restore"):
        store.blobs.get(ref)


def test_an_absent_blob_is_unavailable(store: Store) -> None:
    with pytest.raises(Unavailable):
        store.blobs.get(blob_ref(b"never stored"))


@pytest.mark.parametrize("ref", ["", "sha256:", "sha256:../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "a" * 64])
def test_what_is_no_reference_is_refused_before_the_store_is_touched(store: Store, ref: str) -> None:
    with pytest.raises(ValueError, match="blob reference"):
        store.blobs.get(ref)


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be written"):
        FolderBlobs(file).put(b"content")


def test_a_bucket_that_is_not_there_is_unavailable(endpoint: str) -> None:
    blobs = S3Blobs("nowhere", "", endpoint=endpoint, credentials=KEYS)
    with pytest.raises(Unavailable, match="cannot be written"):
        blobs.put(b"content")


def test_a_server_that_is_not_there_is_unavailable_until_it_is(endpoint: str) -> None:
    away = S3Blobs("nowhere", "", endpoint="http://127.0.0.1:9", credentials=KEYS)
    with pytest.raises(Unavailable, match="cannot be written"):
        away.put(b"content")
    with pytest.raises(Unavailable, match="cannot be read"):
        away.get(blob_ref(b"content"))


def test_settings_choose_the_store(tmp_path: Path, endpoint: str) -> None:
    bucket = Bucket(endpoint)
    keys = tmp_path / "s3.toml"
    keys.write_text(f'access_key_id = "{KEYS[0]}"\nsecret_access_key = "{KEYS[1]}"\n')
    in_bucket = ObjectStoreSettings(
        data=tmp_path, blobs=f"s3://{bucket.name}/a", blobs_endpoint=endpoint, blobs_credentials=keys
    )
    ref = in_bucket.open_blobs().put(b"content")
    assert bucket.names() == [f"a/{blob_path(ref)}"]
    ObjectStoreSettings(data=tmp_path).open_blobs().put(b"content")
    assert (tmp_path / "blobs" / blob_path(ref)).is_file()
    ObjectStoreSettings(data=tmp_path, blobs=str(tmp_path / "elders")).open_blobs().put(b"content")
    assert (tmp_path / "elders" / blob_path(ref)).is_file()


@pytest.mark.parametrize(
    ("blobs", "keys"),
    [("http://x/y", None), ("s3:///prefix", None), ("s3://b", "= nonsense"), ("s3://b", "access = 1")],
)
def test_settings_that_name_no_store_are_refused(tmp_path: Path, blobs: str, keys: str | None) -> None:
    file = tmp_path / "s3.toml"
    if keys is not None:
        file.write_text(keys)
    given_ = ObjectStoreSettings(blobs=blobs, blobs_credentials=None if keys is None else file)
    with pytest.raises(ConfigurationError, match="KETENBUS_BLOBS"):
        given_.open_blobs()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"blobs": "s3://twee woorden/prefix"}, "KETENBUS_BLOBS:"),
        ({"blobs": "s3://emmer:9000/prefix"}, "KETENBUS_BLOBS:"),
        ({"blobs": "s3://emmer/prefix?region=x"}, "KETENBUS_BLOBS:"),
        ({"blobs": "s3://emmer/../prefix"}, "KETENBUS_BLOBS:"),
        ({"blobs": "s3://emmer/een//prefix"}, "KETENBUS_BLOBS:"),
        ({"blobs": ""}, "KETENBUS_BLOBS:"),
        ({"blobs_endpoint": "localhost:9000"}, "KETENBUS_BLOBS_ENDPOINT:"),
        ({"blobs_endpoint": "htp://store.example.nl"}, "KETENBUS_BLOBS_ENDPOINT:"),
        ({"blobs_endpoint": "http://store example.nl"}, "KETENBUS_BLOBS_ENDPOINT:"),
        ({"blobs_endpoint": "http://store.example.nl:poort"}, "KETENBUS_BLOBS_ENDPOINT:"),
        ({"blobs_endpoint": ""}, "KETENBUS_BLOBS_ENDPOINT:"),
        ({"blobs_region": "eu west"}, "KETENBUS_BLOBS_REGION:"),
    ],
)
def test_settings_that_no_request_can_be_made_of_are_refused_at_the_start(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{named} found .*, expected "):
        ObjectStoreSettings.model_validate({"blobs": "s3://emmer/prefix"} | wrong).open_blobs()
