"""What stands beside the lines of an invoice, brought into its lines: an order is asked for all that is to be paid. Pure.

Document charges and allowances (ONDERHOUD 5: they follow their category pro rata) are part of what a line comes to, so
they are held against what was agreed as the line is. What can follow no line is a line of its own, that names no order.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec.structs import replace

from topics.documents.factuur import Btwbedrag, Factuur, Factuurregel

Categorie = tuple[str, Decimal]
"""VAT category and rate."""

ZONDER: Final[Categorie] = ("", Decimal(0))
"""Of what has no VAT category: what is asked above lines, charges and VAT."""
GROOTSTE_AFRONDING: Final = Decimal(1)
"""So much may rounding make an invoice higher, in euro."""
_NUL: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_HONDERD: Final = Decimal(100)


def verdeeld(factuur: Factuur) -> Factuur:
    """`factuur` with lines that come to all that is to be paid: their amounts are *effective*, `toeslagen` is empty.

    The charges less allowances of a VAT category and rate are divided over its lines pro rata, to the cent, by the largest
    remainder (the first line before an equal one): over those of the sign that they come to together, for what takes off
    from them bears no charge. So the lines of a category come to its base.

    After them come lines that name no order: a charge of a category without lines (`toeslag S 21`), and what is asked
    beside all that (`afronding`) when it makes the invoice higher by more than GROOTSTE_AFRONDING, or is a negative
    `vooruitbetaald`. `btw` is of these lines: as the invoice says where that agrees with them, else as it must be. Of
    what this gives it gives the same.
    """
    charges: dict[Categorie, Decimal] = {}
    for charge in factuur.toeslagen:
        category = (charge.btw_categorie, charge.btw_percentage)
        charges[category] = charges.get(category, _NUL) + charge.bedrag
    lines = list(factuur.regels)
    for category, amount in charges.items():
        places = _dragend([place for place, line in enumerate(lines) if _van(line) == category], lines)
        for place, share in zip(places, _delen(amount, [abs(lines[place].bedrag) for place in places]), strict=True):
            lines[place] = replace(lines[place], bedrag=lines[place].bedrag + share)
        if amount and not places:
            lines.append(_los(f"toeslag {category[0]} {category[1].normalize():f}", amount, category))
    vat = _btw(factuur, lines)
    beside = factuur.te_betalen - sum((one.grondslag + one.bedrag for one in vat), _NUL)
    higher = beside > GROOTSTE_AFRONDING or (beside > 0 and factuur.vooruitbetaald < 0)
    if higher and factuur.te_betalen > 0:
        lines.append(_los("afronding", beside, ZONDER))
        vat.append(Btwbedrag(categorie=ZONDER[0], percentage=ZONDER[1], grondslag=beside, bedrag=_NUL))
    return replace(factuur, regels=tuple(lines), toeslagen=(), btw=tuple(vat))


def _van(line: Factuurregel) -> Categorie:
    return line.btw_categorie, line.btw_percentage


def _los(nummer: str, bedrag: Decimal, category: Categorie) -> Factuurregel:
    return Factuurregel(nummer=nummer, bedrag=bedrag, btw_categorie=category[0], btw_percentage=category[1])


def _dragend(places: Sequence[int], lines: Sequence[Factuurregel]) -> list[int]:
    """Of the lines at `places` those that bear what is divided."""
    negative = sum((lines[place].bedrag for place in places), _NUL) < 0
    return [place for place in places if lines[place].bedrag and (lines[place].bedrag < 0) is negative]


def _delen(bedrag: Decimal, maten: Sequence[Decimal]) -> list[Decimal]:
    """`bedrag` pro rata of `maten`, in cents that come to it exactly."""
    total, sign = sum(maten, _NUL), -1 if bedrag < 0 else 1
    parts = [divmod(abs(bedrag) * size, total * _CENT) for size in maten]
    shares = [whole * _CENT for whole, _ in parts]
    left = abs(bedrag) - sum(shares, _NUL)
    for place in sorted(range(len(parts)), key=lambda place: -parts[place][1]):
        step = min(_CENT, left)
        shares[place] += step
        left -= step
    return [sign * share for share in shares]


def _btw(factuur: Factuur, lines: Sequence[Factuurregel]) -> list[Btwbedrag]:
    """Of every category what it comes to. The invoice is believed as far as VAT may have been rounded per line."""
    said: dict[Categorie, tuple[Decimal, Decimal]] = {}
    for group in factuur.btw:
        base, tax = said.get((group.categorie, group.percentage), (_NUL, _NUL))
        said[group.categorie, group.percentage] = (base + group.grondslag, tax + group.bedrag)
    bases = dict.fromkeys(said, _NUL)
    counts = dict.fromkeys(said, 0)
    for line in lines:
        category = _van(line)
        bases[category] = bases.get(category, _NUL) + line.bedrag
        counts[category] = counts.get(category, 0) + bool(line.bedrag)
    found = []
    for category, base in bases.items():
        tax = (base * category[1] / _HONDERD).quantize(_CENT, ROUND_HALF_UP) + _NUL
        told, asked = said.get(category, (base, tax))
        agrees = told == base and abs(asked - tax) <= _CENT * max(1, counts[category])
        found.append(
            Btwbedrag(categorie=category[0], percentage=category[1], grondslag=base, bedrag=asked if agrees else tax)
        )
    return found
