"""Holds what the bus made of the generated week against the generator's ledger: a line for everything that differs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from adapters.generator.boekhouding import Verwacht
from adapters.generator.deling import Deling, Geld
from adapters.generator.factuur import cents
from adapters.generator.maten import Maat
from adapters.generator.uitslag import Dossier, Lot
from adapters.stuur.client import Stand
from topics.documents.keten import Doorlooptijd, Factuurbeoordeling
from topics.documents.keten import Dossier as Bus
from topics.view import search
from topics.view.database import Engine
from topics.view.search import Page

CONTRACT: Final = "contract"
SHOWN: Final = 40
"""So many differences are printed; the rest is counted."""


def of_messages(expected: Mapping[str, Verwacht], found: Mapping[str, Stand]) -> Iterator[str]:
    """`found`: what its sender sees of each message that got a receipt of its own, by name."""
    for name, verwacht in expected.items():
        if not verwacht.delen:
            continue
        stand = found.get(name)
        if stand is None:
            yield f"{name}: found no receipt, expected {len(verwacht.delen)} parts"
            continue
        parts = sorted(stand.delen, key=lambda part: int(part.deel) if part.deel.isdecimal() else 0)
        lots = [Lot(part.status, part.reden) for part in parts]
        if lots != list(verwacht.delen):
            yield f"{name}: found {_lots(lots)}, expected {_lots(verwacht.delen)}"


def of_dossiers(engine: Engine, expected: Mapping[str, Dossier], others: Collection[str]) -> Iterator[str]:
    """`others`: keys of dossiers that are not of the week."""
    for key, dossier in expected.items():
        page = search.dossier_page(engine, key)
        lines = ["found no dossier"] if page is None else _dossier(page, dossier)
        for line in lines:
            yield f"{key}: {line}"
    known = {one.sleutel for one in search.all_dossiers(engine)}
    for key in sorted(known - expected.keys() - set(others)):
        yield f"{key}: a dossier that the ledger does not know"


def shown(lines: Sequence[str]) -> Iterable[str]:
    """The first differences, and how many more there are."""
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"… and {len(lines) - SHOWN} more"


def _lots(lots: Iterable[Lot]) -> str:
    return ", ".join(lot.status if lot.reden is None else f"{lot.status} ({lot.reden})" for lot in lots) or "nothing"


def _dossier(page: Page, expected: Dossier) -> Iterator[str]:
    found = page.dossier
    yield from _same("toestand", found.toestand, expected.toestand)
    yield from _same("aan zet", found.aan_zet, expected.aan_zet)
    yield from _same("klok loopt", found.klok_loopt, expected.klok_loopt)
    if expected.aannemer is not None:
        yield from _same("aannemer", found.aannemer, expected.aannemer)
        yield from _same("urgentie", found.urgentie, expected.urgentie)
    yield from _same("feiten", found.feiten, expected.feiten)
    yield from _same("wachtend", found.wachtend, expected.wachtend)
    yield from _same("onvolledig", len(found.onvolledig), expected.onvolledig)
    yield from _same("buiten beschouwing", len(found.buiten_beschouwing), expected.buiten_beschouwing)
    yield from _same("visits", found.bezoeken, expected.bezoeken)
    yield from _same("visits in vain", found.vergeefs, expected.vergeefs)
    yield from _same("reopened", found.heropend, expected.heropend)
    yield from _same("in één keer goed", found.in_een_keer_goed, expected.in_een_keer_goed)
    yield from _same("orders", sorted(found.opdrachten), list(expected.opdrachten))
    yield from _same("quotation", found.offerte, expected.offerte)
    # of a contract others may invoice other periods
    invoices = set(found.facturen) & set(expected.facturen) if expected.toestand == CONTRACT else found.facturen
    yield from _same("invoices", sorted(invoices), list(expected.facturen))
    yield from _money(found, expected)
    if expected.geld is not None:
        yield from _judgement(page.oordeel, expected.geld)
    extra = sorted((one.bedrag, one.grond) for one in found.meerwerk)
    yield from _same("extra work", extra, list(expected.meerwerk))
    if expected.huurder is not None:
        yield from _same("the tenant's time", found.huurder_seconden, expected.huurder)
    parts = {part.subnummer: (part.toestand, part.aan_zet.value) for part in found.delen}
    yield from _same("parts", parts, expected.delen)
    measures = {_about(one.laatste.subnummer, one.laatste.maat): one.laatste for one in page.maten}
    yield from _same("measures", sorted(measures), sorted(expected.maten))
    for name, maat in expected.maten.items():
        if name in measures:
            yield from _measure(name, measures[name], maat)
    yield from _same("signals", _signals(page, withdrawn=False), sorted(expected.signalen))
    yield from _same("withdrawn signals", _signals(page, withdrawn=True), sorted(expected.ingetrokken))


def _money(found: Bus, expected: Dossier) -> Iterator[str]:
    """In cents: what of an invoice is released, disputed, pending and taken back."""
    money = None if expected.geld is None else expected.geld.geheel
    for name in ("vrijgegeven", "betwist", "in_behandeling", "verrekend"):
        amount: Decimal | None = getattr(found, name)
        yield from _same(
            name, None if amount is None else cents(amount), None if money is None else getattr(money, name)
        )


def _judgement(found: Factuurbeoordeling | None, expected: Deling) -> Iterator[str]:
    """Per category of VAT and rate, the G-account's part, and why something is disputed."""
    if found is None:
        yield "found no judgement"
        return
    vat = {
        f"{one.categorie} {one.percentage.normalize():f}": Geld(
            cents(one.vrijgegeven), cents(one.betwist), cents(one.in_behandeling), cents(one.verrekend)
        )
        for one in found.btw
    }
    yield from _same("vat", vat, expected.per_tarief)
    blocked = None if found.g_vrijgegeven is None else cents(found.g_vrijgegeven)
    yield from _same("G-account", blocked, expected.g)
    yield from _same("reasons", list(found.redenen), list(expected.redenen))


