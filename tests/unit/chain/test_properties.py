"""What must hold for every dossier: the order of arrival, doubles and repeated ticks do not matter (DESIGN 2, 5)."""

from collections import Counter
from dataclasses import replace as other
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chain.correlate import Correlator
from chain.ketens.onderhoud import Dossierstaat, Staat
from chain.ketens.onderhoud.conclusie import conclude
from chain.ketens.onderhoud.feiten import in_volgorde
from chain.ketens.onderhoud.maten import INGETROKKEN, meten
from tests.unit.chain.berichten import (
    AANNEMER,
    AMSTERDAM,
    ANDER,
    CORPORATIE,
    PARTNER,
    SLEUTEL,
    Bericht,
    Bus,
    gespeeld,
    klok,
    opdracht,
)
from topics.documents import Moment
from topics.documents.keten import Doorlooptijd, Dossier, Stand
from topics.documents.onderhoud import Status, Statuscode, Statusdetail
from topics.runtime.step import Step, Unchanged

BEGIN = datetime(2026, 11, 16, 8, 0, tzinfo=AMSTERDAM)
CODES = [*Statuscode, *("ACC", "TGE", "OND", "REV", "REA", "AIN") * 3]
"""All of them, and more often those that turn who is aan zet."""
DETAILS = [None, None, *Statusdetail, *(Statusdetail.AFW, Statusdetail.BNT, Statusdetail.AVW) * 3]
minutes = st.integers(0, 4 * 24 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@st.composite
def statuses(draw: st.DrawFn, number: int) -> Bericht:
    at = BEGIN + draw(minutes)
    only_day = draw(st.booleans())
    op = at.replace(hour=0, minute=0) if only_day else at
    door = draw(st.sampled_from([AANNEMER, AANNEMER, AANNEMER, CORPORATIE, CORPORATIE, ANDER]))
    document = Status(
        berichtnummer=f"S{number}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        code=Statuscode(draw(st.sampled_from(CODES))),
        gebeurd=Moment(op, only_day),
        detail=draw(st.sampled_from(DETAILS)),
    )
    return Bericht(document, at + draw(minutes), PARTNER[door])


@st.composite
def dossiers(draw: st.DrawFn) -> list[Bericht]:
    """An order, perhaps changed, and statuses of parties and of a stranger; no two under one number."""
    found = [opdracht("ma 08:00")]
    if draw(st.booleans()):
        found.append(other(opdracht("ma 08:00", "O2", soort="MUT"), bekend=BEGIN + draw(minutes)))
    for number in range(draw(st.integers(0, 9))):
        found.append(draw(statuses(number)))
    return found


def dossier(bus: Bus) -> Dossier:
    """What it comes to, without how often and when it last changed."""
    return replace(bus.dossier, reeks=0, bijgewerkt=BEGIN)


def measures(bus: Bus) -> dict[str, Doorlooptijd]:
    """Last revisions; of what is open, without the durations, which stand up to the event that made the revision."""
    found = {}
    for maat in ("acceptatie", "technisch-gereed", "administratief-gereed"):
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


def as_it_happened(found: list[Bericht]) -> list[Bericht]:
    return found[:1] + sorted(
        found[1:],
        key=lambda bericht: bericht.document.gebeurd.op if isinstance(bericht.document, Status) else bericht.bekend,
    )


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
