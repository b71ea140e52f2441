"""What becomes of one part of a message: an event for the log, or a refusal for a person."""

from datetime import datetime

import msgspec

from topics.accounts import WHOLE
from topics.catalogue.declarations import log_topic
from topics.documents import Bevinding, Document, Reden


class Toegelaten(msgspec.Struct, frozen=True, kw_only=True):
    """A part that becomes an event. `keten` has the prefix `proef-` for a test message; `gebeurd` is the partner's claim.

    document: canonical, not yet with its `persoon`; personen: personal data by canonical path; bevindingen: warnings.
    blobs: content of its attachments, for the object store.
    """

    document: Document
    keten: str
    dossier: str
    gebeurd: datetime
    personen: dict[str, str]
    bevindingen: tuple[Bevinding, ...] = ()
    blobs: tuple[bytes, ...] = ()

    @property
    def log(self) -> str:
        return log_topic(self.keten)


class Geweigerd(msgspec.Struct, frozen=True, kw_only=True):
    """A part that becomes a dead letter. `dossier` (with its `keten`) only where it is derivable and the sender may
    speak in it: there the dossier becomes `onvolledig`."""

    reden: Reden
    bevindingen: tuple[Bevinding, ...]
    keten: str = ""
    dossier: str | None = None

    @property
    def log(self) -> str:
        return log_topic(self.keten)


Uitkomst = Toegelaten | Geweigerd


def part_name(number: int, count: int, outcome: Uitkomst) -> str:
    """How part `number` of `count` is called in the account: "-" when it is all there is and has no dossier."""
    whole = count == 1 and isinstance(outcome, Geweigerd) and outcome.dossier is None
    return WHOLE if whole else str(number)


class Weigering(Exception):
    """Inside the mapping: the part at hand is refused. Carries the reason and the findings."""

    def __init__(self, reden: Reden, *bevindingen: Bevinding) -> None:
        super().__init__(reden.value)
        self.reden, self.bevindingen = reden, bevindingen


PROFIEL = "profiel"
"""Source of a rule that a partner's profile sets."""
