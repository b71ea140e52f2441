"""What a format is: one folder that recognises, parses and renders one message standard.

    FormatError                      (Refused)
    └── CannotRender                 a Bericht holds something that this standard cannot express

`parse` never raises on what a partner sent; whatever is wrong becomes a `Deel` with a reason and findings.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from adapters.formats.payload import Payload
from adapters.message import Bericht, Gelezen
from topics.documents import Bevinding
from topics.errors import Refused


class FormatError(Refused):
    code = "formaat"


class CannotRender(FormatError):
    """What the standard cannot hold is refused, never cut off or left out. `bevindingen` name every field."""

    code = "niet-uit-te-drukken"

    def __init__(self, name: str, bevindingen: Sequence[Bevinding]) -> None:
        self.bevindingen = tuple(bevindingen)
        super().__init__(f"{name}: " + " ".join(finding.tekst for finding in self.bevindingen))


@runtime_checkable
class Format(Protocol):
    """One message standard. `name` is the folder's name and what a profile lists in `formaten`.

    documents: the standard's own names of the messages that are mapped. content_types: what a sender declares;
    informative only, recognition looks at the content.
    """

    @property
    def name(self) -> str: ...

    @property
    def versions(self) -> tuple[str, ...]: ...

    @property
    def documents(self) -> tuple[str, ...]: ...

    @property
    def content_types(self) -> tuple[str, ...]: ...

    def recognise(self, payload: Payload) -> bool:
        """Whether this format answers for the payload, right or wrong. Looks at the root only. Raises Unreadable."""
        ...

    def parse(self, payload: Payload) -> Gelezen:
        """What the payload says. Only called when `recognise` said yes; never raises on content."""
        ...

    def render(self, bericht: Bericht) -> bytes:
        """The message in this standard, valid by its schema. Raises CannotRender."""
        ...
