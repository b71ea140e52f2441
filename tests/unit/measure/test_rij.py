"""Rows come back as they went into the changelog, and the later one stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kengetallen import Groep, Interval, Meting, Paar
from chain.measure import rij
from chain.measure.rij import Afsluiting, Gevouwen, Onleesbaar, Rij, Signaalstand, interval_key, interval_of_key
from topics.documents.keten import AanZet, Stand
from topics.errors import StateCorrupt

micros = st.integers(0, 2**52)
rows: st.SearchStrategy[Rij] = st.one_of(
    st.builds(
        Meting,
        st.integers(0, 99),
        st.builds(Groep, st.text(), st.text(), st.text(), st.text(), st.text(), st.text(), st.booleans(), st.text()),
        st.builds(
            Interval,
            begin=micros,
            stand=st.sampled_from(Stand),
            eind=st.none() | micros,
            deadline=st.none() | micros,
            netto=st.none() | st.integers(0, 10**9),
            aan_zet=st.dictionaries(st.sampled_from(AanZet), st.integers(0, 10**9)),
            voorlopig=st.booleans(),
            bevindingen=st.lists(st.text()).map(tuple),
        ),
    ),
    st.builds(Signaalstand, micros, st.booleans(), st.text(), st.text(), st.text(), st.text()),
    st.builds(Onleesbaar, micros),
    st.builds(Gevouwen, micros, micros, st.builds(Paar, st.text(), st.text(), st.text()), st.binary()),
    st.builds(Afsluiting, micros, micros, micros, st.booleans()),
)


@given(rows)
def test_a_row_comes_back_as_it_was_written(row: Rij) -> None:
    assert rij.decode(rij.encode(row)) == row


@pytest.mark.parametrize("data", [b"", b"\x92", b"\x92\x07\x01", b"not a row", rij.encode(Onleesbaar(1))[:-1]])
def test_what_is_no_row_of_this_release_stops_whoever_restores(data: bytes) -> None:
    with pytest.raises(StateCorrupt):
        rij.decode(data)


@given(rows)
def test_a_row_that_comes_again_replaces_nothing(row: Rij) -> None:
    assert rij.later(row, None)
    assert not rij.later(row, row)


def test_of_two_rows_of_a_signal_the_one_further_on_counts() -> None:
    raised, withdrawn = (Signaalstand(at, at == 3, "onderhoud", "norm", "d") for at in (3, 8))
    assert rij.later(withdrawn, raised)
    assert not rij.later(raised, withdrawn)


@pytest.mark.parametrize("subnummer", [None, "", "2", "a\nb"])
def test_a_key_tells_dossier_measure_and_sub_order(subnummer: str | None) -> None:
    key = interval_key("onderhoud/opdracht/1/2", "acceptatie", subnummer)
    assert interval_of_key(key.encode()) == (b"onderhoud/opdracht/1/2", "acceptatie", subnummer)


def test_a_closing_that_is_done_is_later_than_the_same_at_work() -> None:
    busy, done = Afsluiting(7, 3, bezig=True), Afsluiting(7, 3)
    assert rij.later(done, busy)
    assert not rij.later(busy, done)
