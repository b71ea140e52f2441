"""Figures by hand, from what ONDERHOUD 2 says of them. Monday 2 March 2026 is a working day."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kalender import Werkkalender, micros, moment
from chain.kengetallen import Cijfers, Interval, Laatste, Periode, Quantile, cijfers, groep_of, interval_of, met_norm
from topics.documents.document import Bevinding, Ernst
from topics.documents.keten import AanZet, Doorlooptijd, Stand
from topics.documents.onderhoud import Kalender

KALENDER = Werkkalender(Kalender())
UUR = 3_600
ALLES = Periode()
MAART = Periode(micros(datetime(2026, 2, 28, 23, tzinfo=UTC)), micros(datetime(2026, 3, 31, 22, tzinfo=UTC)))


def op(day: int, hour: int = 9, month: int = 3) -> int:
    """A moment of 2026, UTC."""
    return micros(datetime(2026, month, day, hour, tzinfo=UTC))


def dicht(begin: int, eind: int, deadline: int | None = None, **fields: object) -> Interval:
    days = KALENDER.working_days(begin, eind)
    return msgspec.structs.replace(
        Interval(
            begin=begin,
            stand=Stand.GESLOTEN,
            eind=eind,
            deadline=deadline,
            eindcode="TGE",
            op=eind,
            netto=(eind - begin) // 1_000_000,
            dagen=days,
        ),
        **fields,
    )


def openstaand(begin: int, deadline: int | None = None, **fields: object) -> Interval:
    return msgspec.structs.replace(Interval(begin=begin, stand=Stand.OPEN, deadline=deadline, op=begin), **fields)


def uitgebleven(begin: int, gesloten: int, deadline: int | None = None, **fields: object) -> Interval:
    """Open when its dossier was closed."""
    return dicht(begin, gesloten, deadline, stand=Stand.OPEN, eindcode=None, **fields)


def dagen(one: Interval, peil: int) -> int:
    return KALENDER.working_days(one.begin, peil)


def geteld(intervals: list[Interval], peil: int, periode: Periode = ALLES) -> Cijfers:
    return cijfers(intervals, periode, peil, dagen)


def norm(found: Cijfers) -> tuple[int, int]:
    return found.gehaald, found.gevallen


# ---------------------------------------------------------------- binnen norm


def test_an_open_one_counts_as_not_met_from_the_moment_that_its_deadline_passes() -> None:
    late = openstaand(op(2), deadline=op(6))
    assert norm(geteld([late], peil=op(5))) == (0, 0)
    assert norm(geteld([late], peil=op(6))) == (0, 1)
    assert norm(geteld([late, dicht(op(2), op(4), op(6))], peil=op(9))) == (1, 2)


def test_one_that_ended_at_its_deadline_met_it_and_a_second_later_did_not() -> None:
    met, missed = dicht(op(2), op(6), op(6)), dicht(op(2), op(6) + 1_000_000, op(6))
    assert (met_norm(met, op(9)), met_norm(missed, op(9))) == (True, False)


def test_what_ended_early_counts_only_when_its_deadline_has_come() -> None:
    """Else before its time only what went well would count."""
    early = dicht(op(2), op(3), deadline=op(20))
    assert norm(geteld([early], peil=op(10))) == (0, 0)
    assert norm(geteld([early], peil=op(20))) == (1, 1)


def test_it_counts_in_the_period_in_which_its_deadline_fell_not_in_which_it_began() -> None:
    from_february = dicht(op(25, month=2), op(2), deadline=op(3))
    into_april = dicht(op(30), op(31), deadline=op(2, month=4))
    found = geteld([from_february, into_april], peil=op(10, month=4), periode=MAART)
    assert norm(found) == (1, 1)
    assert found.n == 1


def test_a_cancelled_or_withdrawn_one_is_outside_the_norm() -> None:
    cancelled = dicht(op(2), op(9), op(6), stand=Stand.VERVALLEN, eindcode="ANN")
    withdrawn = Interval(begin=op(2), stand=Stand.INGETROKKEN, deadline=op(6))
    assert norm(geteld([cancelled, withdrawn], peil=op(20))) == (0, 0)


def test_what_is_uitgebleven_is_not_met_from_the_moment_that_its_deadline_passes_before_or_after_the_closing() -> None:
    before, after = uitgebleven(op(2), op(9), deadline=op(6)), uitgebleven(op(2), op(9), deadline=op(12))
    assert norm(geteld([before, after], peil=op(9))) == (0, 1)
    assert norm(geteld([before, after], peil=op(12))) == (0, 2)
    stood_still = uitgebleven(op(2), op(9), deadline=op(6), stil_sinds=op(5))
    assert norm(geteld([stood_still], peil=op(20))) == (0, 0)


def test_a_deadline_that_the_clock_did_not_reach_does_not_pass_while_it_stands_still() -> None:
    in_time = openstaand(op(2), deadline=op(6), stil_sinds=op(5))
    too_late = openstaand(op(2), deadline=op(6), stil_sinds=op(7))
    assert norm(geteld([in_time], peil=op(20))) == (0, 0)
    assert norm(geteld([too_late], peil=op(20))) == (0, 1)


def test_one_without_a_norm_is_told_apart() -> None:
    found = geteld([dicht(op(2), op(3)), openstaand(op(2))], peil=op(9))
    assert (found.zonder_norm, found.gevallen) == (2, 0)


# ---------------------------------------------------------------- cohort and quantiles


def test_p50_and_p90_of_ten_that_ended_are_the_fifth_and_the_ninth() -> None:
    found = geteld([dicht(op(2), op(2) + hours * UUR * 1_000_000) for hours in range(1, 11)], peil=op(9))
    assert (found.n, found.open) == (10, 0)
    assert found.uren.p50 == Quantile(5 * UUR, True)
    assert found.uren.p90 == Quantile(9 * UUR, True)


def test_an_open_one_holds_back_the_quantile_that_it_may_still_move() -> None:
    """Two of three ended on days 1 and 2; the third is open since day 7: 2/3 had ended, so p90 is not reached."""
    found = geteld([dicht(op(2), op(3)), dicht(op(2), op(4)), openstaand(op(2))], peil=op(11))
    assert (found.n, found.open) == (3, 1)
    assert found.dagen.p50 == Quantile(2, True)
    assert found.dagen.p90 == Quantile(7, False)
    assert found.uren.p90 == Quantile(9 * 24 * UUR, False)


def test_what_is_uitgebleven_holds_back_quantiles_as_long_as_it_was_open_and_ages_no_more() -> None:
    """Two of three ended on days 1 and 2; of the third the dossier was closed on day 7."""
    found = [
        geteld([dicht(op(2), op(3)), dicht(op(2), op(4)), uitgebleven(op(2), op(11))], at) for at in (op(11), op(30))
    ]
    assert found[0] == found[1]
    assert (found[0].n, found[0].open, found[0].uitgebleven) == (3, 0, 1)
    assert found[0].dagen.p50 == Quantile(2, True)
    assert found[0].dagen.p90 == Quantile(7, False)
    assert found[0].netto.p90 == found[0].uren.p90 == Quantile(9 * 24 * UUR, False)


def test_what_is_uitgebleven_is_not_in_the_split_of_who_was_aan_zet() -> None:
    assert geteld([uitgebleven(op(2), op(9), aan_zet={AanZet.AANNEMER: 80})], op(20)).aan_zet == {}


def test_cancelled_refused_and_withdrawn_ones_are_counted_apart_and_outside_lead_times() -> None:
    outside = [
        dicht(op(2), op(9), stand=Stand.VERVALLEN, eindcode="ANN"),
        dicht(op(2), op(9), stand=Stand.VERVALLEN, eindcode="WEI"),
        Interval(begin=op(2), stand=Stand.INGETROKKEN),
    ]
    found = geteld([dicht(op(2), op(3)), *outside], peil=op(9))
    assert (found.n, found.vervallen, found.geweigerd, found.ingetrokken) == (1, 1, 1, 1)
    assert found.dagen.p90 == Quantile(1, True)


def test_an_acceptatie_that_a_refusal_answered_is_a_lead_time_and_a_refusal() -> None:
    found = geteld([dicht(op(2), op(3), eindcode="WEI"), dicht(op(2), op(3), eindcode="ACC")], peil=op(9))
    assert (found.n, found.geweigerd, found.vervallen) == (2, 1, 0)


def test_net_time_of_an_open_one_goes_on_unless_its_clock_stands_still() -> None:
    running = openstaand(op(2, 9), op=op(2, 12), netto=2 * UUR)
    paused = msgspec.structs.replace(running, stil_sinds=op(2, 12))
    assert running.netto_op(op(2, 15)) == 5 * UUR
    assert paused.netto_op(op(2, 15)) == 2 * UUR
    assert paused.bruto_op(op(2, 15)) == 6 * UUR


def test_a_unit_in_which_something_was_not_measured_has_no_quantiles() -> None:
    """Else only what happens to be measured would count, or only what is open."""
    found = geteld([dicht(op(2), op(3)), dicht(op(2), op(4), netto=None), openstaand(op(2))], peil=op(9))
    assert found.netto.p50 is None
    assert found.uren.p50 == Quantile(48 * UUR, True)


def test_time_is_split_over_who_was_aan_zet_of_what_is_closed() -> None:
    first = dicht(op(2), op(3), aan_zet={AanZet.AANNEMER: 80, AanZet.HUURDER: 20})
    second = dicht(op(2), op(3), aan_zet={AanZet.AANNEMER: 50})
    unknown_yet = openstaand(op(2), aan_zet={AanZet.OPDRACHTGEVER: 7})
    assert geteld([first, second, unknown_yet], op(9)).aan_zet == {AanZet.AANNEMER: 130, AanZet.HUURDER: 20}


def test_what_is_provisional_or_has_findings_is_seen_also_when_only_its_deadline_is_in_the_period() -> None:
    doubtful = dicht(op(25, month=2), op(2), op(3), voorlopig=True, bevindingen=("meldvertraging", "meldvertraging"))
    elsewhere = dicht(op(1, month=1), op(2, month=1), op(3, month=1), voorlopig=True, bevindingen=("x",))
    found = geteld([doubtful, elsewhere], peil=op(9), periode=MAART)
    assert (found.voorlopig, found.bevindingen) == (1, {"meldvertraging": 1})


def test_an_end_before_the_start_counts_as_no_time() -> None:
    assert dicht(op(3), op(2)).bruto_op(op(9)) == 0


# ---------------------------------------------------------------- revisions


def revision(number: int, stand: Stand = Stand.OPEN, **fields: object) -> Doorlooptijd:
    start = Doorlooptijd(
        dossier="onderhoud/opdracht/8799999000017/A1",
        keten="onderhoud",
        maat="technisch-gereed",
        revisie=number,
        stand=stand,
        opdrachtgever="8799999000017",
        aannemer="8799999000215",
        begin=moment(op(2)),
        soort="REP",
        urgentie="regulier",
    )
    return msgspec.structs.replace(start, **fields)


@given(order=st.permutations([0, 1, 2, 1]))
def test_the_last_revision_counts_whatever_the_order_and_however_often(order: list[int]) -> None:
    all_of_them = [
        revision(0),
        revision(1, Stand.GESLOTEN, eind=moment(op(4)), werkdagen=2, bruto_seconden=48 * UUR),
        revision(2, gepauzeerd=True, stil_sinds=moment(op(5)), bruto_seconden=72 * UUR),
    ]
    found = Laatste()
    for number in order:
        found.take(all_of_them[number])
    [(_, interval)] = found.intervals()
    assert (interval.open, interval.stil_sinds, interval.op) == (True, op(5), op(5))


def test_measures_of_sub_orders_are_told_apart_from_those_of_the_whole() -> None:
    found = Laatste()
    found.take(revision(0))
    found.take(revision(0, subnummer="1"))
    found.take(revision(0, subnummer="2"))
    assert sorted(group.deel for group, _ in found.intervals()) == [False, True, True]


def test_a_vacancy_is_measured_in_calendar_days() -> None:
    dossier = "onderhoud/mutatie/8799999000017/V1"
    closed = revision(
        1, Stand.GESLOTEN, dossier=dossier, eind=moment(op(16)), kalenderdagen=14, werkdagen=10, bruto_seconden=1
    )
    assert interval_of(closed).dagen == 14
    assert groep_of(closed).dagen == groep_of(revision(0, dossier=dossier)).dagen == "kalenderdagen"
    assert groep_of(revision(0)).dagen == "werkdagen"


def test_a_payment_is_measured_in_calendar_days_also_while_it_is_open() -> None:
    dossier = "onderhoud/factuur/NL001234567B01/F1"
    opened = revision(0, dossier=dossier, maat="betaling")
    closed = revision(
        1, Stand.GESLOTEN, dossier=dossier, maat="betaling", eind=moment(op(16)), kalenderdagen=14, werkdagen=10
    )
    assert groep_of(closed) == groep_of(opened)
    assert (groep_of(closed).dagen, interval_of(closed).dagen) == ("kalenderdagen", 14)
    assert groep_of(revision(0, dossier=dossier, maat="beoordeling")).dagen == "werkdagen"


def test_the_tenant_waits_from_the_report_and_the_norm_stays_that_of_the_contract() -> None:
    """Reported on Friday 27 February, ordered on Monday 2 March, ready on Wednesday within a norm until Thursday."""
    closed = revision(
        1, Stand.GESLOTEN, eind=moment(op(4)), deadline=moment(op(5)), bruto_seconden=48 * UUR, netto_seconden=48 * UUR,
        werkdagen=2, begin_huurder=moment(op(27, month=2)),
    )  # fmt: skip
    contract, tenant = (geteld([interval_of(closed, huurder=huurder)], op(9)) for huurder in (False, True))
    assert (contract.uren.p50, contract.dagen.p50) == (Quantile(48 * UUR, True), Quantile(2, True))
    assert (tenant.uren.p50, tenant.dagen.p50) == (Quantile(120 * UUR, True), Quantile(3, True))
    assert (tenant.netto.p50, norm(tenant)) == (None, norm(contract))
    unknown = revision(0)
    assert interval_of(unknown, huurder=True) == interval_of(unknown)


def test_a_revision_that_says_when_its_dossier_was_closed_is_an_interval_that_is_uitgebleven() -> None:
    last = revision(
        1, bruto_seconden=7 * 24 * UUR, netto_seconden=UUR, werkdagen=5, uitgebleven=moment(op(9)), deadline=moment(op(6)),
        begin_huurder=moment(op(1)), gepauzeerd=True, stil_sinds=moment(op(7)),
    )  # fmt: skip
    found, tenant = interval_of(last), interval_of(last, huurder=True)
    assert (found.open, found.uitgebleven, found.telt, found.gesloten) == (False, True, True, False)
    assert (found.bruto_op(op(30)), found.netto_op(op(30)), found.dagen) == (7 * 24 * UUR, UUR, 5)
    assert (found.verstreken(op(30)), found.gehaald()) == (True, False)
    assert (tenant.bruto_op(op(30)), tenant.netto_op(op(30))) == (8 * 24 * UUR, None)
    assert (last.standnaam, revision(0).standnaam) == ("uitgebleven", "open")


def test_findings_are_kept_by_their_code() -> None:
    finding = Bevinding(code="eind-voor-begin", pad="status", ernst=Ernst.WAARSCHUWING, tekst="x")
    assert interval_of(revision(1, bevindingen=(finding,))).bevindingen == ("eind-voor-begin",)


# ---------------------------------------------------------------- plainly, for any set of intervals

moments = st.integers(0, 60).map(lambda hours: op(2) + hours * UUR * 1_000_000)
intervals = st.builds(
    lambda begin, length, stand, deadline, code, closed: Interval(
        begin=begin,
        stand=stand,
        eind=None
        if stand is Stand.INGETROKKEN or (stand is Stand.OPEN and not closed)
        else begin + length * UUR * 1_000_000,
        deadline=deadline,
        eindcode=code,
        dagen=0,
    ),
    moments,
    st.integers(0, 48),
    st.sampled_from(Stand),
    st.none() | moments,
    st.sampled_from([None, "WEI", "ANN", "TGE"]),
    st.booleans(),
)


@given(found=st.lists(intervals, max_size=30), peil=moments, van=moments, tot=moments)
def test_a_plain_recount_agrees(found: list[Interval], peil: int, van: int, tot: int) -> None:
    figures = geteld(found, peil, Periode(van, tot))
    cohort = [one for one in found if van <= one.begin < tot]
    fell = [
        one
        for one in found
        if one.deadline is not None and van <= one.deadline < tot and one.deadline <= peil
        and one.stand.value in {"open", "gesloten"}
    ]  # fmt: skip
    assert figures.n == sum(one.stand.value in {"open", "gesloten"} for one in cohort)
    assert figures.n + figures.vervallen + figures.ingetrokken + sum(
        one.stand is Stand.VERVALLEN and one.eindcode == "WEI" for one in cohort
    ) == len(cohort)
    assert figures.gevallen == len(fell)
    assert figures.gehaald == sum(
        one.stand is Stand.GESLOTEN and (one.eind or 0) <= (one.deadline or 0) for one in fell
    )
    without_end = [one for one in cohort if one.stand is Stand.OPEN]
    assert figures.uitgebleven == sum(one.eind is not None for one in without_end)
    assert figures.open == sum(one.eind is None for one in without_end)


def test_a_period_of_nothing_has_no_figures() -> None:
    found = geteld([], op(9))
    assert (found.n, found.uren.p50, found.gevallen) == (0, None, 0)


@pytest.mark.parametrize(("at", "inside"), [(op(28, 22, 2), False), (op(28, 23, 2), True), (op(31, 21), True), (op(31, 22), False)])  # fmt: skip
def test_march_in_amsterdam_begins_and_ends_at_its_own_midnight(at: int, inside: bool) -> None:
    assert MAART.bevat(at) is inside
