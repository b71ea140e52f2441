"""What must hold for every dossier: the order of arrival, doubles and repeated ticks do not matter (DESIGN 2, 5)."""

from collections import Counter
from dataclasses import replace as other
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chain.correlate import Correlator
from chain.ketens.onderhoud import Dossierstaat, Staat
from chain.ketens.onderhoud.conclusie import conclude
from chain.ketens.onderhoud.feiten import in_volgorde
from chain.ketens.onderhoud.maten import INGETROKKEN, MATEN, meten
from tests.unit.chain.berichten import (
    ANDER,
    SLEUTEL,
    Bericht,
    Bus,
    gespeeld,
    klok,
)
from tests.unit.chain.toeval import BEGIN, as_it_happened, dossiers
from topics.documents.keten import Doorlooptijd, Dossier, Stand
from topics.documents.onderhoud import (
    Status,
)
from topics.runtime.step import Step, Unchanged


def dossier(bus: Bus) -> Dossier:
    """What it comes to, without how often and when it last changed."""
    return replace(bus.dossier, reeks=0, bijgewerkt=BEGIN)


def measures(bus: Bus) -> dict[str, Doorlooptijd]:
    """Last revisions; of what is open, without the durations, which stand up to the event that made the revision."""
    found = {}
    for maat in (maat.naam for maat in MATEN):
        revisions = bus.revisies(maat)
        if not revisions or revisions[-1].stand is Stand.INGETROKKEN:
            continue
        last = replace(revisions[-1], revisie=0)
        if last.stand is Stand.OPEN:
            last = replace(
                last, bruto_seconden=None, netto_seconden=None, werkdagen=None, aan_zet_seconden={}, bewijs=()
            )
        found[maat] = last
    return found


def totals(bus: Bus) -> Counter[str]:
    return Counter(bus.rekening().values())


def signals(bus: Bus) -> set[str]:
    return set(bus.staand)


@given(dossiers().flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
@settings(max_examples=200, deadline=None)
def test_any_order_of_arrival_ends_the_same(both: tuple[list[Bericht], list[Bericht]]) -> None:
    last = klok("++++zo 00:00")
    one, two = (gespeeld([*berichten, last]) for berichten in both)
    assert dossier(one) == dossier(two)
    assert measures(one) == measures(two)
    assert totals(one) == totals(two)
    assert signals(one) == signals(two)


@given(dossiers(), st.data())
@settings(max_examples=60, deadline=None)
def test_double_changes_nothing_but_the_account(found: list[Bericht], data: st.DataObject) -> None:
    bus = gespeeld(found)
    before, published = dict(bus.frames), len(bus.dossiers)
    double = data.draw(st.sampled_from(found))
    stranger = isinstance(double.document, Status) and double.document.afzender == ANDER
    again = other(double, bekend=double.bekend + timedelta(days=1))
    bus.play(again)
    assert (bus.frames, len(bus.dossiers)) == (before, published)
    assert bus.rekening()[again.receipt] == ("uitval" if stranger else "dubbel")


@given(dossiers(), st.lists(st.sampled_from(["wo 00:00", "do 12:00", "+ma 00:00", "++zo 00:00"]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_doubled_or_older_tick_changes_nothing(found: list[Bericht], moments: list[str]) -> None:
    ticks = [klok(moment) for moment in moments]
    newest = max(ticks, key=lambda tick: tick.bekend)
    bus = gespeeld([*found, newest])
    before, steps = dict(bus.frames), len(bus.stappen)
    bus.play(*ticks)
    assert (bus.frames, len(bus.stappen)) == (before, steps)


@given(dossiers().flatmap(st.permutations))
@settings(max_examples=60, deadline=None)
def test_every_part_ends_in_exactly_one_account(found: list[Bericht]) -> None:
    """`rekening` fails when a part leaves an account that it is not in."""
    account = gespeeld([*found, klok("++++zo 00:00")]).rekening()
    assert account.keys() == {bericht.receipt for bericht in found}
    assert set(account.values()) <= {"toegepast", "uitval"}


class Objects(Bus):
    """Keeps states as objects, as the runtime does within a transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, Staat] = {}

    def get(self, key: str) -> Staat | None:
        super().get(key)
        return self.objects.get(key)

    def take(self, step: Step[Staat]) -> None:
        super().take(step)
        if step.state is not None and not isinstance(step.state, Unchanged):
            self.objects[step.key] = step.state


@given(dossiers().flatmap(st.permutations))
@settings(max_examples=60, deadline=None)
def test_same_log_gives_the_same_bytes_whether_or_not_state_was_read_back(found: list[Bericht]) -> None:
    log = [*found[:4], klok("wo 00:00"), *found[4:], klok("++++zo 00:00")]
    one, two, kept = gespeeld(log), gespeeld(log), Objects()
    kept.play(*log)
    for bus in (two, kept):
        assert bus.frames == one.frames
        assert [step.outputs for step in bus.stappen] == [step.outputs for step in one.stappen]
        assert bus.postings == one.postings


@given(dossiers().flatmap(lambda found: st.permutations(found) | st.just(as_it_happened(found))))
@settings(max_examples=300, deadline=None)
def test_measures_carried_along_are_those_of_the_facts_alone(found: list[Bericht]) -> None:
    """What an event leaves alone is taken over from the state; counted anew from the facts it is the same."""
    bus = Bus()
    for bericht in [*found, klok("+++zo 00:00")]:
        state = bus.play(bericht).get(SLEUTEL)
        if isinstance(state, Dossierstaat) and state.feiten:
            anew = {meting.maat: meting.kern for meting in meten(conclude(state.feiten), False)}
            kept = {g.maat: g.kern for g in state.gemeten if g.kern.stand != INGETROKKEN}
            assert kept == anew
            glns = [party.gln for party in state.partijen]
            assert state.feiten == in_volgorde(reversed(state.feiten), glns)


@given(dossiers())
@settings(max_examples=50, deadline=None)
def test_state_survives_its_bytes(found: list[Bericht]) -> None:
    bus = gespeeld(found)
    correlator = Correlator("onderhoud")
    for data in bus.frames.values():
        assert correlator.encode(correlator.decode(data)) == data
