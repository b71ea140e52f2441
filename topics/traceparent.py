"""W3C trace context on the bus: which trace a record belongs to, with ids that are derived (DESIGN 4, 5).

A trace begins at the intake and its id is the receipt's, so that whoever has a receipt has its trace. What handles a
record is a span below the one that wrote it; its id follows from that span, the processor and the id of the record. So
doing the work twice gives the same bytes, and a worker writes the same headers whether it tells of its spans or not.
"""

import hashlib
import re
from typing import Final
from uuid import UUID

import msgspec

from topics.envelope import Headers

HEADER: Final = "traceparent"

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SHARES: Final = 1 << 32


class Trace(msgspec.Struct, frozen=True):
    """`trace` and `span`: 32 and 16 hex digits. `sampled`: whether its spans are told to anybody."""

    trace: str
    span: str
    sampled: bool = True

    def __str__(self) -> str:
        return f"00-{self.trace}-{self.span}-{int(self.sampled):02x}"

    def below(self, what: str, id: str) -> "Trace":
        """The span of `what` (a processor, or the intake) handling the record `id` of this one."""
        return Trace(self.trace, _span(self.trace, self.span, what, id), self.sampled)


def read(text: str) -> Trace | None:
    """What `text` says, or None for what is no traceparent: whoever sent it then has no trace."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    version, trace, span, flags = found.groups()
    if version == "ff" or not int(trace, 16) or not int(span, 16):
        return None
    return Trace(trace, span, bool(int(flags, 16) & 1))


def begun(receipt: str) -> Trace:
    """The trace of a message of which nobody upstream keeps one: what the intake does is its first span."""
    trace = UUID(receipt).hex
    return Trace(trace, _span(trace, "", "intake", receipt))


def within(receipt: str, share: float) -> bool:
    """Whether this receipt is among the `share` (0 to 1) of which traces are kept; the same for every process."""
    return int(receipt[-8:], 16) < share * _SHARES


def came_with(headers: Headers) -> Trace | None:
    """The span that wrote a record with `headers`; None for one that is in no trace."""
    for name, value in headers:
        if name == HEADER:
            return read(value.decode("ascii", "replace"))
    return None


def handling(headers: Headers, processor: str) -> Trace | None:
    """The span of `processor` handling a record with `headers`; None for one that is in no trace."""
    trace = came_with(headers)
    return None if trace is None else trace.below(processor, _id(headers))


def _id(headers: Headers) -> str:
    return next((value.decode("utf-8", "replace") for name, value in headers if name == "ce_id"), "")


def _span(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
