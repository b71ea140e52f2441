"""W3C trace context with derived ids."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics import ids, traceparent
from topics.traceparent import Trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
RECEIPT = ids.receipt_id(datetime(2026, 3, 2, 8, tzinfo=UTC), bytes(range(10)))
RECEIPTS = st.builds(
    ids.receipt_id,
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.binary(min_size=10, max_size=10),
)


def test_what_a_sender_gives_is_read_and_written_as_it_stands() -> None:
    found = traceparent.read(GIVEN)
    assert found == Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)
    assert str(found) == GIVEN


def test_a_trace_that_its_sender_does_not_keep_stays_so_on_the_whole_way() -> None:
    found = traceparent.read(GIVEN[:-2] + "00")
    assert found is not None
    assert not found.below("intake", RECEIPT).below("ledger", "x").sampled


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        GIVEN.upper(),
        GIVEN + "-00",
        " " + GIVEN,
        "ff" + GIVEN[2:],
        "00-" + 32 * "0" + GIVEN[35:],
        GIVEN[:36] + 16 * "0" + GIVEN[52:],
        "00-xyz",
        "traceparent: " + GIVEN,
    ],
)
def test_what_is_no_traceparent_counts_as_none(text: str) -> None:
    assert traceparent.read(text) is None


@given(RECEIPTS)
def test_the_trace_of_a_message_has_the_id_of_its_receipt(receipt: str) -> None:
    begun = traceparent.begun(receipt)
    assert begun.trace == receipt.replace("-", "")
    assert traceparent.read(str(begun)) == begun == traceparent.begun(receipt)


@given(st.text(), st.text(), st.text())
def test_spans_are_told_apart_by_processor_record_and_parent_and_never_by_chance(one: str, two: str, id: str) -> None:
    trace = traceparent.begun(RECEIPT)
    assert trace.below(one, id) == trace.below(one, id)
    assert (trace.below(one, id) == trace.below(two, id)) is (one == two)
    assert (trace.below(id, one) == trace.below(id, two)) is (one == two)
    assert trace.below(one, id).below(two, id).span != trace.below(two, id).span
    assert trace.below(one, id).trace == trace.trace


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (0.25, 250), (1.0, 1000)])
def test_about_the_share_that_is_asked_for_is_traced(share: float, expected: int) -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    receipts = [ids.receipt_id(at) for _ in range(1000)]
    assert sum(traceparent.within(receipt, share) for receipt in receipts) == pytest.approx(expected, abs=80)


def test_a_record_without_the_header_is_in_no_trace() -> None:
    assert traceparent.handling([("ce_id", b"x")], "ledger") is None
    assert traceparent.handling([("ce_id", b"x"), ("traceparent", b"nonsense")], "ledger") is None
    handling = traceparent.handling([("ce_id", b"x"), ("traceparent", GIVEN.encode())], "ledger")
    parent = traceparent.read(GIVEN)
    assert parent is not None
    assert handling == parent.below("ledger", "x")
