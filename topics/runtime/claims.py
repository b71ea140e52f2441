"""Claim checks: a body too large for a topic lies in the object store, the record carries the reference (DESIGN 4)."""

from typing import Final

import msgspec

from topics.blobs import BlobStore
from topics.envelope import Headers
from topics.runtime.step import Record

_REFERENCE: Final = "ce_dataref"


def claimed(headers: Headers) -> bool:
    """Whether the body is in the object store."""
    return any(name == _REFERENCE for name, _ in headers)


def resolve(record: Record, blobs: BlobStore) -> Record:
    """`record` with its body from the object store; as it is when it carries none. Blocking when it does.

    A malformed reference stays without a body: the processor says what it makes of that. Raises Unavailable and
    BlobCorrupt.
    """
    if record.value or not claimed(record.headers):
        return record
    reference = next(value for name, value in record.headers if name == _REFERENCE)
    try:
        return msgspec.structs.replace(record, value=blobs.get(reference.decode("utf-8", "replace")))
    except ValueError:
        return record
