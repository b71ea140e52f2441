"""Whether the amounts of an invoice agree with each other. What contradicts is an error: nobody here alters an invoice.

Amounts are in cents exactly, so sums must be equal to the cent. A product (quantity times price, base times rate) may be
rounded: a line either way to the cent, VAT per group or per line.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from adapters.formats.findings import OWN_CHECK, fout, waarschuwing
from adapters.message import FactuurInhoud
from topics.documents import Bevinding
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag
from topics.profile.supplier import legal_number

Where = Callable[[str], str]
"""From a canonical path ('regel.2.bedrag', 'btw.1.grondslag', 'te_betalen') to the path in the partner's message."""

CHARGED: Final = "S"
REVERSED: Final = "AE"
UNTAXED: Final = frozenset({REVERSED, "Z", "E", "G", "K", "O"})
"""VAT categories that have neither a rate nor a tax: reverse charge, zero, exempt, export, intra-community, outside VAT."""

_CENT, _HALF_CENT, _NOTHING, _ONE = Decimal("0.01"), Decimal("0.005"), Decimal(0), Decimal(1)
_RATES: Final = (
    (date(2019, 1, 1), frozenset({Decimal(21), Decimal(9)})),
    (date(2012, 10, 1), frozenset({Decimal(21), Decimal(6)})),
    (date.min, frozenset({Decimal(19), Decimal(6)})),
)
"""Dutch VAT rates of category S by the day from which they hold."""
_HIGHEST: Final = Decimal(21)
_HIGHEST_ABROAD: Final = Decimal(27)
"""VAT rates that nobody exceeds: here, and in the Union (Hungary; Directive 2006/112/EC sets no limit)."""
_LARGEST_ROUNDING: Final = Decimal(1)
"""Euro, of what is payable and of the VAT of all lines together: nobody rounds by more."""

Group = tuple[str, Decimal]
"""A VAT category and rate."""


class _Sums(msgspec.Struct):
    """parts: what may each have its own rounding."""

    base: Decimal = _NOTHING
    parts: int = 0


def total(inhoud: FactuurInhoud) -> Decimal:
    """Lines, charges and VAT of `inhoud`, before what was prepaid and before rounding."""
    charges = sum((one.bedrag for one in inhoud.toeslagen), _NOTHING)
    return inhoud.netto + charges + sum((one.bedrag for one in inhoud.btw), _NOTHING)


