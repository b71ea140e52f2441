"""Which rule books there are, and what one says of a message."""

from enum import StrEnum

import msgspec


class Book(StrEnum):
    """A rule book; its value names it, with its version, as the source of a finding."""

    SI_UBL = "SI-UBL 2.0.3.12"
    G_ACCOUNT = "SI-UBL 2.0 G-rekening 1.0.12"

    @property
    def member(self) -> str:
        """Its stylesheet inside the jar."""
        return _MEMBERS[self]


_HOME = "external/schematron/simplerinvoicing"
_MEMBERS = {
    Book.SI_UBL: f"{_HOME}/si-ubl-2.0.3.12.xslt",
    Book.G_ACCOUNT: f"{_HOME}/si-ubl-2.0-ext-gaccount-1.0.12.xslt",
}


class Assertion(msgspec.Struct, frozen=True):
    """A rule that a message does not meet. `location`: '/Invoice[1]/PaymentMeans[2]', names without namespace.

    `text`: what the rule asks, in the words of its book (English).
    """

    rule: str
    fatal: bool
    location: str
    text: str


class Verdict(msgspec.Struct, frozen=True):
    """What a book says: the assertions that failed, fatal ones first, at most MOST; `more`: how many were left out.

    failure: why the book itself came to no end on this message; then nothing is known of it, so it is not valid.
    """

    assertions: tuple[Assertion, ...] = ()
    more: int = 0
    failure: str = ""


MOST = 100
