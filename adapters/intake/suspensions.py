"""Which partners are suspended: the compacted topic of suspensions, tailed into memory (DESIGN 7)."""

import structlog

from topics.documents import decode
from topics.documents.keten import Opschorting
from topics.errors import DocumentError
from topics.runtime.step import Record

log = structlog.get_logger(__name__)


class Suspensions:
    """The last word on every partner. A reading begins at the start of the topic and counts once it is `complete`.

    While the topic is read again, after Kafka was away, what the former reading ended with stays in force: otherwise a
    suspension that was lifted long ago would hold for a moment.
    """

    def __init__(self) -> None:
        self._active: dict[str, Opschorting] = {}
        self._reading = self._active
        self.caught_up = False

    def of(self, partner: str) -> Opschorting | None:
        return self._active.get(partner)

    def __len__(self) -> int:
        return len(self._active)

    def begin(self) -> None:
        self._reading = {}

    def complete(self) -> None:
        self._active = self._reading
        self.caught_up = True

    def apply(self, record: Record) -> None:
        """Records of one partner in order. What this release cannot read is logged and changes nothing."""
        partner = record.key.decode("utf-8", "replace")
        if record.value is None:
            self._reading.pop(partner, None)
            return
        try:
            document = decode(record.envelope().type, record.value)
        except DocumentError as error:
            log.error("suspension cannot be read", position=record.position, error=str(error))
            return
        if not isinstance(document, Opschorting):
            log.error("no suspension on the topic of suspensions", position=record.position)
        elif document.actief:
            self._reading[partner] = document
            log.warning("partner suspended", partner=partner, since=document.sinds.isoformat())
        elif self._reading.pop(partner, None) is not None:
            log.info("partner resumed", partner=partner)