def check_amounts(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """What contradicts in the amounts of `inhoud`, and what is odd about them."""
    for path, amount in _amounts(inhoud):
        if amount != round(amount, 2):
            yield _wrong("bedrag-vorm", where(path), amount, "ten hoogste twee decimalen")
    for position, line in enumerate(inhoud.regels, 1):
        yield from _line(line, f"regel.{position}", where)
    charges = sum((one.bedrag for one in inhoud.toeslagen), _NOTHING)
    tax = sum((one.bedrag for one in inhoud.btw), _NOTHING)
    lines = sum((line.bedrag for line in inhoud.regels), _NOTHING)
    if inhoud.netto != lines:
        yield _wrong("netto-som", where("netto"), inhoud.netto, f"{lines:f}, de som van de regels")
    if inhoud.toeslag_totaal is not None and inhoud.toeslag_totaal != charges:
        expected = f"{charges:f}, de som van de toeslagen en kortingen"
        yield _wrong("toeslag-som", where("toeslag_totaal"), inhoud.toeslag_totaal, expected)
    yield from _vat(inhoud, where)
    if inhoud.btw_totaal is not None and inhoud.btw_totaal != tax:
        yield _wrong("btw-som", where("btw_totaal"), inhoud.btw_totaal, f"{tax:f}, de som van de btw per tarief")
    payable = inhoud.netto + charges + tax + inhoud.afronding - inhoud.vooruitbetaald
    if inhoud.te_betalen != payable:
        parts = (("toeslagen", charges), ("afronding", inhoud.afronding), ("vooruitbetaald", -inhoud.vooruitbetaald))
        also = "".join(f" {'+' if amount > 0 else '-'} {name} {abs(amount):f}" for name, amount in parts if amount)
        expected = f"{payable:f}: netto {inhoud.netto:f} + btw {tax:f}{also}"
        yield _wrong("te-betalen-som", where("te_betalen"), inhoud.te_betalen, expected)
    yield from _beside(inhoud, where)


def _beside(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """What stands beside lines, charges and VAT follows from nothing, so it must not make the total higher: it would
    be paid with the lines that are right."""
    prepaid, rounding, whole = inhoud.vooruitbetaald, inhoud.afronding, total(inhoud)
    if prepaid < 0 <= whole or prepaid > 0 > whole:
        expected = f"een bedrag aan dezelfde kant van 0 als het totaal ({whole:f}): het mag dat niet hoger maken"
        yield _wrong("vooruitbetaald-teken", where("vooruitbetaald"), prepaid, expected)
    if abs(rounding) > _LARGEST_ROUNDING:
        expected = f"ten hoogste {_LARGEST_ROUNDING} euro, erbij of eraf"
        yield _wrong("afronding-te-hoog", where("afronding"), rounding, expected)


def _amounts(inhoud: FactuurInhoud) -> Iterator[tuple[str, Decimal]]:
    """Every amount of money with its path; a price may have more decimals."""
    for position, line in enumerate(inhoud.regels, 1):
        yield f"regel.{position}.bedrag", line.bedrag
        yield f"regel.{position}.toeslag", line.toeslag
    for position, charge in enumerate(inhoud.toeslagen, 1):
        yield f"toeslag.{position}.bedrag", charge.bedrag
    for position, group in enumerate(inhoud.btw, 1):
        yield f"btw.{position}.grondslag", group.grondslag
        yield f"btw.{position}.bedrag", group.bedrag
    yield from (("netto", inhoud.netto), ("te_betalen", inhoud.te_betalen), ("afronding", inhoud.afronding))
    yield "vooruitbetaald", inhoud.vooruitbetaald
    if inhoud.g_bedrag is not None:
        yield "g_bedrag", inhoud.g_bedrag


def _line(line: Factuurregel, at: str, where: Where) -> Iterator[Bevinding]:
    """Quantity times price, in the unit of the price: 4 pieces may be 16.8 metres."""
    quantity = line.prijsaantal if line.prijsaantal is not None else line.aantal
    if line.prijs is None or quantity is None:
        return
    base = _ONE if line.prijsbasis is None else line.prijsbasis
    if base <= 0:
        yield _wrong("regelbedrag", where(f"{at}.prijsbasis"), base, "meer dan 0")
        return
    exact = quantity * line.prijs / base + line.toeslag
    if abs(line.bedrag - exact) >= _CENT:
        charge = f" + {line.toeslag:f}" if line.toeslag else ""
        product = f"{quantity:f} x {line.prijs:f}" + (f" / {base:f}" if base != 1 else "") + charge
        yield _wrong("regelbedrag", where(f"{at}.bedrag"), line.bedrag, f"{exact:.2f}, want {product}")


def _vat(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """Per category and rate: the base is its lines and charges, the tax follows from it."""
    sums: dict[Group, _Sums] = {}
    day = inhoud.leverdatum or inhoud.periode_tot or inhoud.factuurdatum
    highest = _HIGHEST_ABROAD if _abroad(inhoud.btw_nummer) else _HIGHEST
    taxed: list[tuple[str, Factuurregel | Factuurtoeslag]] = []
    taxed += ((f"regel.{position}", line) for position, line in enumerate(inhoud.regels, 1))
    taxed += ((f"toeslag.{position}", charge) for position, charge in enumerate(inhoud.toeslagen, 1))
    for at, one in taxed:
        held = sums.setdefault((one.btw_categorie, one.btw_percentage), _Sums())
        held.base, held.parts = held.base + one.bedrag, held.parts + (1 if one.bedrag else 0)
        yield from _rate(one.btw_categorie, one.btw_percentage, day, highest, where(f"{at}.btw_percentage"))
    stated: dict[Group, list[tuple[int, Btwbedrag]]] = {}
    for position, group in enumerate(inhoud.btw, 1):
        stated.setdefault((group.categorie, group.percentage), []).append((position, group))
    for of, held in sums.items():
        if of not in stated and held.base:
            found = f"geen btw voor {_named(of)} gevonden, verwacht die over {held.base:f}"
            yield fout("btw-groep-ontbreekt", where("btw"), f"Veld btw: {found}.", OWN_CHECK)
    wrong = [found for of, groups in stated.items() for found in _group(of, groups, sums.get(of, _Sums()), where)]
    yield from wrong or _together(inhoud, where)


def _together(inhoud: FactuurInhoud, where: Where) -> Iterator[Bevinding]:
    """Many lines, or many rates, that are each rounded up are no rounding together."""
    tax = sum((group.bedrag for group in inhoud.btw), _NOTHING)
    exact = sum((group.grondslag * group.percentage / 100 for group in inhoud.btw), _NOTHING)
    if abs(tax - exact) > _LARGEST_ROUNDING:
        expected = f"{exact:.2f} met ten hoogste {_LARGEST_ROUNDING} euro aan afronding van alle regels samen"
        yield _wrong("btw-bedrag", where("btw"), tax, expected)


def _group(of: Group, groups: list[tuple[int, Btwbedrag]], held: _Sums, where: Where) -> Iterator[Bevinding]:
    at = f"btw.{groups[0][0]}"
    base = sum((one.grondslag for _, one in groups), _NOTHING)
    tax = sum((one.bedrag for _, one in groups), _NOTHING)
    if base != held.base:
        expected = f"{held.base:f}, de regels en toeslagen van {_named(of)}"
        yield _wrong("btw-grondslag", where(f"{at}.grondslag"), base, expected)
    category, rate = of
    if category in UNTAXED:
        if tax:
            yield _wrong("btw-nul-verwacht", where(f"{at}.bedrag"), tax, f"0 bij {_named(of)}")
        if rate:
            yield _wrong("btw-nul-verwacht", where(f"{at}.percentage"), rate, f"0 bij categorie {category}")
        return
    exact = base * rate / 100
    off = abs(tax - exact)
    if off >= _CENT and off > _HALF_CENT * held.parts:
        yield _wrong("btw-bedrag", where(f"{at}.bedrag"), tax, f"{exact:.2f}, want {rate:f} % van {base:f}")


def _abroad(number: str | None) -> bool:
    """Whether this VAT number is of another country: its holder may have to charge the VAT of that."""
    country = (legal_number(number or "") or "")[:2]
    return country.isalpha() and country != "NL"


def _rate(category: str, rate: Decimal, day: date, highest: Decimal, pad: str) -> Iterator[Bevinding]:
    if category in UNTAXED and rate:
        yield _wrong("btw-nul-verwacht", pad, rate, f"0 bij categorie {category}")
    if category not in UNTAXED and not 0 <= rate <= highest:
        yield _wrong("btw-tarief-onmogelijk", pad, rate, f"0 tot en met {highest}")
        return
    if category != CHARGED:
        return
    known = next(rates for since, rates in _RATES if day >= since)
    if rate not in known:
        listed = " of ".join(f"{one}" for one in sorted(known))
        yield _odd("btw-tarief-onbekend", pad, rate, f"{listed}, de tarieven op {day.isoformat()}")


def _named(of: Group) -> str:
    return f"{of[0]} {of[1].normalize():f} %"


def _wrong(code: str, pad: str, found: Decimal, expected: str) -> Bevinding:
    tekst = f"Veld {pad.rpartition('/')[2]}: gevonden {found:f}, verwacht {expected}."
    return fout(code, pad, tekst, OWN_CHECK, waarde=f"{found:f}")


def _odd(code: str, pad: str, found: Decimal, expected: str) -> Bevinding:
    tekst = f"Veld {pad.rpartition('/')[2]}: gevonden {found:f}, verwacht {expected}."
    return waarschuwing(code, pad, tekst, waarde=f"{found:f}")
