"""What the ledger's state comes to as metrics."""

from datetime import timedelta
from typing import Final

import msgspec

from chain.ledger.figures import FIGURES
from tests.unit.ledger.test_processor import BASE, A, Bench, move, opened
from topics.documents import Reden
from topics.metrics.metric import Metric
from topics.metrics.state import Figure, Found, Labels, StateFigures, families

AT: Final = BASE + timedelta(hours=6)


def shown(bench: Bench, name: str) -> dict[tuple[str, ...], float]:
    """Samples of the one partner, by their other labels."""
    found: dict[Metric, tuple[Figure, dict[Labels, Found]]] = {}
    StateFigures(FIGURES).add(bench.driver.facets(), AT, str, found)
    samples = [sample for family in families(found) for sample in family.samples if sample.name == name]
    return {tuple(value for key, value in one.labels.items() if key != "partner"): one.value for one in samples}


def test_what_once_was_a_letter_was_not_handled_by_the_bus_alone() -> None:
    bench = Bench()
    bench.post(opened(1), opened(3, "r2"))
    assert shown(bench, "ketenbus_delen_behandeld") == {("bus",): 0, ("mens",): 0}
    bench.post(move("1", A.ONDERWEG, A.TOEGEPAST))
    bench.post(move("1", A.ONDERWEG, A.DUBBEL, "r2"), move("2", A.ONDERWEG, A.UITVAL, "r2"))
    bench.post(move("3", A.ONDERWEG, A.UITVAL, "r2"), move("3", A.UITVAL, A.AFGEVOERD, "r2", uit="d"))
    assert shown(bench, "ketenbus_delen_behandeld") == {("bus",): 2, ("mens",): 1}
    assert shown(bench, "ketenbus_ontvangsten") == {(): 2}


def test_the_oldest_part_under_way_is_the_age_of_the_account_and_an_empty_one_has_none() -> None:
    bench = Bench()
    bench.post(opened(1), at=BASE + timedelta(hours=1))
    bench.post(opened(1, "r2"))
    assert shown(bench, "ketenbus_rekening_oudste_seconds") == {("onderweg",): 6 * 3600}
    bench.post(move("1", A.ONDERWEG, A.TOEGEPAST, "r2"))
    assert shown(bench, "ketenbus_rekening_oudste_seconds") == {("onderweg",): 5 * 3600}
    bench.post(move("1", A.ONDERWEG, A.TOEGEPAST))
    assert shown(bench, "ketenbus_rekening_oudste_seconds") == {("onderweg",): 0}
    assert shown(bench, "ketenbus_rekening_delen") == {("onderweg",): 0, ("toegepast",): 2}


def test_a_letter_is_open_until_its_part_moves_on() -> None:
    bench = Bench()
    bench.post(opened(1))
    failed = msgspec.structs.replace(move("1", A.ONDERWEG, A.UITVAL), reden=Reden.ONGELDIG)
    bench.post(failed, at=BASE)
    assert shown(bench, "ketenbus_uitval_open") == {("ongeldig",): 1}
    spread = shown(bench, "ketenbus_uitval_open_leeftijd_seconds_bucket")
    assert (spread["ongeldig", "14400.0"], spread["ongeldig", "86400.0"]) == (0, 1)
    bench.post(move("1", A.UITVAL, A.ONDERWEG))
    assert shown(bench, "ketenbus_uitval_open") == {}


def test_an_account_that_cannot_be_right_says_so() -> None:
    bench = Bench()
    bench.post(opened(1))
    assert shown(bench, "ketenbus_rekening_fouten") == {(): 0}
    bench.post(move("1", A.WACHTEND, A.TOEGEPAST), move("1", A.ONDERWEG, A.TOEGEPAST, "nooit"))
    assert shown(bench, "ketenbus_rekening_fouten") == {(): 1}
    assert shown(bench, "ketenbus_ontvangsten_ongeopend") == {(): 1}
