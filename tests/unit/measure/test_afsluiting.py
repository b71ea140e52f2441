"""Months close by the log alone: the same table from any reading of it, and figures that stay what they were."""

import zlib
from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.kalender import micros
from chain.kengetallen import (
    Cijfers,
    Groep,
    Interval,
    Meting,
    Quantile,
    Tijdvak,
    cijfers,
)
from chain.kengetallen.cijfers import som
from chain.kengetallen.pak import paar_van
from chain.kengetallen.tijdvak import maand, maand_van
from chain.kengetallen.vouw import pack, unpack
from chain.measure.rij import AFSLUITING, Gevouwen
from chain.measure.teller import LEAST, Signaalteller
from tests.unit.measure.bak import CLIENT, DAY, PEIL, START, Bak, Changelog, dagen, record, revisie
from topics.documents.keten import AanZet, Doorlooptijd, Signaal, Stand
from topics.runtime.step import Record


@st.composite
def logs(draw: st.DrawFn) -> list[Record]:
    """Of one partition: intervals with revisions that close, correct, cancel, reopen and move them, late and in any order,
    over two years."""
    found: list[tuple[datetime, Doorlooptijd]] = []
    for dossier in range(draw(st.integers(1, 6))):
        for maat in draw(st.sets(st.sampled_from(("acceptatie", "technisch-gereed")), min_size=1)):
            begin = START + DAY * draw(st.integers(0, 500))
            known, aannemer = begin, draw(st.sampled_from("ab"))
            norm = draw(st.none() | st.integers(0, 70))
            found.append((known, revisie(dossier, 0, begin, maat=maat, aannemer=aannemer, norm=norm)))
            for number in range(1, draw(st.integers(0, 3)) + 1):
                known += DAY * draw(st.integers(0, 250))
                eind = draw(st.none() | st.just(known) | st.just(begin + (known - begin) / 2))
                stand = draw(st.sampled_from((None, None, Stand.VERVALLEN, Stand.INGETROKKEN)))
                if draw(st.integers(0, 9)) == 0:
                    begin += DAY * draw(st.integers(-100, 300))
                end = eind if eind is None else max(eind, begin)
                ended = stand if end is not None else None
                closed = end is not None and ended is None and draw(st.booleans())
                one = revisie(
                    dossier, number, begin, end, maat=maat, aannemer=aannemer, norm=norm, stand=ended, gesloten=closed
                )
                found.append((known, one))
    ordered = sorted(found, key=lambda one: one[0])
    lag = draw(st.lists(st.integers(0, 20), min_size=len(ordered), max_size=len(ordered)))
    shuffled = sorted(zip(ordered, lag, strict=True), key=lambda one: one[0][0] + DAY * one[1])
    return [record(number, known, one) for number, ((known, one), _) in enumerate(shuffled)]


def compacted(changelog: Changelog) -> Changelog:
    """As long after, when what was removed is gone too."""
    last = {key: at for at, (key, _) in enumerate(changelog)}
    return [(key, value) for at, (key, value) in enumerate(changelog) if last[key] == at and value is not None]


@settings(max_examples=60, deadline=None)
@given(logs(), st.data())
def test_the_table_is_the_same_however_often_a_worker_dies_and_reads_again(
    log: list[Record], data: st.DataObject
) -> None:
    whole = Bak()
    whole.count(log)
    changelog: Changelog = []
    acknowledged = 0
    for _ in range(data.draw(st.integers(1, 4))):
        since = data.draw(st.integers(0, acknowledged))
        life = Bak(changelog=changelog)
        done = life.count(log[since:], crash_at=data.draw(st.integers(0, 12)))
        acknowledged = max(acknowledged, since + done)
        changelog = compacted(life.changelog) if data.draw(st.booleans()) else life.changelog
    last = Bak(changelog=changelog)
    last.count(log[data.draw(st.integers(0, acknowledged)) :])
    assert last.table() == whole.table()
    assert Bak(changelog=last.changelog).table() == whole.table()
    assert Bak(changelog=compacted(last.changelog)).table() == whole.table()
    written = len(last.changelog)
    last.count(log)
    assert len(last.changelog) == written


@settings(max_examples=60, deadline=None)
@given(logs())
def test_closing_changes_no_figure_and_what_is_closed_changes_only_by_what_was_open(log: list[Record]) -> None:
    bak = Bak()
    frozen: dict[tuple[Tijdvak, Groep], Cijfers] = {}
    until = 0
    for one in log:
        known = micros(one.envelope().recorded_time)
        before, shown = bak.figures(), bak.windows(known)
        steps = bak.closing(one)
        assert bak.figures() == before, f"{steps} steps closed months"
        assert bak.windows(known) == shown
        if steps:
            for row in bak.table().values():
                if isinstance(row, Meting):
                    assert row.interval.open or max(_months(row.interval)) >= bak.afsluiting().maand
                if isinstance(row, Gevouwen):
                    assert row.maand < row.tot <= bak.afsluiting().maand
        bak.count([one])
        after = bak.figures()
        for at, found in frozen.items():
            assert after[at] == found
        until = bak.afsluiting().maand
        ages = {month for row in bak.table().values() if isinstance(row, Meting) for month in _months(row.interval)}
        frozen = {
            (tijdvak, groep): found
            for (tijdvak, groep), found in after.items()
            if (month := maand_van(tijdvak.periode.van or 0)) < until and month not in ages
        }


