"""Counting revision by revision gives what counting everything at once gives, in any order and with any repetition."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kalender import micros
from chain.kengetallen import (
    VENSTERS,
    Cijfers,
    Groep,
    Interval,
    Meting,
    Pakker,
    Telling,
    Tijdvak,
    cijfers,
    venster,
    vensterbeeld,
)
from chain.kengetallen.cijfers import Dagen, som
from chain.kengetallen.pak import paar_van
from chain.kengetallen.telling import figures
from chain.kengetallen.tijdvak import maand, maand_van
from chain.kengetallen.vouw import pack
from topics.documents.keten import AanZet, Stand

START = datetime(2026, 1, 20, 9, tzinfo=UTC)
PEIL = micros(START + timedelta(days=95))
MATEN = ("acceptatie", "technisch-gereed")
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
    # of what is open: its dossier was closed without its end
    ended = stand is not Stand.OPEN or draw(st.booleans())
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
    lambda dossier, maat, revisie, groep, interval: (
        (f"d{dossier}".encode(), maat),
        Meting(revisie, groep._replace(maat=maat), interval),
    ),
    st.integers(0, 6), st.sampled_from(MATEN), st.integers(0, 3), st.sampled_from(GROEPEN), intervals(),
)  # fmt: skip
Sleutel = tuple[bytes, str]


def one_of_each(given: list[tuple[Sleutel, Meting]]) -> list[tuple[Sleutel, Meting]]:
    """A revision has one content: the same number twice is the same record twice."""
    return list({(key, meting.revisie): (key, meting) for key, meting in given}.values())


class Tafel:
    """Two partitions of rows, and their sum."""

    def __init__(self) -> None:
        self.pakker = Pakker()
        self.telling = Telling(self.pakker)
        self._kept: dict[tuple[int, bytes], dict[str, Meting]] = {}

    def take(self, partitie: int, key: Sleutel, meting: Meting) -> None:
        dossier, maat = key
        kept = self._kept.setdefault((partitie, dossier), {})
        if maat not in kept or meting.revisie > kept[maat].revisie:
            kept[maat] = meting
        self.zet(partitie, dossier, kept)

    def drop(self, partitie: int, key: Sleutel) -> None:
        kept = self._kept.get((partitie, key[0]), {})
        kept.pop(key[1], None)
        self.zet(partitie, key[0], kept)

    def zet(self, partitie: int, dossier: bytes, kept: dict[str, Meting]) -> None:
        packed = [self.pakker.gepakt(None, one) for one in kept.values()]
        self.telling.zet(dossier, partitie, self.pakker.pack(partitie, packed) if packed else None)

    def last(self) -> dict[Sleutel, Meting]:
        found: dict[Sleutel, Meting] = {}
        for (_, dossier), kept in self._kept.items():
            for maat, one in kept.items():
                if (dossier, maat) not in found or one.revisie > found[dossier, maat].revisie:
                    found[dossier, maat] = one
        return found

    def months(self, peil: int = PEIL) -> dict[tuple[Tijdvak, Groep], Cijfers]:
        """What is told: those months that may have changed since."""
        return {
            (tijdvak, groep): one
            for paar in self.telling.paren()
            for tijdvak, found in self.telling.per_maand(paar, peil, days)
            for groep, one in found.items()
        }

    def windows(self) -> dict[tuple[Tijdvak, Groep], Cijfers]:
        return {
            (tijdvak, groep): one
            for paar in self.telling.paren()
            for tijdvak in (venster(width, PEIL) for width in VENSTERS)
            for groep, one in figures(self.telling.geraakt(paar, tijdvak), tijdvak, PEIL, days, {}).items()
        }


def of_all(last: dict[Sleutel, Meting], periods: list[Tijdvak]) -> dict[tuple[Tijdvak, Groep], Cijfers]:
    found = {}
    for groep in {one.groep for one in last.values()}:
        mine = [one.interval for one in last.values() if one.groep == groep]
        for tijdvak in periods:
            whole = cijfers(mine, tijdvak.periode, PEIL, days(groep))
            if whole.n or whole.vervallen or whole.geweigerd or whole.ingetrokken or whole.gevallen:
                found[tijdvak, groep] = whole
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(revisions, max_size=40).map(one_of_each), st.data())
def test_figures_are_those_of_the_last_revisions_whatever_order_they_come_in(
    given: list[tuple[Sleutel, Meting]], data: st.DataObject
) -> None:
    tafel = Tafel()
    shuffled = data.draw(st.permutations(given + given[::2]))
    middle = data.draw(st.integers(0, len(shuffled)))
    strays = data.draw(st.sets(st.integers(0, len(shuffled))))
    for number, (key, meting) in enumerate(shuffled):
        if number == middle:
            # what was told meanwhile is not told again: a later revision must see to it that it is
            tafel.months()
        tafel.take(int(number in strays), key, meting)
    dropped = data.draw(st.sets(st.sampled_from(sorted({key for key, _ in given})))) if given else set()
    for key in dropped:
        tafel.drop(0, key)
    last = tafel.last()
    tafel.telling.opnieuw()
    months = range(maand_van(micros(START)) - 1, maand_van(PEIL) + 6)
    assert tafel.months() == of_all(last, [maand(one) for one in months])
    assert tafel.windows() == of_all(last, [venster(width, PEIL) for width in VENSTERS])
    running = [one for paar in tafel.telling.paren() for one in tafel.telling.open(paar)]
    assert sorted(running, key=repr) == sorted(
        ((one.groep, one.interval) for one in last.values() if one.interval.open), key=repr
    )
    for width in VENSTERS:
        tijdvak = venster(width, PEIL)
        for paar in tafel.telling.paren():
            for groep, touched in tafel.telling.geraakt(paar, tijdvak).items():
                everything = [one.interval for one in last.values() if one.groep == groep]
                shown = vensterbeeld(touched, tijdvak.periode, PEIL)
                assert shown == vensterbeeld(everything, tijdvak.periode, PEIL)
                whole = cijfers(everything, tijdvak.periode, PEIL, days(groep))
                assert (shown.kwantielen, shown.gehaald) == (whole.uren, whole.gehaald)
                assert shown.gehaald + shown.gemist == whole.gevallen


@settings(max_examples=40, deadline=None)
@given(st.lists(revisions, max_size=30).map(one_of_each), st.integers(0, 30))
def test_what_is_told_later_is_what_changed_since(given: list[tuple[Sleutel, Meting]], middle: int) -> None:
    tafel = Tafel()
    for key, meting in given[:middle]:
        tafel.take(0, key, meting)
    told = tafel.months()
    for key, meting in given[middle:]:
        tafel.take(0, key, meting)
    changed = {
        (tijdvak, paar): found
        for paar in tafel.telling.paren()
        for tijdvak, found in tafel.telling.per_maand(paar, PEIL, days)
    }
    left = {
        (tijdvak, groep): one for (tijdvak, groep), one in told.items() if (tijdvak, paar_van(groep)) not in changed
    }
    fresh = {(tijdvak, groep): one for (tijdvak, _), found in changed.items() for groep, one in found.items()}
    tafel.telling.opnieuw()
    assert left | fresh == tafel.months()


def test_a_month_in_which_something_is_open_is_told_again_as_it_ages() -> None:
    groep = GROEPEN[0]
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    tafel = Tafel()
    tafel.take(0, (b"d", "acceptatie"), Meting(0, groep, Interval(begin=begin, stand=Stand.OPEN, op=begin, netto=0)))
    first, second = (
        {tijdvak.naam: found for (tijdvak, _), found in tafel.months(peil).items()}
        for peil in (PEIL, PEIL + 86_400_000_000)
    )
    assert first["2026-01"].uren.p50 is not None
    assert second["2026-01"].uren.p50 is not None
    assert second["2026-01"].uren.p50.value - first["2026-01"].uren.p50.value == 86_400


def test_a_month_in_which_nothing_is_open_is_told_once() -> None:
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    ended = Interval(begin=begin, stand=Stand.GESLOTEN, eind=begin + 9_000_000, op=begin + 9_000_000, netto=1, dagen=0)
    tafel = Tafel()
    tafel.take(0, (b"d", "acceptatie"), Meting(0, GROEPEN[0], ended))
    assert len(tafel.months()) == 1
    assert tafel.months() == {}


def test_of_an_interval_in_two_partitions_the_last_revision_counts_whichever_comes_last() -> None:
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    opened = Meting(0, GROEPEN[0], Interval(begin=begin, stand=Stand.OPEN, op=begin, netto=0))
    ended = Meting(1, GROEPEN[0], Interval(begin=begin, stand=Stand.GESLOTEN, eind=begin, op=begin, netto=0, dagen=0))
    for order in ((0, 1), (1, 0)):
        tafel = Tafel()
        for partitie in order:
            tafel.take(partitie, (b"d", "acceptatie"), (opened, ended)[partitie])
        assert [(one.n, one.open) for one in tafel.months().values()] == [(1, 0)]
        tafel.drop(1, (b"d", "acceptatie"))
        assert [(one.n, one.open) for one in tafel.months().values()] == [(1, 1)]


def test_a_month_that_became_empty_is_told_once_so_that_its_figures_can_be_taken_back() -> None:
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    tafel = Tafel()
    for revisie, at in enumerate((begin, begin + 40 * 86_400_000_000)):
        tafel.take(0, (b"d", "acceptatie"), Meting(revisie, GROEPEN[0], Interval(begin=at, stand=Stand.OPEN, op=at)))
        paar = paar_van(GROEPEN[0])
        tafel.telling.geraakt(paar, venster(90, PEIL))  # finds that the dossier has left the month
        told = {tijdvak.naam: len(found) for tijdvak, found in tafel.telling.per_maand(paar, PEIL, days)}
    assert told == {"2026-01": 0, "2026-03": 1}
    assert [tijdvak.naam for tijdvak, _ in tafel.telling.per_maand(paar, PEIL, days)] == ["2026-03"]


def test_a_month_is_told_again_when_something_of_it_is_folded() -> None:
    begin = micros(datetime(2026, 1, 21, tzinfo=UTC))
    ended = Interval(begin=begin, stand=Stand.GESLOTEN, eind=begin, op=begin, netto=0, dagen=0)
    tafel, month = Tafel(), maand(maand_van(begin))
    tafel.take(0, (b"d", "acceptatie"), Meting(0, GROEPEN[0], ended))
    tafel.months()
    for partitie in (0, 1):
        data = pack({GROEPEN[0]: som([ended], month.periode)})
        tafel.telling.vouw(paar_van(GROEPEN[0]), maand_van(begin), partitie, data)
    assert [(one.n, one.uren.p50) for one in tafel.months().values()] == [(3, (0, True))]


def test_a_window_is_whole_days_of_amsterdam_up_to_and_including_today() -> None:
    at = micros(datetime(2026, 3, 29, 22, 30, tzinfo=UTC))  # the 30th in Amsterdam, after the clock went forward
    window = venster(30, at)
    assert (window.naam, window.van.isoformat(), window.tot.isoformat()) == ("30d", "2026-03-01", "2026-03-30")
    assert (window.periode.tot or 0) - (window.periode.van or 0) == (30 * 24 - 1) * 3_600_000_000


def test_a_month_ends_with_its_last_day_also_in_december() -> None:
    found = maand(maand_van(micros(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))))
    assert (found.naam, found.van.isoformat(), found.tot.isoformat()) == ("2026-12", "2026-12-01", "2026-12-31")
    assert maand(maand_van(micros(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)))).naam == "2027-01"
