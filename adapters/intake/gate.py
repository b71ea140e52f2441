"""Who is let in: the key, the right to send, a suspension, and whether the intake is open at all."""

from collections.abc import Iterable

import msgspec

from adapters.intake.ports import Caller, Partners, Suspended
from adapters.intake.problem import MAY_NOT_SEND, NO_KEY, NOT_READY, SUSPENDED, Problem, away
from topics.catalogue.declarations import OPERATOR
from topics.clock.source import TimeSource
from topics.envelope import stamp

_SUSPENDED_RETRY = 300


class Head(msgspec.Struct, frozen=True):
    """The request headers that matter here. `length` None: not announced."""

    authorization: bytes | None = None
    content_type: bytes | None = None
    content_encoding: bytes | None = None
    length: int | None = None
    expects: bool = False
    """Whether the client waits for leave to send its body."""
    traceparent: str = ""
    """The sender's own trace, as it stands."""


def read_head(headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """Of ASGI headers (names in lower case); of a header that comes twice the last one counts, but encodings add up."""
    authorization = content_type = content_encoding = length = None
    expects, trace = False, ""
    for name, value in headers:
        if name == b"authorization":
            authorization = value
        elif name == b"content-type":
            content_type = value
        elif name == b"content-encoding":
            content_encoding = value if content_encoding is None else b"%b, %b" % (content_encoding, value)
        elif name == b"content-length" and value.isdigit():
            length = int(value)
        elif name == b"expect":
            expects = True
        elif name == b"traceparent":
            trace = value.decode("latin-1")
    return Head(authorization, content_type, content_encoding, length, expects, trace)


class Gate:
    """`stopping` is set once, at the start of a stop: nobody is let in any more."""

    def __init__(self, partners: Partners, suspended: Suspended, clock: TimeSource, contact: str) -> None:
        self._partners, self._suspended, self._clock, self._contact = partners, suspended, clock, contact
        self.stopping = False

    @property
    def open(self) -> bool:
        return self._suspended.caught_up and not self.stopping

    def caller(self, authorization: bytes | None) -> Caller:
        """Raises Problem 401."""
        scheme, _, key = (authorization or b"").partition(b" ")
        caller = None
        if scheme.lower() == b"bearer" and key:
            caller = self._partners.caller(key.strip().decode("latin-1"), self._clock.now())
        if caller is None:
            found = "geen Authorization" if authorization is None else "een sleutel die niet (meer) geldt"
            raise Problem(
                NO_KEY,
                f"Gevonden: {found}; verwacht 'Authorization: Bearer <sleutel>'.",
                headers=(("www-authenticate", 'Bearer realm="ketenbus"'),),
            )
        return caller

    def sender(self, authorization: bytes | None) -> tuple[Caller, str]:
        """The caller and its kind, if it may send now. Raises Problem 401, 403, 429 or 503."""
        if not self.open:
            what = "stopt" if self.stopping else "start nog op"
            raise away(NOT_READY, f"De ontvangst {what}; er is niets aangenomen.", 5)
        caller, kind = self._known(authorization)
        suspension = self._suspended.of(caller.partner)
        if suspension is not None:
            since = stamp(suspension.sinds).decode()
            raise Problem(
                SUSPENDED,
                f"Opgeschort sinds {since}: {suspension.oorzaak}. Bel {self._contact} en stuur daarna opnieuw, "
                "in dezelfde volgorde.",
                headers=(("retry-after", str(_SUSPENDED_RETRY)),),
                extra={"oorzaak": suspension.oorzaak, "sinds": since, "contact": self._contact},
            )
        return caller, kind

    def asker(self, authorization: bytes | None, partner: str = "") -> tuple[Caller, str]:
        """The caller and its kind, if it may have a message checked: also one that is suspended, as it is then that it
        needs to. People who decide on dead letters ask as `partner`. Raises Problem 401, 403 or 503."""
        if self.stopping:
            raise away(NOT_READY, "De ontvangst stopt; er is niets gecontroleerd.", 5)
        caller = self.caller(authorization)
        if partner and partner != caller.partner:
            if caller.partner != OPERATOR:
                raise Problem(MAY_NOT_SEND, f"Een bericht van '{partner}' controleren mag alleen '{partner}' zelf.")
            caller = self._partners.member(partner, self._clock.now()) or Caller(partner, caller.key, None)
        return self._sending(caller)

    def _known(self, authorization: bytes | None) -> tuple[Caller, str]:
        return self._sending(self.caller(authorization))

    def _sending(self, caller: Caller) -> tuple[Caller, str]:
        if caller.kind is None:
            raise Problem(MAY_NOT_SEND, f"Voor partner '{caller.partner}' geldt nu geen profiel. Bel {self._contact}.")
        return caller, caller.kind
