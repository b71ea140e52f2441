"""Holds what the bus made of the inbox against the companion files: every deviation is a line that names both."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from adapters.demo.bus import Bus
from adapters.demo.delivery import Delivered
from adapters.demo.inbox import DossierEinde, Einde, MaatEinde, Sample, Verwacht
from adapters.stuur.client import Deel, Intake, Stand
from topics.documents.keten import Doorlooptijd
from topics.keys import kind_of
from topics.view import figures, search
from topics.view.database import Engine
from topics.view.search import Page

HOUR: Final = 3600


def deviations(
    bus: Bus, engine: Engine, samples: Sequence[Sample], einde: Einde, delivered: Mapping[str, Delivered]
) -> list[str]:
    """Empty when everything came out as the companion files say and the account balances."""
    found = []
    for sample in samples:
        receipt = delivered[sample.naam].ontvangst
        with Intake(bus.url, bus.keys[sample.verwacht.partner]) as intake:
            stand = intake.status(receipt) if receipt is not None else None
        found += of_message(sample, delivered, stand)
    return found + of_dossiers(engine, einde) + of_account(engine)


def of_message(sample: Sample, delivered: Mapping[str, Delivered], stand: Stand | None) -> list[str]:
    """How the answer to a sample, and what its sender sees of it now (None without a receipt), differ."""
    return [f"{sample.naam}: {line}" for line in _message(sample.verwacht, delivered, delivered[sample.naam], stand)]


def of_dossiers(engine: Engine, einde: Einde) -> list[str]:
    """How the dossiers differ, with their measures and signals; one too many or too few as well. A unit's dossier has no
    companion: it follows from its orders."""
    found = []
    for key, expected in einde.dossiers.items():
        page = search.dossier_page(engine, key)
        lines = ["found no dossier"] if page is None else _dossier(page, expected)
        found += [f"{key}: {line}" for line in lines]
    known = {dossier.sleutel for dossier in search.all_dossiers(engine) if kind_of(dossier.sleutel) != "eenheid"}
    return found + [f"{key}: a dossier that no companion expects" for key in sorted(known - einde.dossiers.keys())]


def of_account(engine: Engine) -> list[str]:
    """Where the account does not balance, or a receipt was never opened."""
    found = []
    for (partner, day), row in figures.account(engine).rows.items():
        where = f"account of {partner} on {day}"
        if row.ongeopend:
            found.append(f"{where}: {row.ongeopend} receipts are not opened")
        if sum(row.accounts.values()) != row.aangenomen:
            found.append(f"{where}: found {dict(row.accounts)}, expected a sum of {row.aangenomen}")
    return found


def _message(
    expected: Verwacht, delivered: Mapping[str, Delivered], answer: Delivered, stand: Stand | None
) -> Iterator[str]:
    yield from _same("answer of the intake", answer.antwoord, expected.antwoord)
    if expected.herhaling_van is not None:
        yield from _same("receipt", answer.ontvangst, delivered[expected.herhaling_van].ontvangst)
    parts = _in_order(stand) if stand is not None else []
    yield from _same("status of the parts", [part.status for part in parts], [one.value for one in expected.status])
    reasons = {part.reden for part in parts if part.reden}
    yield from _same("reason", reasons, {expected.reden.value} if expected.reden else set())
    codes = {finding.code for part in parts for finding in part.bevindingen}
    missing = set(expected.bevindingen) - codes
    if missing:
        yield f"findings: found {sorted(codes)}, expected also {sorted(missing)}"


def _in_order(stand: Stand) -> list[Deel]:
    return sorted(stand.delen, key=lambda part: int(part.deel) if part.deel.isdecimal() else 0)


def _dossier(page: Page, expected: DossierEinde) -> Iterator[str]:
    dossier = page.dossier
    yield from _same("toestand", dossier.toestand, expected.toestand)
    yield from _same("aan zet", dossier.aan_zet, expected.aan_zet)
    yield from _same("feiten", dossier.feiten, expected.feiten)
    yield from _same("wachtend", dossier.wachtend, expected.wachtend)
    yield from _same("onvolledig", len(dossier.onvolledig), expected.onvolledig)
    yield from _same("buiten beschouwing", len(dossier.buiten_beschouwing), expected.buiten_beschouwing)
    yield from _same("vrijgegeven", dossier.vrijgegeven, expected.vrijgegeven)
    yield from _same("betwist", dossier.betwist, expected.betwist)
    yield from _same("verrekend", dossier.verrekend, expected.verrekend)
    measures = {_name(measure.laatste): measure.laatste for measure in page.maten}
    yield from _same("measures", sorted(measures), sorted(expected.maten))
    for name, wanted in expected.maten.items():
        if name in measures:
            yield from _measure(measures[name], wanted)
    yield from _same("signals", _signals(page, withdrawn=False), sorted(expected.signalen))
    yield from _same("withdrawn signals", _signals(page, withdrawn=True), sorted(expected.ingetrokken))


def _name(found: Doorlooptijd) -> str:
    """`<maat>`, and `<maat>#<subnummer>` of a sub-order."""
    return f"{found.maat}#{found.subnummer}" if found.subnummer else found.maat


def _signals(page: Page, *, withdrawn: bool) -> list[str]:
    found = [signal for signal in page.signalen if signal.ingetrokken is withdrawn]
    return sorted(f"{signal.soort}:{signal.maat}" if signal.maat else signal.soort for signal in found)


def _measure(found: Doorlooptijd, expected: MaatEinde) -> Iterator[str]:
    yield from _same(f"{found.maat}: stand", found.standnaam, expected.stand)
    if expected.werkdagen is not None:
        yield from _same(f"{found.maat}: working days", found.werkdagen, expected.werkdagen)
    if expected.deadline is not None:
        yield from _same(f"{found.maat}: deadline", found.deadline, expected.deadline)
    if expected.netto_uren is not None:
        yield from _same(f"{found.maat}: net seconds", found.netto_seconden, round(expected.netto_uren * HOUR))
    if expected.aan_zet_uren is not None:
        split = {who: round(hours * HOUR) for who, hours in expected.aan_zet_uren.items()}
        yield from _same(f"{found.maat}: seconds per party", found.aan_zet_seconden, split)
    yield from _same(f"{found.maat}: paused", found.gepauzeerd, expected.gepauzeerd)
    yield from _same(f"{found.maat}: voorlopig", found.voorlopig, expected.voorlopig)
    yield from _same(f"{found.maat}: findings", [one.code for one in found.bevindingen], list(expected.bevindingen))


def _same(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: found {found}, expected {expected}"
