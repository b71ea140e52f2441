"""Terms of pairs: when they hold, and what is wrong in those of one client beyond the types of their fields."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final

import msgspec

from topics.profile.entities import needs_pairs
from topics.profile.profile import AfkoopTermen, FactuurTermen, Prijs, Termen

MKB_DAGEN: Final = 30
"""Calendar days within which a large firm must pay a small or medium one (art. 6:119a lid 6 BW)."""


class Misstand(msgspec.Struct, frozen=True):
    """What is wrong in a profile: in which file, at which field, what was found and what was expected."""

    file: str
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: found {self.found}, expected {self.expected}"


def valid(terms: Termen, day: date) -> bool:
    """Whether `terms` hold on `day`."""
    return terms.geldig_vanaf <= day and (terms.geldig_tot is None or day <= terms.geldig_tot)


def wrong_terms(file: str, termen: Sequence[Termen]) -> Iterator[Misstand]:
    """What is wrong in the terms of the client in `file`."""
    for number, terms in enumerate(termen):
        if terms.geldig_tot is not None and terms.geldig_tot < terms.geldig_vanaf:
            yield Misstand(file, f"termen.{number}.geldig_tot", str(terms.geldig_tot), f"{terms.geldig_vanaf} or later")
        for other in termen[:number]:
            if (
                other.aannemer == terms.aannemer
                and valid(terms, max(other.geldig_vanaf, terms.geldig_vanaf))
                and (valid(other, max(other.geldig_vanaf, terms.geldig_vanaf)))
            ):
                found = f"a second one for {terms.aannemer} that holds on {max(other.geldig_vanaf, terms.geldig_vanaf)}"
                yield Misstand(file, f"termen.{number}", found, "terms of one pair that do not overlap")
        if any(norm.maat == "betaling" for norm in terms.normen):
            expected = "facturen.betaaltermijn_dagen, against which payment is measured"
            yield Misstand(file, f"termen.{number}.normen", "a norm of betaling", expected)
        norms = [(norm.maat, norm.soort, norm.urgentie) for norm in terms.normen]
        for norm in sorted({one for one in norms if norms.count(one) > 1}, key=str):
            yield Misstand(file, f"termen.{number}.normen", f"two for {norm[0]}, {norm[1]}, {norm[2]}", "one")
        yield from _wrong_invoicing(file, number, terms)
    yield from _shared(file, termen)


def _wrong_invoicing(file: str, number: int, terms: Termen) -> Iterator[Misstand]:
    at = f"termen.{number}.facturen"
    for place, sold in enumerate(terms.facturen.afkoop):
        if sold.contract not in terms.contracten:
            expected = "one of the contracten of these terms"
            yield Misstand(file, f"{at}.afkoop.{place}.contract", repr(sold.contract), expected)
        if sold.geldig_tot < sold.geldig_vanaf:
            expected = f"{sold.geldig_vanaf} or later"
            yield Misstand(file, f"{at}.afkoop.{place}.geldig_tot", str(sold.geldig_tot), expected)
    for one, other in combinations(terms.facturen.afkoop, 2):
        if one.contract == other.contract and _overlap(one, other):
            yield Misstand(file, f"{at}.afkoop", f"two amounts of {one.contract} on one day", "one")
    yield from _wrong_entities(file, at, terms.facturen)
    days = terms.facturen.betaaltermijn_dagen
    if days > MKB_DAGEN and not terms.facturen.wederzijds_groot:
        expected = f"at most {MKB_DAGEN} (art. 6:119a lid 6 BW), or wederzijds_groot = true between two large firms"
        yield Misstand(file, f"{at}.betaaltermijn_dagen", str(days), expected)
    book: dict[str, list[Prijs]] = {}
    for price in terms.facturen.prijsboek:
        book.setdefault(price.code, []).append(price)
    for code, prices in book.items():
        if any(_overlap(one, other) for one, other in combinations(prices, 2)):
            yield Misstand(file, f"{at}.prijsboek", f"two prices of {code} on one day", "one")


def _wrong_entities(file: str, at: str, terms: FactuurTermen) -> Iterator[Misstand]:
    """KvK numbers of which cannot be told whose they are: their invoices could count twice, under either number."""
    for place, one in enumerate(terms.entiteiten):
        if one.kvk not in terms.kvk_nummers:
            yield Misstand(file, f"{at}.entiteiten.{place}.kvk", one.kvk, "one of the kvk_nummers of these terms")
        if one.btw is not None and one.btw not in terms.btw_nummers:
            yield Misstand(file, f"{at}.entiteiten.{place}.btw", one.btw, "one of the btw_nummers of these terms")
    paired = {one.kvk for one in terms.entiteiten}
    for number in terms.kvk_nummers if needs_pairs(terms) else ():
        if number not in paired:
            expected = f'{{ btw = "...", kvk = "{number}" }} in entiteiten, or without btw when it has none'
            yield Misstand(file, f"{at}.kvk_nummers", f"{number} beside {len(terms.btw_nummers)} btw_nummers", expected)


def _shared(file: str, termen: Sequence[Termen]) -> Iterator[Misstand]:
    """Legal entities and accounts that are of two aannemers at once: an invoice could not be told whose it is."""
    for (_, one), (number, other) in combinations(enumerate(termen), 2):
        if one.aannemer == other.aannemer or not (valid(one, other.geldig_vanaf) or valid(other, one.geldig_vanaf)):
            continue
        theirs = _numbers(one.facturen)
        for field, value in _numbers(other.facturen):
            if (field, value) in theirs:
                expected = f"a number of one aannemer ({one.aannemer} has it too)"
                yield Misstand(file, f"termen.{number}.facturen.{field}", value, expected)


def _numbers(found: FactuurTermen) -> list[tuple[str, str]]:
    fields = (
        ("btw_nummers", found.btw_nummers),
        ("kvk_nummers", found.kvk_nummers),
        ("ibans", found.ibans),
        ("g_ibans", found.g_ibans),
    )
    return [(field, value) for field, values in fields for value in values]


def _overlap(one: Prijs | AfkoopTermen, other: Prijs | AfkoopTermen) -> bool:
    starts = max(one.geldig_vanaf or date.min, other.geldig_vanaf or date.min)
    return starts <= min(one.geldig_tot or date.max, other.geldig_tot or date.max)