def _months(one: Interval) -> set[int]:
    return {maand_van(at) for at in (one.begin, one.deadline, one.eind) if at is not None}


def test_a_worker_may_die_at_any_write_of_a_closing_and_whoever_goes_on_closes_the_same() -> None:
    ended = [(month(1, day), revisie(day, 0, month(1, day), month(1, day + 1), norm=30)) for day in range(1, 8)]
    closes = (month(3 + LEAST), revisie(20, 0, month(3 + LEAST)))
    log = of(*ended, (month(2), revisie(8, 0, month(2), month(2, 20))), closes)
    whole = Bak()
    whole.count(log)
    for crash in range(len(whole.changelog)):
        died = Bak()
        done = died.count(log, crash_at=crash)
        for since in range(done + 1):
            again = Bak(changelog=list(died.changelog))
            again.count(log[since:])
            for table in (again, Bak(changelog=compacted(again.changelog))):
                assert table.table() == whole.table(), f"died at write {crash}, read again from {since}"


def test_a_row_that_a_worker_wrote_behind_its_successor_does_not_replace_a_later_one() -> None:
    bak = Bak()
    bak.count(of((month(1), revisie(1, 1, month(1), month(1, 12)))))
    table = bak.table()
    stray = Bak(changelog=[*bak.changelog, *behind(revisie(1, 0, month(1)))])
    assert stray.table() == table


def behind(document: Doorlooptijd) -> Changelog:
    written = Bak()
    written.count(of((month(1), document)))
    return [(key, value) for key, value in written.changelog if key != AFSLUITING.encode()]


def month(number: int, day: int = 10) -> datetime:
    """A day of a month; 1 is that of START."""
    years, months = divmod(number - 1, 12)
    return datetime(2026 + years, months + 1, day, 9, tzinfo=UTC)


def of(*known: tuple[datetime, Doorlooptijd]) -> list[Record]:
    return [record(number, at, one) for number, (at, one) in enumerate(known)]


def test_a_month_closes_when_the_horizon_lies_behind_it_and_its_rows_go() -> None:
    bak = Bak()
    opened, ended = revisie(1, 0, month(1)), revisie(1, 1, month(1), month(2))
    bak.count(of((month(1), opened), (month(2), ended), (month(2 + LEAST), revisie(2, 0, month(2 + LEAST)))))
    assert bak.metingen() == {"1\nacceptatie", "2\nacceptatie"}  # its end lies in a month that is open
    before = bak.figures()
    bak.count([record(3, month(3 + LEAST), revisie(3, 0, month(3 + LEAST)))])
    assert bak.metingen() == {"2\nacceptatie", "3\nacceptatie"}
    assert before.items() <= bak.figures().items()


def test_what_ended_stays_a_row_until_the_month_of_its_deadline_is_closed_too() -> None:
    bak = Bak()
    bak.count(
        of((month(1), revisie(1, 0, month(1), month(1, 12), norm=40)), (month(2 + LEAST), revisie(2, 0, month(2))))
    )
    assert bak.metingen() == {"1\nacceptatie", "2\nacceptatie"}
    bak.count([record(3, month(3 + LEAST), revisie(3, 0, month(3)))])
    assert bak.metingen() == {"2\nacceptatie", "3\nacceptatie"}


def test_what_comes_for_a_closed_month_changes_nothing_and_is_told() -> None:
    bak = Bak()
    later = month(3 + LEAST)
    bak.count(of((month(1), revisie(1, 0, month(1), month(1, 12))), (later, revisie(2, 0, later))))
    before = bak.figures()
    late = [
        record(2, later, revisie(1, 1, month(1), month(1, 20))),
        record(3, later, revisie(9, 0, month(2))),
    ]
    bak.count(late)
    assert bak.figures() == before
    assert bak.laat() == 2
    bak.count(late)
    assert bak.laat() == 2


def test_what_was_open_in_a_closed_month_cannot_move_to_another_closed_month() -> None:
    bak = Bak()
    later = month(4 + LEAST)
    bak.count(of((month(1), revisie(1, 0, month(1))), (later, revisie(2, 0, later))))
    before = bak.figures()
    bak.count([record(2, later, revisie(1, 1, month(2)))])
    assert bak.figures() == before
    assert bak.laat() == 1
    bak.count([record(3, later, revisie(1, 2, later))])
    assert [tijdvak.naam for tijdvak, _ in bak.figures()] == [f"{later:%Y-%m}"]


