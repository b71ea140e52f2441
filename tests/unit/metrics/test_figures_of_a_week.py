"""A generated week, as its figures show it: they agree with the view, their labels are bounded, and a restart or a rebuild
changes none of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from sqlalchemy import select

from adapters.adapter.figures import FIGURES as ADAPTERS
from adapters.adapter.processor import AdapterProcessor
from adapters.generator.week import maak
from adapters.kinds import KINDS
from chain.correlate import Correlator
from chain.correlate.figures import FIGURES as CORRELATE
from chain.ketens.onderhoud.bereiken import MATEN as ORDER_MATEN
from chain.ketens.onderhoud.factuurmaten import MATEN as FACTUUR_MATEN
from chain.ketens.onderhoud.soorten import SOORTEN
from chain.ledger.figures import FIGURES as LEDGER
from chain.ledger.processor import Ledger
from tests.unit.demo.play import Play, play_week
from topics.catalogue.declarations import ALL_KETENS
from topics.documents import Account, Reden
from topics.documents.keten import AanZet, Factuurbeoordeling
from topics.keys import kind_of
from topics.metrics.declarations import BOUNDS
from topics.metrics.metric import Metric
from topics.metrics.state import Figure, Found, Labels, StateFigures, families
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output
from topics.view import figures, schema

ORDERS: Final = 60
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
MATEN: Final = {*(maat.naam for maat in ORDER_MATEN), *FACTUUR_MATEN}
PARTNERS: Final = Registry.load(samples.FOLDER)
IDS: Final = frozenset(PARTNERS.partners())

Shown = Mapping[str, Mapping[tuple[tuple[str, str], ...], float]]


class Processor(NamedTuple):
    driver: Driver[Any]
    figures: StateFigures


def processors(bus: FakeBus) -> list[Processor]:
    """As a restart builds them: the state is what the changelogs on `bus` say."""
    registry = Registry.load(samples.FOLDER)
    return [
        *(Processor(Driver(AdapterProcessor(kind, registry), bus), StateFigures(ADAPTERS)) for kind in KINDS.values()),
        *(Processor(Driver(Correlator(one), bus), StateFigures(CORRELATE, {"keten": one})) for one in ALL_KETENS),
        Processor(Driver(Ledger(), bus), StateFigures(LEDGER)),
    ]


def shown(crew: list[Processor]) -> Shown:
    found: dict[Metric, tuple[Figure, dict[Labels, Found]]] = {}
    for processor in crew:
        processor.figures.add(processor.driver.facets(), NOW, lambda gln: PARTNERS.owner(gln) or gln, found)
    samples_: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in families(found):
        for sample in family.samples:
            samples_.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return samples_


def total(shown_: Shown, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Added up by `labels`; what is nothing is left out."""
    found: dict[tuple[str, ...], float] = {}
    for given, value in shown_.get(name, {}).items():
        at = tuple(dict(given)[label] for label in labels)
        found[at] = found.get(at, 0.0) + value
    return {at: round(value, 2) for at, value in found.items() if round(value, 2)}


class Week(NamedTuple):
    bus: FakeBus
    play: Play
    shown: Shown


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    bus = FakeBus()
    play = play_week(maak(ORDERS, 3), tmp_path_factory.mktemp("view"), bus)
    yield Week(bus, play, shown(processors(bus)))
    play.close()


def test_dossiers_are_those_of_the_view(week: Week) -> None:
    with week.play.engine.connect() as connection:
        rows = connection.execute(select(schema.dossier.c.keten, schema.dossier.c.sleutel, schema.dossier.c.toestand))
        plain = Counter((keten, kind_of(key), state) for keten, key, state in rows)
    kept = total(week.shown, "ketenbus_dossiers", "keten", "soort", "toestand")
    assert sum(kept.values()) + sum(total(week.shown, "ketenbus_dossiers_stomp", "keten").values()) == plain.total()
    assert {at: kept[at] for at in kept if at[1] in ("opdracht", "factuur")} == {
        at: count for at, count in plain.items() if at[1] in ("opdracht", "factuur")
    }


