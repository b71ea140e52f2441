"""Facets become metrics: what a pattern names, what is added up, what is aged at the scrape."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from topics.metrics.metric import Kind, Metric
from topics.metrics.state import Facet, Figure, Found, How, Labels, StateFigures, families, minute

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CASES = Metric(name="kb_cases", help="Cases", process="p", source="s", labels=("kind", "opdrachtgever"))
OLDEST = Metric(name="kb_oldest_seconds", help="Oldest", process="p", source="s", labels=("kind",))
SPREAD = Metric(
    name="kb_age_seconds",
    help="Ages",
    process="p",
    source="s",
    kind=Kind.GAUGE_HISTOGRAM,
    labels=("kind",),
    buckets=(3600.0, 7200.0),
)
MONEY = Metric(name="kb_money_euros", help="Money", process="p", source="s", labels=("kind",))
LOOSE = Metric(name="kb_loose", help="Loose", process="p", source="s", labels=("keten",))


def shown(figures: StateFigures, facets: Mapping[str, int], names: Mapping[str, str] | None = None) -> dict[str, float]:
    found: dict[Metric, tuple[Figure, dict[Labels, Found]]] = {}
    given = names or {}
    figures.add(facets, NOW, lambda gln: given.get(gln, gln), found)
    return {
        f"{one.name}{{{','.join(one.labels.values())}}}": one.value
        for family in families(found)
        for one in family.samples
    }


def ago(hours: float) -> int:
    return minute(NOW - timedelta(hours=hours))


def test_what_a_pattern_names_is_a_label_and_what_no_pattern_knows_is_left_out() -> None:
    figures = StateFigures([Figure(metric=CASES, facets=(Facet("case|{kind}|{opdrachtgever}"),))])
    assert shown(figures, {"case|a|o1": 3, "case|b|o1": 1, "case|a": 9, "kind|a|o1": 9, "case|a|o1|x": 9}) == {
        "kb_cases{a,o1}": 3,
        "kb_cases{b,o1}": 1,
    }


def test_partners_are_shown_by_their_id_and_those_of_one_partner_added_up() -> None:
    figures = StateFigures([Figure(metric=CASES, facets=(Facet("case|{kind}|{opdrachtgever}"),))])
    names = {"8799999000017": "zilverlinde", "8799999000024": "zilverlinde"}
    facets = {"case|a|8799999000017": 3, "case|a|8799999000024": 2, "case|a|8799999000031": 1, "case|a|": 4}
    assert shown(figures, facets, names) == {
        "kb_cases{a,zilverlinde}": 5,
        "kb_cases{a,8799999000031}": 1,
        "kb_cases{a,}": 4,
    }


def test_facets_of_several_patterns_are_added_and_taken_off() -> None:
    constant = {"opdrachtgever": ""}
    figures = StateFigures(
        [
            Figure(
                metric=CASES,
                facets=(
                    Facet("{kind}|rest", constant),
                    Facet("{kind}|person", constant, factor=-1),
                    Facet("{kind}|seen", constant, factor=0),
                ),
            )
        ]
    )
    assert shown(figures, {"a|rest": 5, "a|person": 2, "b|seen": 7}) == {"kb_cases{a,}": 3, "kb_cases{b,}": 0}


def test_the_oldest_moment_is_aged_against_now_and_nothing_is_as_old_as_none() -> None:
    figures = StateFigures([Figure(metric=OLDEST, how=How.OLDEST, facets=(Facet("{kind}|@"), Facet("{kind}")))])
    facets = {f"a|{ago(2)}": 1, f"a|{ago(5)}": 1, "b": 3, f"c|{ago(-1)}": 1}
    assert shown(figures, facets) == {
        "kb_oldest_seconds{a}": 5 * 3600,
        "kb_oldest_seconds{b}": 0,
        "kb_oldest_seconds{c}": 0,
    }


def test_ages_fall_into_buckets_that_hold_all_below_them() -> None:
    figures = StateFigures([Figure(metric=SPREAD, how=How.AGES, facets=(Facet("*|{kind}|@"),))])
    facets = {f"x|a|{ago(1)}": 2, f"y|a|{ago(1.5)}": 1, f"x|a|{ago(30)}": 4}
    assert shown(figures, facets) == {
        "kb_age_seconds_bucket{a,3600.0}": 2,
        "kb_age_seconds_bucket{a,7200.0}": 3,
        "kb_age_seconds_bucket{a,+Inf}": 7,
        "kb_age_seconds_gcount{a}": 7,
        "kb_age_seconds_gsum{a}": 2 * 3600 + 5400 + 4 * 30 * 3600,
    }


def test_money_counts_in_cents_and_shows_in_euros_also_below_nothing() -> None:
    figures = StateFigures([Figure(metric=MONEY, facets=(Facet("money|{kind}"),), divisor=100)])
    assert shown(figures, {"money|a": 12_345, "money|b": -10}) == {
        "kb_money_euros{a}": 123.45,
        "kb_money_euros{b}": -0.1,
    }


def test_a_figure_of_constants_alone_is_always_there() -> None:
    figures = StateFigures([Figure(metric=LOOSE, facets=(Facet("loose"),))], {"keten": "onderhoud"})
    assert shown(figures, {}) == {"kb_loose{onderhoud}": 0}
    assert shown(figures, {"loose": 2}) == {"kb_loose{onderhoud}": 2}


@pytest.mark.parametrize("pattern", ["case|{kind}", "case|{kind}|{opdrachtgever}|{other}"])
def test_a_pattern_that_lacks_a_label_or_knows_another_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="kb_cases"):
        StateFigures([Figure(metric=CASES, facets=(Facet(pattern),))])
