"""The one error of bytes that cannot be opened."""

from typing import Final

from topics.documents import Bevinding, Reden
from topics.errors import KetenbusError

LIMITS: Final = "grenzen van Ketenbus"

SMALL: Final = 64 * 1024
"""Up to this many bytes nothing needs to be counted."""

MAX_MARKS: Final = 200_000
"""Of '<' and of '=' in XML, of '{', '[' and ',' together in JSON: each may cost a node of some hundred bytes."""


class Unreadable(KetenbusError):
    """The bytes cannot be opened; carries the reason and the finding for the part that stands for them."""

    code = "onleesbaar"

    def __init__(self, finding: Bevinding, reden: Reden = Reden.ONLEESBAAR) -> None:
        self.finding = finding
        self.reden = reden
        super().__init__(finding.tekst)
