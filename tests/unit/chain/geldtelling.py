"""What is payable and released, counted once more: plainly, in fractions, without the code under test."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from chain.ketens.onderhoud.toetsing import Deelbeeld
from topics.documents.factuur import Deelregel, Factuur, Factuurdeel


def cent(amount: Fraction) -> Fraction:
    """To the cent, half up."""
    sign = -1 if amount < 0 else 1
    return Fraction(sign * floor(abs(amount) * 100 + Fraction(1, 2)), 100)


def fr(amount: Decimal | None) -> Fraction:
    return Fraction(amount or 0)


def kent(beeld: Deelbeeld, code: str | None) -> Fraction:
    return sum((fr(line.aantal) for line in beeld.regels if line.prijscode == code), Fraction(0))


def prijs(beeld: Deelbeeld, line: Deelregel) -> Fraction | None:
    """Agreed for the code of an invoice line; None: nobody says."""
    prices = [fr(one.prijs) for one in beeld.regels if one.prijscode == line.prijscode and one.prijs is not None]
    if prices:
        return max(prices)
    return None if line.afgesproken is None else fr(line.afgesproken)


def afgesproken(beeld: Deelbeeld, delen: Sequence[Factuurdeel]) -> Fraction | None:
    """What the agreement comes to without extra work; None: no end."""
    lines = [line for deel in delen for line in deel.regels]
    if beeld.afspraak == "EHP":
        total = Fraction(0)
        for code in {line.prijscode for line in beeld.regels}:
            same = [one for one in beeld.regels if one.prijscode == code]
            books = [prijs(beeld, line) or Fraction(0) for line in lines if line.prijscode == code]
            own = [fr(one.prijs) for one in same if one.prijs is not None]
            # a line without a price of its own goes at the highest that the code has
            high = max(own) if own else max(books, default=Fraction(0))
            prices = [high if one.prijs is None else fr(one.prijs) for one in same]
            total += cent(sum((fr(one.aantal) * price for one, price in zip(same, prices, strict=True)), Fraction(0)))
        return total
    if beeld.afspraak == "AFK":
        return Fraction(0)
    if beeld.totaal is not None:
        return fr(beeld.totaal)
    if beeld.afspraak == "REG":
        ceilings = [deel.regieplafond for deel in delen]
        return None if None in ceilings or not ceilings else max(fr(ceiling) for ceiling in ceilings)
    return Fraction(0)


def betaalbaar(beeld: Deelbeeld, delen: Sequence[Factuurdeel]) -> Fraction | None:
    """What the order may come to at most: agreed, extra work that was approved, the largest tolerance."""
    agreed = afgesproken(beeld, delen)
    if agreed is None:
        return None
    extra = sum((fr(post.bedrag) for post in beeld.meerwerk if post.grond in ("goedkeuring", "mandaat")), Fraction(0))
    margins = [max(fr(d.tolerantie), agreed * fr(d.tolerantie_percentage) / 100) for d in delen]
    return agreed + extra + max(margins, default=Fraction(0))


def plat(beeld: Deelbeeld, delen: Sequence[Factuurdeel]) -> dict[tuple[str, int], Fraction]:
    """Released per line of invoices in this order, for orders without extra work and tolerance, one line at a time."""
    found: dict[tuple[str, int], Fraction] = {}
    quantities: dict[str | None, Fraction] = {line.prijscode: kent(beeld, line.prijscode) for line in beeld.regels}
    worth = {
        code: cent(sum((fr(o.aantal) * fr(o.prijs) for o in beeld.regels if o.prijscode == code), Fraction(0)))
        for code in quantities
    }
    left = fr(beeld.totaal)
    for deel in delen:
        for place, line in enumerate(deel.regels):
            asked = fr(line.bedrag)
            if beeld.afspraak == "ANS":
                free = min(asked, left)
                left -= free
            elif line.prijscode not in quantities:
                free = Fraction(0)
            else:
                number, agreed = fr(line.aantal), prijs(beeld, line) or Fraction(0)
                per_one = min(asked / number, agreed)
                fits = min(number, quantities[line.prijscode])
                free = min(cent(fits * per_one), asked, worth[line.prijscode])
                # what comes to less than half a cent takes nothing
                quantities[line.prijscode] -= fits if free else 0
                worth[line.prijscode] -= free
            found[(deel.factuur, place)] = free
    return found


def per_categorie(factuur: Factuur, vrij: Sequence[Decimal]) -> Mapping[tuple[str, Decimal], Fraction]:
    """Released including VAT per category, not rounded: what is released of its base is released of what it comes to."""
    groups = {(one.categorie, one.percentage): (fr(one.grondslag), fr(one.bedrag)) for one in factuur.btw}
    beside = fr(factuur.afronding) - fr(factuur.vooruitbetaald)
    whole = sum((net + tax for net, tax in groups.values()), Fraction(0))
    found = {}
    for category, (net, tax) in groups.items():
        lines = [i for i, line in enumerate(factuur.regels) if (line.btw_categorie, line.btw_percentage) == category]
        share = sum((fr(vrij[i]) for i in lines), Fraction(0)) / net if net else Fraction(0)
        found[category] = (net + tax) * (1 + beside / whole) * share if whole else Fraction(0)
    return found


def werkelijk(factuur: Factuur) -> list[Fraction]:
    """What every line comes to with its share of the charges of its category, not rounded: of lines of one sign."""
    found = []
    for line in factuur.regels:
        category = (line.btw_categorie, line.btw_percentage)
        same = [one for one in factuur.regels if (one.btw_categorie, one.btw_percentage) == category]
        charges = [one for one in factuur.toeslagen if (one.btw_categorie, one.btw_percentage) == category]
        net = sum((fr(one.bedrag) for one in same), Fraction(0))
        found.append(fr(line.bedrag) * (1 + sum((fr(one.bedrag) for one in charges), Fraction(0)) / net))
    return found
