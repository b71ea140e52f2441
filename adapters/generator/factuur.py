"""Invoices of the generated week: lines, charges, VAT and what is asked, in whole cents."""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

NORMAAL: Final = ("S", 21)
LAAG: Final = ("S", 9)
VERLEGD: Final = ("AE", 0)
Tarief = tuple[str, int]
"""A category of VAT and its rate in whole percents."""


class Regel(msgspec.Struct, frozen=True, kw_only=True):
    """A line: `aantal` times `prijs` cents. `opdracht`: the order's number as it is meant, `opdracht_als` as it is written.
    `arbeid`: labour, else material; None when the line does not say.
    `geteld`: in what the price counts, where that is something else (4 pieces, together 16.8 metres)."""

    nummer: str
    aantal: Decimal
    prijs: int
    tarief: Tarief = NORMAAL
    code: str | None = None
    eenheid: str = "PCE"
    opdracht: str | None = None
    arbeid: bool | None = None
    meerwerk: bool = False
    geteld: tuple[Decimal, str] | None = None

    @property
    def bedrag(self) -> int:
        """In cents, excluding VAT. Raises ValueError when it is no whole number: the week has no such prices."""
        number = self.aantal if self.geteld is None else self.geteld[0]
        found = number * self.prijs
        if found != int(found):
            raise ValueError(f"{number} times {self.prijs} cents: expected whole cents")
        return int(found)


class Toeslag(msgspec.Struct, frozen=True, kw_only=True):
    """A charge on the whole invoice, in cents excluding VAT."""

    bedrag: int
    tarief: Tarief = NORMAAL
    reden: str = "voorrijkosten"


class Factuur(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note (its quantities negative). `totaal_als`: what it says that is to be paid, where that is
    wrong."""

    leverancier: str
    nummer: str
    datum: date
    regels: tuple[Regel, ...]
    iban: str
    toeslagen: tuple[Toeslag, ...] = ()
    afronding: int = 0
    typecode: str = "380"
    verwijst_naar: str | None = None
    contract: str | None = None
    periode: tuple[date, date] | None = None
    g_iban: str | None = None
    g_bedrag: int | None = None
    g_arbeid: bool = False
    vervalt: date | None = None
    totaal_als: int | None = None

    @property
    def tarieven(self) -> tuple[Tarief, ...]:
        """Every category with its rate, in order."""
        return tuple(sorted({*(regel.tarief for regel in self.regels), *(one.tarief for one in self.toeslagen)}))

    @property
    def netto(self) -> int:
        return sum(regel.bedrag for regel in self.regels)

    def grondslag(self, tarief: Tarief) -> int:
        lines = sum(regel.bedrag for regel in self.regels if regel.tarief == tarief)
        return lines + sum(one.bedrag for one in self.toeslagen if one.tarief == tarief)

    def btw(self, tarief: Tarief) -> int:
        """The tax on what has this rate, half a cent up (away from zero)."""
        return procent(self.grondslag(tarief), tarief[1])

    @property
    def te_betalen(self) -> int:
        return sum(self.grondslag(one) + self.btw(one) for one in self.tarieven) + self.afronding

    def toegerekend(self) -> list[int]:
        """Per line what it bears of the charges of its rate: pro rata, the cents that are left by largest remainder.

        Raises ValueError for a charge of which no line of the rate bears anything: the week has none.
        """
        found = [0] * len(self.regels)
        for tarief in {one.tarief for one in self.toeslagen}:
            charge = sum(one.bedrag for one in self.toeslagen if one.tarief == tarief)
            net = sum(regel.bedrag for regel in self.regels if regel.tarief == tarief)
            # what takes off bears nothing
            own = [(place, abs(regel.bedrag)) for place, regel in enumerate(self.regels)
                   if regel.tarief == tarief and (regel.bedrag < 0) == (net < 0) and regel.bedrag]  # fmt: skip
            size = sum(weight for _, weight in own)
            if not size:
                raise ValueError(f"a charge of {tarief} without lines: expected lines that bear it")
            sign = -1 if charge < 0 else 1
            for place, weight in own:
                found[place] = sign * (abs(charge) * weight // size)
            left = abs(charge) - sum(abs(found[place]) for place, _ in own)
            for place, _ in sorted(own, key=lambda one: -(abs(charge) * one[1] % size))[:left]:
                found[place] += sign
        return found

    @property
    def opdrachten(self) -> tuple[str, ...]:
        """Numbers of the orders that its lines name, in order."""
        return tuple(dict.fromkeys(regel.opdracht for regel in self.regels if regel.opdracht is not None))


class Stap(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an invoice afterwards. `bedrag` in cents."""

    stap: str
    leverancier: str
    nummer: str
    bedrag: int | None = None
    opdracht: str | None = None


def procent(cents: int, percentage: int) -> int:
    """`percentage` of an amount, half a cent away from zero."""
    sign = -1 if cents < 0 else 1
    return sign * ((abs(cents) * percentage + 50) // 100)


def euro(cents: int) -> str:
    """As people write it, with a point."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def cents(bedrag: Decimal) -> int:
    """Raises ValueError for what is no whole number of cents."""
    found = bedrag * 100
    if found != int(found):
        raise ValueError(f"{bedrag}: expected whole cents")
    return int(found)
