"""Whatever comes in: one opening, every part ends once, and a re-run from anywhere gives what was left."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.adapter.flood import Toestand
from adapters.adapter.processor import AdapterProcessor
from adapters.formats import FORMATS
from adapters.kinds import AANNEMER, CORPORATIE, Kind
from adapters.message import Deel
from tests.unit.adapter.messages import (
    KOBALT,
    LINDE,
    ONBEKEND,
    ORDER,
    PLANNING,
    STATUS,
    Canned,
    broken,
    order,
    part,
    raw,
    status,
)
from topics.documents import Account, Reden
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.runtime.step import Record, Step, Unchanged

REGISTRY = Registry.load(FOLDER)
LOGS = ("onderhoud.gebeurtenis.v1", "proef-onderhoud.gebeurtenis.v1")


class States(dict[str, Toestand]):
    """A StateView that takes over what a step says, as the runtime does."""

    def due(self, until: datetime) -> Iterator[str]:
        return iter(())

    def take(self, step: Step[Toestand]) -> None:
        if step.state is None:
            self.pop(step.key, None)
        elif not isinstance(step.state, Unchanged):
            self[step.key] = step.state


def record(kind: Kind, partner: str, body: bytes = b"bytes") -> Record:
    sent = raw(kind.name, partner, body)
    return Record(sent.topic, 0, 7, 0, sent.key, sent.value, sent.headers)


def run(
    processor: AdapterProcessor, one: Record, states: States, cursor: str | None = None, most: int | None = None
) -> list[Step[Toestand]]:
    steps = []
    for step in processor.process(one, states, cursor):
        states.take(step)
        steps.append(step)
        if len(steps) == most:
            break
    return steps


def check_account(steps: list[Step[Toestand]]) -> None:
    """One opening, first; each part moves once to uitval with a letter, or is once an event on a log."""
    postings = [posting for step in steps for posting in step.postings]
    openings = [posting for posting in postings if posting.van is None]
    assert openings == postings[:1]
    total = openings[0].delen
    assert total is not None
    ends = [posting.deel for posting in postings if posting.naar is Account.UITVAL]
    letters = [letter.deel for step in steps for letter in step.dead_letters]
    assert letters == ends
    for step in steps:
        for output in step.outputs:
            headers = dict(output.headers)
            if output.topic in LOGS and headers["ce_type"] != b"nl.ketenbus.uitval.v1":
                ends.append(headers["ce_part"].decode())
    assert sorted(ends) == sorted(["-"] if ends == ["-"] else [str(one + 1) for one in range(total)])
    assert all(posting.reden is not None for posting in postings if posting.naar is Account.UITVAL)


PARTS = st.one_of(
    st.sampled_from(["Werk gereed", "Vraag", "onzin", ""]).map(lambda word: part(status(word))),
    st.sampled_from([LINDE, ONBEKEND, KOBALT]).map(lambda gln: part(status("Vraag", opdrachtgever=gln))),
    st.sampled_from(["", "1", "A/2 b"]).map(lambda number: part(status("Retour", opdrachtnummer=number))),
    st.sampled_from(list(Reden)).map(lambda reden: broken((LINDE, "1"), reden)),
    st.just(part(order())),
    st.just(broken()),
)


@given(delen=st.lists(PARTS, min_size=1, max_size=12), partner=st.sampled_from(["kobalt-noord", "vreemd"]))
def test_every_part_of_any_message_ends_exactly_once(delen: list[Deel], partner: str) -> None:
    processor = AdapterProcessor(AANNEMER, REGISTRY, Canned(*delen))
    check_account(run(processor, record(AANNEMER, partner), States()))


@settings(max_examples=300)
@given(body=st.binary(max_size=300), kind=st.sampled_from([AANNEMER, CORPORATIE]))
def test_any_bytes_are_opened_once_and_end_once(body: bytes, kind: Kind) -> None:
    partner = {"aannemer": "kobalt-noord", "corporatie": "zilverlinde"}[kind.name]
    check_account(run(AdapterProcessor(kind, REGISTRY), record(kind, partner, body), States()))


def rendered() -> list[tuple[Kind, str, bytes]]:
    """Right messages in every format, and several in one."""
    by_name = {one.name: one for one in FORMATS}
    bare = msgspec.structs.replace(ORDER, personen={})
    statuses = [by_name["json"].render(one) for one in (STATUS, status("Vraag"), status("onzin"))]
    return [
        (CORPORATIE, "zilverlinde", by_name["dico"].render(bare)),
        (CORPORATIE, "zilverlinde", by_name["json"].render(bare)),
        (AANNEMER, "kobalt-noord", by_name["json"].render(PLANNING)),
        (AANNEMER, "kobalt-noord", b"[" + b",".join(statuses) + b"]"),
    ]


def test_right_messages_of_every_format_come_through_whole() -> None:
    expected = [["opdracht"], ["opdracht"], ["planning"], ["status", "status", "uitval"]]
    for (kind, partner, body), types in zip(rendered(), expected, strict=True):
        steps = run(AdapterProcessor(kind, REGISTRY), record(kind, partner, body), States())
        check_account(steps)
        written = [output for step in steps for output in step.outputs if output.topic in LOGS]
        found = [dict(output.headers)["ce_type"].decode().split(".")[-2] for output in written]
        assert found == types


@settings(max_examples=300, deadline=None)
@given(which=st.integers(0, 3), data=st.data())
def test_damaged_messages_of_every_format_are_opened_once_and_end_once(which: int, data: st.DataObject) -> None:
    kind, partner, body = rendered()[which]
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    one = record(kind, partner, bytes(damaged[:cut]))
    check_account(run(AdapterProcessor(kind, REGISTRY), one, States()))


@given(delen=st.lists(PARTS, min_size=1, max_size=12), data=st.data(), before=st.integers(0, 60))
def test_a_rerun_from_any_cursor_gives_exactly_the_remaining_steps(
    delen: list[Deel], data: st.DataObject, before: int
) -> None:
    processor = AdapterProcessor(AANNEMER, REGISTRY, Canned(*delen))
    one = record(AANNEMER, "kobalt-noord")
    start = Toestand(uitkomsten=b"\x01" * before, aantal=before, achtereen=before)
    whole = run(processor, one, States({"kobalt-noord": start}))
    cut = data.draw(st.integers(0, len(whole) - 1))
    states = States({"kobalt-noord": start})
    first = run(processor, one, states, most=cut) if cut else []
    cursor = first[-1].cursor if first else None
    restored = States({key: processor.decode(processor.encode(state)) for key, state in states.items()})
    assert [*first, *run(processor, one, restored, cursor)] == whole


def test_a_receipt_of_very_many_parts_is_given_step_by_step() -> None:
    total = 20_000
    processor = AdapterProcessor(AANNEMER, REGISTRY, Canned(*[part(status("Vraag"))] * total))
    states = States()
    steps = processor.process(record(AANNEMER, "kobalt-noord"), states, None)
    count = 0
    for step in steps:
        states.take(step)
        assert len(step.outputs) + len(step.postings) <= 3
        count += 1
    assert count == total + 1
    left = run(processor, record(AANNEMER, "kobalt-noord"), states, str(total - 2))
    assert [step.cursor for step in left] == [str(total - 1), str(total)]