def test_money_is_that_of_the_judgements_to_the_cent(week: Week) -> None:
    plain: Counter[tuple[str | None, ...]] = Counter()
    with week.play.engine.connect() as connection:
        for (document,) in connection.execute(select(schema.factuurbeoordeling.c.document)):
            judged = msgspec.json.decode(document, type=Factuurbeoordeling)
            pair = (PARTNERS.owner(judged.opdrachtgever or ""), PARTNERS.owner(judged.aannemer or ""))
            for name in ("vrijgegeven", "betwist", "in_behandeling", "verrekend"):
                plain[(name, *pair)] += int(Decimal(getattr(judged, name)) * 100)
    found = total(week.shown, "ketenbus_factuur_euros", "stand", "opdrachtgever", "aannemer")
    assert found == {at: cents / 100 for at, cents in plain.items() if cents}
    assert len({at[0] for at in found}) >= 3


def test_letters_and_accounts_are_those_of_the_view(week: Week) -> None:
    overview = figures.overview(week.play.engine)
    assert total(week.shown, "ketenbus_uitval_open", "reden", "partner") == dict(overview.uitval)
    plain: Counter[tuple[str, str]] = Counter()
    for (partner, _), row in figures.account(week.play.engine).rows.items():
        for account, count in row.accounts.items():
            plain[partner, account.value] += count
    assert total(week.shown, "ketenbus_rekening_delen", "partner", "rekening") == {
        at: n for at, n in plain.items() if n
    }
    spread = week.shown["ketenbus_uitval_open_leeftijd_seconds_bucket"]
    assert sum(value for at, value in spread.items() if ("le", "+Inf") in at) == sum(overview.uitval.values())


def test_every_part_at_rest_was_handled_by_the_bus_or_with_a_person(week: Week) -> None:
    accounts = total(week.shown, "ketenbus_rekening_delen", "rekening")
    rest = sum(count for (name,), count in accounts.items() if Account(name).final)
    assert sum(total(week.shown, "ketenbus_delen_behandeld", "door").values()) == rest > 0
    assert not total(week.shown, "ketenbus_rekening_fouten", "partner")


def test_a_partner_is_silent_since_its_last_message(week: Week) -> None:
    last: dict[str, datetime] = {}
    with week.play.engine.connect() as connection:
        for partner, at in connection.execute(select(schema.ontvangst.c.partner, schema.ontvangst.c.ontvangen)):
            last[partner] = max(last.get(partner, schema.time_of(at)), schema.time_of(at))
    silent = total(week.shown, "ketenbus_partner_stil_seconds", "partner")
    assert silent == {
        (partner,): (NOW - at.replace(second=0, microsecond=0)).total_seconds() for partner, at in last.items()
    }


def test_every_facet_has_a_metric(week: Week) -> None:
    for processor in processors(week.bus):
        for facet in processor.driver.facets():
            found: dict[Metric, tuple[Figure, dict[Labels, Found]]] = {}
            processor.figures.add({facet: 1}, NOW, str, found)
            assert any(one.total or one.ages for _, samples_ in found.values() for one in samples_.values()), facet


def test_label_values_stay_within_their_bound(week: Week) -> None:
    bounds = {
        "partner": IDS,
        "opdrachtgever": IDS | {""},
        "aannemer": IDS | {""},
        "aan_zet": {one.value for one in AanZet} | {""},
        "reden": {one.value for one in Reden},
        "rekening": {one.value for one in Account},
        "stand": {"vrijgegeven", "betwist", "in_behandeling", "verrekend"},
        "door": {"bus", "mens"},
        "keten": set(ALL_KETENS),
        "soort": set(SOORTEN),
        "maat": MATEN,
    }
    for name, samples_ in week.shown.items():
        for given in samples_:
            for label, value in given:
                assert label in BOUNDS or label == "le", (name, label)
                assert value in bounds.get(label, {value}), (name, label, value)


def test_a_restart_and_a_rebuild_show_the_same_figures(week: Week) -> None:
    assert shown(processors(week.bus)) == week.shown
    crew = []
    for number in range(len(processors(FakeBus()))):
        anew = FakeBus()
        processor = processors(anew)[number]
        topic = processor.driver.processor.topic
        for record in week.bus.records(topic):
            anew.send(Output(topic, record.key, record.value, record.headers, record.partition), record.timestamp)
        # what it was given, not what it then writes to its own topic
        processor.driver.run()
        crew.append(processor)
    assert shown(crew) == week.shown
