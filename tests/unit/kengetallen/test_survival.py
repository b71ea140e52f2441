"""Kaplan-Meier against published tables, against plain quantiles, and against a walk person by person."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kengetallen import Quantile, Survival

# Freireich and others, Blood 21 (1963): weeks in remission, 6-mercaptopurine against placebo
SIX_MP = ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# Miller, Survival Analysis (1981): acute myelogenous leukaemia, weeks, with and without maintained chemotherapy
MAINTAINED = ([9, 13, 18, 23, 31, 34, 48], [13, 28, 45, 161])
NOT_MAINTAINED = ([5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45], [16])


@pytest.mark.parametrize(
    ("observed", "published"),
    [
        (SIX_MP, {5: 1.0, 6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0.448}),
        (MAINTAINED, {9: 0.909, 13: 0.818, 18: 0.716, 23: 0.614, 31: 0.491, 34: 0.368, 48: 0.184, 161: 0.184}),
        (NOT_MAINTAINED, {5: 0.833, 8: 0.667, 12: 0.583, 23: 0.486, 27: 0.389, 30: 0.292, 33: 0.194, 43: 0.097, 45: 0}),
    ],
)
def test_the_share_is_the_published_one_when_some_are_censored(
    observed: tuple[list[int], list[int]], published: dict[int, float]
) -> None:
    found = Survival(*observed)
    assert {week: round(found.share(week), 3) for week in published} == published


@pytest.mark.parametrize(
    ("observed", "median"), [(SIX_MP, 23), ((PLACEBO, []), 8), (MAINTAINED, 31), (NOT_MAINTAINED, 23)]
)
def test_the_median_is_the_published_one(observed: tuple[list[int], list[int]], median: int) -> None:
    assert Survival(*observed).quantile(50) == Quantile(median, True)


def test_a_quantile_that_was_not_reached_lies_beyond_the_longest_that_was_observed() -> None:
    assert Survival(*SIX_MP).quantile(90) == Quantile(35, False)


def test_nothing_observed_has_no_quantile_and_only_open_ones_do_not_reach_it() -> None:
    assert Survival([]).quantile(50) is None
    assert Survival([], [4, 9]).quantile(50) == Quantile(9, False)


durations = st.lists(st.integers(0, 40), max_size=60)


@given(ended=st.lists(st.integers(0, 10**9), min_size=1, max_size=80), percent=st.integers(1, 99))
def test_without_censoring_it_is_the_plain_quantile(ended: list[int], percent: int) -> None:
    """The smallest value that at least `percent` of all do not exceed."""
    needed = next(rank for rank in range(1, len(ended) + 1) if rank * 100 >= percent * len(ended))
    assert Survival(ended).quantile(percent) == Quantile(sorted(ended)[needed - 1], True)


@given(ended=durations, censored=durations, percent=st.integers(1, 99))
def test_it_is_the_product_over_every_end_counted_exactly(ended: list[int], censored: list[int], percent: int) -> None:
    found = Survival(ended, censored)
    share = Fraction(1)
    reached = None
    for at in sorted(set(ended)):
        at_risk = sum(one >= at for one in ended + censored)
        share *= 1 - Fraction(ended.count(at), at_risk)
        assert found.share(at) == pytest.approx(float(share), abs=1e-9)
        if reached is None and share * 100 <= 100 - percent:
            reached = at
    if ended or censored:
        assert found.quantile(percent) == (
            Quantile(max(ended + censored), False) if reached is None else Quantile(reached, True)
        )


@given(ended=st.lists(st.integers(0, 40), min_size=1, max_size=30), later=st.integers(0, 100))
def test_an_open_one_never_makes_a_quantile_earlier_than_if_it_had_ended_then(ended: list[int], later: int) -> None:
    as_ended = Survival([*ended, later]).quantile(50)
    as_open = Survival(ended, [later]).quantile(50)
    assert as_ended is not None
    assert as_open is not None
    assert as_open.value >= as_ended.value
