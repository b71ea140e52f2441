"""A generated week played in memory, by the same processors as on Kafka, comes out as the generator's ledger says; and
what would come out otherwise is named."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from adapters.demo import agreement
from adapters.generator.boekhouding import Verwacht
from adapters.generator.uitslag import Dossier, Lot
from adapters.generator.week import Week, maak
from adapters.stuur.client import Stand
from tests.unit.demo.play import Play, play_week

ORDERS = 60


class Played(NamedTuple):
    week: Week
    play: Play
    stands: dict[str, Stand]


@pytest.fixture(scope="module", params=[1, 2])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    week = maak(ORDERS, request.param)
    play = play_week(week, tmp_path_factory.mktemp("week"))
    stands = {
        one.naam: stand
        for one in week.berichten
        if one.herhaling_van is None and (stand := play.stand_of(one.naam, one.partner)) is not None
    }
    yield Played(week, play, stands)
    play.close()


def test_every_message_dossier_measure_and_signal_is_as_the_ledger_says(played: Played) -> None:
    book = played.week.grootboek
    found = [*agreement.of_messages(book.berichten, played.stands)]
    found += agreement.of_dossiers(played.play.engine, book.dossiers, ())
    assert not found, "\n".join(agreement.shown(found))
    answers = {name: delivered.antwoord for name, delivered in played.play.delivered.items()}
    assert answers == {name: verwacht.antwoord for name, verwacht in book.berichten.items()}


# what would come out otherwise is named


def test_a_part_that_came_out_otherwise_is_named(played: Played) -> None:
    name, stand = next(iter(played.stands.items()))
    expected = {name: Verwacht(antwoord=202, delen=(Lot("uitval", "strijdig"),))}
    (line,) = agreement.of_messages(expected, {name: stand})
    assert line.startswith(f"{name}: found ")
    assert line.endswith("expected uitval (strijdig)")
    (line,) = agreement.of_messages(expected, {})
    assert line == f"{name}: found no receipt, expected 1 parts"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"toestand": "nergens"}, "toestand"),
        ({"feiten": 99}, "feiten"),
        ({"signalen": ("norm-overschreden:acceptatie", "te-veel")}, "signals"),
        ({"maten": {}}, "measures"),
        ({"bezoeken": 7}, "visits"),
        ({"in_een_keer_goed": True}, "in één keer goed"),
        ({"offerte": "gestapt"}, "quotation"),
        ({"delen": {"09": ("geweigerd", "niemand")}}, "parts"),
    ],
)
def test_a_dossier_that_came_out_otherwise_is_named(played: Played, changes: dict[str, object], named: str) -> None:
    key, dossier = _closed(played.week)
    (line,) = _lines(played, key, replace(dossier, **changes))
    assert line.startswith(f"{key}: {named}: found ")


@pytest.mark.parametrize("field", ["begin", "eind", "deadline"])
def test_a_measure_that_differs_by_a_second_is_named(played: Played, field: str) -> None:
    key, dossier = _closed(played.week)
    maat = dossier.maten["acceptatie"]
    other = replace(maat, **{field: getattr(maat, field) + timedelta(seconds=1)})
    lines = _lines(played, key, replace(dossier, maten={**dossier.maten, "acceptatie": other}))
    assert [line for line in lines if line.startswith(f"{key}: acceptatie: ")] == lines
    assert lines


def test_an_invoice_that_differs_by_a_cent_or_in_a_reason_is_named(played: Played) -> None:
    key, dossier, money = next(
        (key, dossier, dossier.geld)
        for key, dossier in played.week.grootboek.dossiers.items()
        if dossier.geld is not None and dossier.geld.geheel.vrijgegeven > 0
    )
    whole = replace(money.geheel, vrijgegeven=money.geheel.vrijgegeven - 1)
    (line,) = _lines(played, key, replace(dossier, geld=replace(money, geheel=whole)))
    assert line.startswith(f"{key}: vrijgegeven: found ")
    rate, first = next(iter(money.per_tarief.items()))
    off = {**money.per_tarief, rate: replace(first, betwist=first.betwist + 1)}
    (line,) = _lines(played, key, replace(dossier, geld=replace(money, per_tarief=off)))
    assert line.startswith(f"{key}: vat: found ")
    (line,) = _lines(played, key, replace(dossier, geld=replace(money, redenen=("nergens-om",))))
    assert line.startswith(f"{key}: reasons: found ")
    (line,) = _lines(played, key, replace(dossier, geld=replace(money, g=(money.g or 0) + 1)))
    assert line.startswith(f"{key}: G-account: found ")


def test_a_dossier_too_many_or_too_few_is_named(played: Played) -> None:
    dossiers = dict(played.week.grootboek.dossiers)
    key, dossier = _closed(played.week)
    del dossiers[key]
    dossiers["onderhoud/opdracht/8799999000017/NERGENS"] = dossier
    lines = [*agreement.of_dossiers(played.play.engine, dossiers, ())]
    assert sorted(lines) == sorted(
        [
            "onderhoud/opdracht/8799999000017/NERGENS: found no dossier",
            f"{key}: a dossier that the ledger does not know",
        ]
    )


def test_of_many_differences_the_first_are_shown_and_the_rest_is_counted() -> None:
    shown = [*agreement.shown([f"line {n}" for n in range(100)])]
    assert len(shown) == agreement.SHOWN + 1
    assert shown[-1] == f"… and {100 - agreement.SHOWN} more"


def _closed(week: Week) -> tuple[str, Dossier]:
    """An ordinary order that was accepted within a norm and closed."""
    return next(
        (key, dossier)
        for key, dossier in week.grootboek.dossiers.items()
        if dossier.toestand == "administratief-gereed"
        and not dossier.delen
        and (maat := dossier.maten.get("acceptatie")) is not None
        and maat.eind is not None
        and maat.deadline is not None
        and maat.eind + timedelta(minutes=1) < maat.deadline
    )


def _lines(played: Played, key: str, dossier: Dossier) -> list[str]:
    book = played.week.grootboek.dossiers
    return [*agreement.of_dossiers(played.play.engine, {key: dossier}, set(book) - {key})]
