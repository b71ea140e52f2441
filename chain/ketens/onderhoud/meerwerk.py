"""The quotation of an order, and the extra work that it comes to (ONDERHOUD 4). Pure.

Extra work counts when a changed or sub-order carries it, a REA with an amount approves it, or it lies within the pair's
mandate. A REA without an amount is never approval: a person looks at it until the extra work is settled.
"""

from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from chain.ketens.onderhoud.feiten import AANGEPAST, GEVRAAGD, ONTVANGEN, Vermelding

MANDAAT: Final = "mandaat"
GOEDKEURING: Final = "goedkeuring"
WIJZIGING: Final = "wijziging"
OPEN: Final = "open"


class Offerteloop(msgspec.Struct, gc=False):
    """The quotation that was begun last: when it was asked, first received, last put forward, and decided.

    A step of another number begins that one when it asks or receives, and is else left aside. What is adapted or received
    again after a decision is put forward again; what is asked again after one is a new round.
    """

    nummer: str = ""
    stap: int = -1
    gevraagd: Vermelding | None = None
    ontvangen: Vermelding | None = None
    voorgelegd: Vermelding | None = None
    besluit: Vermelding | None = None

    def voeg(self, feit: Vermelding) -> bool:
        """Take a step in; True when that begins or ends a measure."""
        step = feit.offerte
        if step is None:
            return False
        if step.nummer != self.nummer:
            if step.stap not in (GEVRAAGD, ONTVANGEN) and self.nummer:
                return False
            self._again(step.nummer)
        self.stap = step.stap
        if step.stap == GEVRAAGD:
            if self.besluit is not None:
                self._again(step.nummer)
            if self.gevraagd is not None or self.ontvangen is not None:
                return False
            self.gevraagd = feit
        elif step.stap in (ONTVANGEN, AANGEPAST):
            if self.voorgelegd is not None and self.besluit is None:
                return False
            self.ontvangen = self.ontvangen or feit
            self.voorgelegd, self.besluit = feit, None
        elif self.besluit is None:
            self.besluit = feit
        return True

    def niet_gegund(self, feit: Vermelding) -> bool:
        """A status with detail QUR ends it."""
        if self.besluit is not None or (self.gevraagd is None and self.voorgelegd is None):
            return False
        self.besluit = feit
        return True

    def _again(self, nummer: str) -> None:
        self.nummer = nummer
        self.gevraagd = self.ontvangen = self.voorgelegd = self.besluit = None


class Post(NamedTuple):
    """Extra work of an amount in euro, on what ground it counts, and the fact that says so."""

    bedrag: Decimal
    grond: str
    feit: Vermelding


class Meerwerkloop(msgspec.Struct, gc=False):
    """Extra work so far: what counts, what was asked and is open, and the REAs that a person looks at."""

    posten: list[Post]
    open: list[tuple[Vermelding, Decimal | None]]
    vragen: list[Vermelding]
    binnen_mandaat: Decimal = Decimal(0)

    def vraag(self, feit: Vermelding, mandaat: str | None) -> None:
        """The aannemer asks for extra work: within what is left of the mandate it counts at once."""
        amount = None if feit.bedrag is None else Decimal(feit.bedrag)
        if amount is not None and mandaat is not None and self.binnen_mandaat + amount <= Decimal(mandaat):
            self.binnen_mandaat += amount
            self.posten.append(Post(amount, MANDAAT, feit))
        else:
            self.open.append((feit, amount))

    def antwoord(self, feit: Vermelding) -> None:
        """A REA of the opdrachtgever: with an amount it approves what is open, without one a person looks at it."""
        if feit.bedrag is not None:
            self._settle(Post(Decimal(feit.bedrag), GOEDKEURING, feit))
        elif self.open:
            self.vragen.append(feit)

    def gewijzigd(self, feit: Vermelding, meer: Decimal) -> None:
        """A changed order, or a sub-order, that carries so much more than before."""
        if meer > 0:
            self._settle(Post(meer, WIJZIGING, feit))

    def alle(self) -> list[Post]:
        """What counts, and after it what is open and names an amount."""
        return [*self.posten, *(Post(amount, OPEN, feit) for feit, amount in self.open if amount is not None)]

    def _settle(self, post: Post) -> None:
        self.posten.append(post)
        self.open.clear()
        self.vragen.clear()


def begin() -> Meerwerkloop:
    return Meerwerkloop([], [], [])
