"""Counting revision by revision gives what counting everything at once gives, in any order and with any repetition."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kalender import micros
from chain.kengetallen import (
    VENSTERS,
    Groep,
    Interval,
    Meting,
    Telling,
    cijfers,
    venster,
    vensterbeeld,
)
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.tijdvak import maand, maand_van
from topics.documents.keten import AanZet, Stand

START = datetime(2026, 1, 20, 9, tzinfo=UTC)
PEIL = micros(START + timedelta(days=95))
GROEPEN = tuple(
    Groep("onderhoud", "c", aannemer, "acceptatie", "reparatie", urgentie)
    for aannemer in ("a", "b")
    for urgentie in ("spoed", "regulier")
)


def days(_groep: Groep) -> Dagen:
    def whole(one: Interval, peil: int) -> int:
        return (peil - one.begin) // 86_400_000_000

    return whole


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    begin = micros(START + timedelta(hours=draw(st.integers(0, 24 * 90))))
    lasts = draw(st.integers(0, 24 * 60)) * 3_600_000_000
    stand = draw(st.sampled_from(Stand))
    ended = stand is not Stand.OPEN
    return Interval(
        begin=begin,
        stand=stand,
        eind=begin + lasts if ended else None,
        deadline=draw(st.none() | st.integers(0, 24 * 40).map(lambda hours: begin + hours * 3_600_000_000)),
        eindcode=draw(st.sampled_from((None, "WEI", "ANN"))) if stand is Stand.VERVALLEN else None,
        op=begin,
        netto=lasts // 2_000_000 if ended else 0,
        dagen=lasts // 86_400_000_000 if ended else None,
        aan_zet={AanZet.AANNEMER: lasts // 1_000_000} if ended else {},
        voorlopig=draw(st.booleans()),
    )


revisions = st.builds(
    lambda key, revisie, groep, interval: (f"k{key}".encode(), Meting(revisie, groep, interval)),
    st.integers(0, 12), st.integers(0, 3), st.sampled_from(GROEPEN), intervals(),
)  # fmt: skip


def one_of_each(given: list[tuple[bytes, Meting]]) -> list[tuple[bytes, Meting]]:
    """A revision has one content: the same number twice is the same record twice."""
    return list({(key, meting.revisie): (key, meting) for key, meting in given}.values())


@settings(max_examples=150)
@given(st.lists(revisions, max_size=40).map(one_of_each), st.data())
def test_figures_are_those_of_the_last_revisions_whatever_order_they_come_in(
    given: list[tuple[bytes, Meting]], data: st.DataObject
) -> None:
    last: dict[bytes, Meting] = {}
    for key, meting in given:
        if key not in last or meting.revisie > last[key].revisie:
            last[key] = meting
    telling = Telling()
    shuffled = data.draw(st.permutations(given + given[::2]))
    middle = data.draw(st.integers(0, len(shuffled)))
    for number, (key, meting) in enumerate(shuffled):
        if number == middle:
            # figures asked meanwhile keep what does not age: a later revision must take that back
            for groep in GROEPEN:
                list(telling.per_tijdvak(groep, PEIL, days))
        telling.take(key, meting)
    assert dict(telling.items()) == last
    for groep in GROEPEN:
        mine = [one.interval for one in last.values() if one.groep == groep]
        found = dict(telling.per_tijdvak(groep, PEIL, days))
        months = range(maand_van(micros(START)) - 1, maand_van(PEIL) + 6)
        for tijdvak in (*map(maand, months), *(venster(width, PEIL) for width in VENSTERS)):
            whole = cijfers(mine, tijdvak.periode, PEIL, days(groep))
            if whole.n or whole.vervallen or whole.geweigerd or whole.ingetrokken or whole.gevallen:
                assert found.pop(tijdvak) == whole
        assert found == {}
        assert sorted(telling.open([groep]), key=repr) == sorted((one for one in mine if one.open), key=repr)
    for width in VENSTERS:
        tijdvak = venster(width, PEIL)
        everything = [one.interval for one in last.values()]
        touched = telling.geraakt(GROEPEN, tijdvak)
        assert vensterbeeld(touched, tijdvak.periode, PEIL) == vensterbeeld(everything, tijdvak.periode, PEIL)


def test_a_month_is_kept_only_when_it_cannot_age_any_more() -> None:
    groep = GROEPEN[0]
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    telling = Telling()
    telling.take(b"k", Meting(0, groep, Interval(begin=begin, stand=Stand.OPEN, op=begin, netto=0)))
    first, second = (
        {tijdvak.naam: found for tijdvak, found in telling.per_tijdvak(groep, peil, days)}
        for peil in (PEIL, PEIL + 86_400_000_000)
    )
    assert first["2026-01"].uren.p50 is not None
    assert second["2026-01"].uren.p50 is not None
    assert second["2026-01"].uren.p50.value - first["2026-01"].uren.p50.value == 86_400


def test_a_window_is_whole_days_of_amsterdam_up_to_and_including_today() -> None:
    at = micros(datetime(2026, 3, 29, 22, 30, tzinfo=UTC))  # the 30th in Amsterdam, after the clock went forward
    window = venster(30, at)
    assert (window.naam, window.van.isoformat(), window.tot.isoformat()) == ("30d", "2026-03-01", "2026-03-30")
    assert (window.periode.tot or 0) - (window.periode.van or 0) == (30 * 24 - 1) * 3_600_000_000


def test_a_month_ends_with_its_last_day_also_in_december() -> None:
    found = maand(maand_van(micros(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))))
    assert (found.naam, found.van.isoformat(), found.tot.isoformat()) == ("2026-12", "2026-12-01", "2026-12-31")
    assert maand(maand_van(micros(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)))).naam == "2027-01"
