"""Which object store a process uses, by its settings: a folder, or a bucket of S3 or what speaks like it.

obstore is the client: typed, without dependencies, thread-safe, and large objects go in parts by themselves.
"""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import SplitResult, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store
from pydantic import BaseModel, ConfigDict

from topics.blobs import BlobCorrupt, BlobStore, FolderBlobs, blob_path, blob_ref
from topics.errors import ConfigurationError, Unavailable

_TIMEOUT: Final = "60s"
_CONNECT: Final = "5s"
_RETRIES: Final = 2
_RETRY_SECONDS: Final = timedelta(seconds=10)


class ObjectStoreSettings(BaseModel):
    """data: the installation's folder. blobs: `s3://bucket/prefix`, or a folder; None: `blobs` in the data folder.

    blobs_endpoint: URL of what speaks like S3, None: AWS; blobs_region: of the bucket; blobs_credentials: TOML file with
    `access_key_id` and `secret_access_key`; None: what the machine itself may do (a role, or AWS's own variables).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path(".ketenbus")
    blobs: str | None = None
    blobs_endpoint: str | None = None
    blobs_region: str = "us-east-1"
    blobs_credentials: Path | None = None

    def open_blobs(self) -> BlobStore:
        """Nothing is asked of the store yet. Raises ConfigurationError."""
        where = self.where()
        if isinstance(where, Path):
            return FolderBlobs(where)
        bucket, prefix = where
        return S3Blobs(bucket, prefix, **self._access())

    def where(self) -> Path | tuple[str, str]:
        """The folder, or bucket and prefix. Raises ConfigurationError."""
        if self.blobs is None:
            return self.data / "blobs"
        url = urlsplit(self.blobs)
        if url.scheme == "s3" and url.netloc:
            self._check(url)
            return url.netloc, url.path.strip("/")
        if url.scheme or not self.blobs:
            raise ConfigurationError(f"KETENBUS_BLOBS: found {self.blobs!r}, expected s3://bucket/prefix or a folder")
        return Path(self.blobs)

    def open_bucket(self, bucket: str, prefix: str) -> S3Store:
        """The client itself, for who keeps more than blobs. Raises ConfigurationError."""
        return open_bucket(bucket, prefix, **self._access())

    def _access(self) -> "_Access":
        credentials = _credentials(self.blobs_credentials) if self.blobs_credentials is not None else None
        return {"endpoint": self.blobs_endpoint, "region": self.blobs_region, "credentials": credentials}

    def _check(self, url: SplitResult) -> None:
        """What the library would only find out, by a panic, with the first message that has to be stored."""
        prefix = url.path.strip("/")
        names = prefix.split("/") if prefix else []
        if (
            not _BUCKET.fullmatch(url.netloc)
            or url.query
            or url.fragment
            or any(one in ("", ".", "..") for one in names)
        ):
            expected = "s3://bucket/prefix, the bucket of 3 to 63 letters, digits, '-', '.' and '_'"
            raise ConfigurationError(f"KETENBUS_BLOBS: found {self.blobs!r}, expected {expected}")
        if self.blobs_endpoint is not None and not _is_address(self.blobs_endpoint):
            expected = "an address as https://store.example.nl:9000"
            raise ConfigurationError(f"KETENBUS_BLOBS_ENDPOINT: found {self.blobs_endpoint!r}, expected {expected}")
        if not _WORD.fullmatch(self.blobs_region):
            raise ConfigurationError(f"KETENBUS_BLOBS_REGION: found {self.blobs_region!r}, expected one as eu-west-1")


_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_WORD: Final = re.compile(r"[!-~]+")
"""Visible ASCII, as it goes into the head of a request."""


def _is_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = _WORD.fullmatch(text) is not None and not (url.query or url.fragment)
    return plain and url.scheme in ("http", "https") and bool(url.hostname) and port != 0


Credentials = tuple[str, str]
"""Access key id and secret access key."""


class _Access(TypedDict):
    endpoint: str | None
    region: str
    credentials: Credentials | None


def open_bucket(
    bucket: str, prefix: str, *, endpoint: str | None, region: str, credentials: Credentials | None
) -> S3Store:
    """A bucket, every name below `prefix`; nothing is asked of it yet."""
    key, secret = credentials or (None, None)
    return S3Store(
        bucket,
        prefix=prefix or None,
        endpoint=endpoint,
        region=region,
        access_key_id=key,
        secret_access_key=secret,
        checksum_algorithm="SHA256",
        virtual_hosted_style_request=endpoint is None,
        client_options={
            "allow_http": (endpoint or "").startswith("http://"),
            "timeout": _TIMEOUT,
            "connect_timeout": _CONNECT,
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_SECONDS},
    )


class S3Blobs:
    """A bucket, with names as in the folder below `prefix`. What is written is checked by its SHA-256 on both sides."""

    def __init__(
        self,
        bucket: str,
        prefix: str,
        *,
        endpoint: str | None = None,
        region: str = "us-east-1",
        credentials: Credentials | None = None,
    ) -> None:
        self._store = open_bucket(bucket, prefix, endpoint=endpoint, region=region, credentials=credentials)

    def put(self, content: bytes) -> str:
        ref = blob_ref(content)
        path = blob_path(ref)
        try:
            if self._size(path) != len(content):
                obstore.put(self._store, path, content)
        except (BaseError, OSError) as error:
            raise Unavailable(f"object store: {ref} cannot be written: {_first_line(error)}") from error
        return ref

    def get(self, ref: str) -> bytes:
        path = blob_path(ref)
        try:
            content = bytes(obstore.get(self._store, path).bytes())
        except (BaseError, OSError) as error:
            raise Unavailable(f"object store: {ref} cannot be read: {_first_line(error)}") from error
        if blob_ref(content) != ref:
            raise BlobCorrupt(f"object store: {ref} has other content; restore it from the archive")
        return content

    def _size(self, path: str) -> int | None:
        """None when there is no such object."""
        try:
            return obstore.head(self._store, path)["size"]
        except FileNotFoundError:
            return None


def _credentials(path: Path) -> Credentials:
    """Raises ConfigurationError."""
    expected = "expected a TOML file with access_key_id and secret_access_key"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"KETENBUS_BLOBS_CREDENTIALS {path}: {error}; {expected}") from error
    key, secret = found.get("access_key_id"), found.get("secret_access_key")
    if (
        not isinstance(key, str)
        or not isinstance(secret, str)
        or not _WORD.fullmatch(key)
        or not _WORD.fullmatch(secret)
    ):
        raise ConfigurationError(f"KETENBUS_BLOBS_CREDENTIALS {path}: {expected}")
    return key, secret


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
