"""Invoices against what was agreed: what an order, or a contract, says of every part that was told it (ONDERHOUD 5). Pure.

README, 'Invoices: what is matched', tells the rules. Amounts are in euro excluding VAT, to the cent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from chain.ketens.onderhoud.redenen import Betwisting
from topics.documents.factuur import Deeloordeel, Factuurdeel


class Orderregel(NamedTuple):
    """A line of the order as it stands. `prijs` per one `eenheid`, excluding VAT; None: the price book says."""

    prijscode: str | None
    aantal: Decimal
    eenheid: str | None = None
    prijs: Decimal | None = None


class Meerwerk(NamedTuple):
    """Extra work that counts, with its ground as of `meerwerk.Post`. One by a change of the order (`wijziging`) is in
    its lines or total already: it takes the place of what was approved before."""

    bedrag: Decimal
    grond: str


class Deelbeeld(NamedTuple):
    """One part of an order, as it stands. An order without parts is one of these.

    `subnummer`: its name as of `delen.deel_van`. `afspraak` EHP, ANS, REG or AFK. `totaal`: what the order says it comes
    to; None where it says nothing (then that of its priced lines). `meerwerk`: in the order of its facts, what counts
    only. `bekend`: when its first version became known: an invoice from before cannot have been meant for it, unless
    there is no other.
    """

    subnummer: str = "-"
    afspraak: str | None = None
    garantie: bool = False
    regels: tuple[Orderregel, ...] = ()
    totaal: Decimal | None = None
    meerwerk: tuple[Meerwerk, ...] = ()
    gereed: bool = False
    geannuleerd: bool = False
    geweigerd: bool = False
    bekend: datetime | None = None


class Orderbeeld(NamedTuple):
    """An order as its invoices meet it. `aannemers`: GLNs of the contractors that its versions name."""

    aannemers: frozenset[str]
    delen: tuple[Deelbeeld, ...]


class Oordeel(NamedTuple):
    """What is said of one Factuurdeel: its lines in their order, and the key of the invoice that it may double."""

    regels: tuple[Deeloordeel, ...]
    dubbel: str | None = None


Eerder = Mapping[str, Sequence[Deeloordeel]]
"""By key of the invoice: the lines of what was last answered."""


def toets(beeld: Orderbeeld, delen: Sequence[Factuurdeel], eerder: Eerder) -> dict[str, Oordeel]:
    """What the order says of every part that it heard, by the key of the invoice.

    `delen`: the last of every invoice, in any order; of one that was withdrawn (`ingetrokken`) nothing is said and
    nothing counts. The answer never takes back what was released before.
    """
    return {
        deel.factuur: Oordeel(
            tuple(
                Deeloordeel(nummer=r.nummer, vrij=Decimal(0), reden=Betwisting.NIETS_AFGESPROKEN) for r in deel.regels
            )
        )
        for deel in delen
        if not deel.ingetrokken
    }


def toets_contract(delen: Sequence[Factuurdeel], eerder: Eerder) -> dict[str, Oordeel]:
    """As `toets`, of a contract with periodic invoices: per period at most its amount, once."""
    return toets(Orderbeeld(frozenset(), ()), delen, eerder)