def test_what_was_open_when_its_month_closed_is_kept_and_folded_when_it_is_over() -> None:
    bak = Bak()
    many = [(month(1), revisie(number, 0, month(1), month(1, 12))) for number in range(10, 60)]
    later = month(24)
    bak.count(of((month(1), revisie(1, 0, month(1))), *many, (later, revisie(2, 0, later))))
    assert bak.metingen() == {"1\nacceptatie", "2\nacceptatie"}
    of_january = {tijdvak.naam: found for (tijdvak, _), found in bak.figures().items()}["2026-01"]
    assert (of_january.n, of_january.open) == (51, 1)
    bak.count([record(100, later, revisie(1, 1, month(1), later))])
    of_january = {tijdvak.naam: found for (tijdvak, _), found in bak.figures().items()}["2026-01"]
    assert (of_january.n, of_january.open) == (51, 0)
    after = month(25 + LEAST)
    bak.count([record(101, after, revisie(3, 0, after))])
    assert bak.metingen() == {"3\nacceptatie"} | {"2\nacceptatie"}
    assert {tijdvak.naam: found for (tijdvak, _), found in bak.figures().items()}["2026-01"] == of_january
    assert bak.laat() == 0


def test_what_a_closed_dossier_never_ended_is_folded_and_its_figures_stay_censored() -> None:
    bak = Bak()
    later = month(1) + 100 * DAY
    bak.count(
        of((month(1), revisie(1, 0, month(1), norm=5)), (later, revisie(1, 1, month(1), later, norm=5, gesloten=True)))
    )
    before = bak.figures()
    after = month(24)
    bak.count([record(2, after, revisie(2, 0, after))])
    assert bak.metingen() == {"2\nacceptatie"}
    of_january = {tijdvak.naam: found for (tijdvak, _), found in bak.figures().items()}["2026-01"]
    assert before.items() <= bak.figures().items()
    assert (of_january.n, of_january.open, of_january.uitgebleven) == (1, 0, 1)
    assert (of_january.gevallen, of_january.gehaald) == (1, 0)
    assert of_january.uren.p50 == Quantile(100 * 86_400, False)
    assert bak.laat() == 0


def test_signals_that_were_withdrawn_go_when_a_month_is_over_and_stay_away() -> None:
    def signaal(number: int, *, weg: bool = False) -> Signaal:
        return Signaal(
            id=f"s{number}", dossier="d", keten="onderhoud", soort="x", sinds=START, tekst="t", ingetrokken=weg
        )

    log = [
        record(0, month(1), signaal(1)),
        record(1, month(1), signaal(2)),
        record(2, month(1, 20), signaal(1, weg=True)),
        record(3, month(2), signaal(3)),
    ]
    bak = Bak(teller=Signaalteller())
    bak.count(log)
    assert set(bak.table()) == {b"s2", b"s3", AFSLUITING.encode()}
    written = len(bak.changelog)
    bak.count(log)
    assert len(bak.changelog) == written


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**6), max_size=30), st.lists(st.integers(0, 10**6), max_size=30))
def test_sums_of_parts_are_the_sum_of_the_whole_and_survive_packing(one: list[int], other: list[int]) -> None:
    groep = Groep("onderhoud", CLIENT, "a", "acceptatie", "", "spoed")
    begin = micros(START)
    found = [
        Interval(begin=begin, stand=stand, eind=begin + at, op=begin, netto=at, dagen=at % 7)
        for number, at in enumerate(one + other)
        for stand in (Stand.OPEN if number % 3 == 0 else Stand.GESLOTEN,)
    ]
    periode = maand(maand_van(begin)).periode
    parts = [som(found[: len(one)], periode), som(found[len(one) :], periode)]
    packed = [unpack(paar_van(groep), pack({groep: part}))[groep] for part in parts]
    assert packed == parts
    assert som((), periode, packed) == som(found, periode)
    assert cijfers((), periode, PEIL, dagen(groep), parts) == cijfers(found, periode, PEIL, dagen(groep))


def test_sums_of_the_release_before_are_read_and_it_reads_those_of_this_one() -> None:
    """It had no durations of what is uitgebleven: an array grows at its end."""

    class Former(msgspec.Struct, array_like=True):
        tellingen: dict[str, int]
        aan_zet: dict[AanZet, int]
        bevindingen: dict[str, int]
        bruto: tuple[int, ...] | None
        netto: tuple[int, ...] | None
        dagen: tuple[int, ...] | None

    groep, begin = Groep("onderhoud", CLIENT, "a", "acceptatie", "", "spoed"), micros(START)
    ended = Interval(begin=begin, stand=Stand.GESLOTEN, eind=begin + 9_000_000, op=begin, netto=9, dagen=0)
    one = {groep: som([ended], maand(maand_van(begin)).periode)}
    [line] = msgspec.msgpack.decode(zlib.decompress(pack(one)))
    former = msgspec.convert(line[-1], Former)
    assert former.bruto == (9,)
    line[-1] = msgspec.to_builtins(former)
    assert unpack(paar_van(groep), zlib.compress(msgspec.msgpack.encode([line]))) == one