def _signals(page: Page, *, withdrawn: bool) -> list[str]:
    found = [signal for signal in page.signalen if signal.ingetrokken is withdrawn]
    return sorted(f"{one.soort}:{_about(one.subnummer, one.maat)}" if one.maat else one.soort for one in found)


def _about(part: str | None, maat: str) -> str:
    return f"{part}/{maat}" if part else maat


def _measure(where: str, found: Doorlooptijd, expected: Maat) -> Iterator[str]:
    yield from _same(f"{where}: stand", found.standnaam, expected.stand)
    yield from _same(f"{where}: begin", found.begin, expected.begin)
    if expected.stand == "ingetrokken":
        return
    yield from _same(f"{where}: end", found.eind, expected.eind)
    yield from _same(f"{where}: too late", found.te_laat, expected.te_laat)
    yield from _same(f"{where}: the tenant's begin", found.begin_huurder, expected.begin_huurder)
    yield from _same(f"{where}: deadline", found.deadline, expected.deadline)
    yield from _same(f"{where}: asked deadline", found.deadline_gevraagd, expected.gevraagd)
    yield from _same(f"{where}: paused", found.gepauzeerd, expected.gepauzeerd)
    yield from _same(f"{where}: voorlopig", found.voorlopig, expected.voorlopig)
    yield from _same(f"{where}: findings", sorted(one.code for one in found.bevindingen), list(expected.bevindingen))
    yield from _same(f"{where}: calendar days", found.kalenderdagen, expected.kalenderdagen)
    if expected.netto is not None:
        yield from _same(f"{where}: working days", found.werkdagen, expected.werkdagen)
        yield from _same(f"{where}: net seconds", found.netto_seconden, expected.netto)
        yield from _same(f"{where}: seconds per party", dict(found.aan_zet_seconden), expected.aan_zet)


def _same(what: str, found: object, expected: object) -> Iterator[str]:
    if isinstance(found, datetime) and isinstance(expected, datetime) and found == expected:
        return
    if found != expected:
        yield f"{what}: found {_told(found)}, expected {_told(expected)}"


def _told(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
