"""What the lines of an invoice come to including VAT, per rate and to the cent (ONDERHOUD 5).

Lines come with what they bear of the charges of their rate, and rounding follows them. What is released is rounded, then
what was taken back, then what is pending, each up to and with the former; what is disputed is the rest.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from adapters.generator.factuur import Factuur, Tarief
from adapters.generator.toets import Lijn


class Geld(msgspec.Struct, frozen=True, omit_defaults=True):
    """An amount in cents by what becomes of it."""

    vrijgegeven: int = 0
    betwist: int = 0
    in_behandeling: int = 0
    verrekend: int = 0

    @property
    def totaal(self) -> int:
        return self.vrijgegeven + self.betwist + self.in_behandeling + self.verrekend


class Deling(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as it is divided. `per_tarief`: by category of VAT and rate, as `S 21`. `g`: the part of what is released
    that goes to the G-account. `redenen`: why something is disputed."""

    geheel: Geld
    per_tarief: dict[str, Geld]
    g: int | None = None
    redenen: tuple[str, ...] = ()


def verdeel(factuur: Factuur, lijnen: Sequence[Lijn], *, bekend: bool) -> Deling:
    """`bekend`: whether the client knows the accounts; else nothing is released."""
    found = {tarief: _tarief(factuur, tarief, lijnen, bekend=bekend) for tarief in factuur.tarieven}
    whole = Geld(
        sum(one.vrijgegeven for one in found.values()),
        sum(one.betwist for one in found.values()),
        sum(one.in_behandeling for one in found.values()),
        sum(one.verrekend for one in found.values()),
    )
    return Deling(
        geheel=whole,
        per_tarief={f"{category} {rate}": money for (category, rate), money in found.items()},
        g=_g(factuur, lijnen, whole.vrijgegeven),
        redenen=tuple(sorted({lijn.reden if bekend else "iban-onbekend" for lijn in lijnen if lijn.betwist})),
    )


def _tarief(factuur: Factuur, tarief: Tarief, lijnen: Sequence[Lijn], *, bekend: bool) -> Geld:
    own = [lijn for lijn in lijnen if lijn.regel.tarief == tarief]
    payable = factuur.grondslag(tarief) + factuur.btw(tarief)
    if factuur.afronding:
        # only what has one rate is rounded in these weeks
        payable += factuur.afronding
    net = sum(lijn.bedrag for lijn in own)
    free = sum(lijn.vrij + lijn.geaccepteerd for lijn in own) if bekend else 0
    back = sum(lijn.verrekend + lijn.ingetrokken for lijn in own)
    pending = sum(lijn.bedrag for lijn in own if not lijn.beantwoord) if bekend else 0
    released = _rond(Fraction(payable * free, net))
    taken = _rond(Fraction(payable * (free + back), net)) - released
    waiting = _rond(Fraction(payable * (free + back + pending), net)) - released - taken
    return Geld(released, payable - released - taken - waiting, waiting, taken)


def _g(factuur: Factuur, lijnen: Sequence[Lijn], released: int) -> int | None:
    """The G-account's part: as the released labour is of all labour, else as what is released is of all."""
    if factuur.g_bedrag is None:
        return None
    labour = [lijn for lijn in lijnen if lijn.regel.arbeid]
    whole = sum(lijn.bedrag for lijn in labour)
    share = Fraction(released, factuur.te_betalen)
    if factuur.g_arbeid and whole:
        share = Fraction(sum(lijn.vrij + lijn.geaccepteerd for lijn in labour), whole)
    return min(_rond(factuur.g_bedrag * min(Fraction(1), max(Fraction(0), share))), max(0, released))


def _rond(amount: Fraction) -> int:
    """To the cent, half away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * int(abs(amount) + Fraction(1, 2))
