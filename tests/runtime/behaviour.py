"""How a processor behaves in the runtime, wherever it runs: the same tests in memory and on a real broker."""

import json
import re

import pytest

from tests.runtime.bench import PARTITIONS, Bench, keys_of
from tests.runtime.checker import record_id
from tests.runtime.teller import UITS, Teller, Telling, derived_key, event, moment
from topics.blobs import blob_ref
from topics.catalogue.declarations import SPOOR, changelog_topic
from topics.deadletters import Letter, original_headers
from topics.documents import Reden
from topics.envelope import Envelope, Headers
from topics.kafka import partition_for
from topics.runtime.batch import Limits
from topics.runtime.positions import POSITION_KEY, Position, decode_position
from topics.runtime.step import Output, Record

DUE_MS = 1_700_000_100_000
ODD_HEADERS: Headers = [("x-eerst", b"\xff\x00\x80"), ("x-tweede", b""), ("x-eerst", b"again")]


def envelope(id_: str, source: str = "zilverlinde", receipt: str = "") -> Headers:
    at = moment(1_700_000_000_000)
    return Envelope(
        id=id_,
        source=source,
        type="nl.ketenbus.toets.v1",
        time=at,
        recorded_time=at,
        correlation_id=receipt,
        part="1" if receipt else "",
        subject="dossier-1" if receipt else "",
    ).headers()


def letters_of(records: list[Record]) -> list[Letter]:
    return [Letter.read(record.headers) for record in records]


class Behaviour:
    """Subclasses give `bench`, and `stateless`: the same with a processor that keeps no state."""

    # -- counting

    async def test_events_of_a_key_are_numbered_in_their_order(self, bench: Bench) -> None:
        for key in ("a", "b", "c"):
            await bench.count(key, [f"{key}{number}" for number in range(20)])
        await bench.drain()
        seen = [UITS.decode(record.value or b"") for record in await bench.written(bench.teller.out)]
        for key in ("a", "b", "c"):
            assert [(u.id, u.n) for u in seen if u.key == key] == [(f"{key}{n}", n + 1) for n in range(20)]
            assert await bench.state(key) == Telling(20, tuple(f"{key}{n}" for n in range(20)))

    async def test_a_repeat_is_known_from_the_state_after_a_restart(self, bench: Bench) -> None:
        await bench.count("a", ["1", "2"])
        await bench.drain()
        await bench.count("a", ["2", "3"])
        await bench.drain()
        assert await bench.state("a") == Telling(3, ("1", "2", "3"), dubbel=1)
        assert [UITS.decode(record.value or b"").id for record in await bench.written(bench.teller.out)] == [
            "1",
            "2",
            "3",
        ]

    async def test_an_output_goes_to_the_partition_of_its_key(self, bench: Bench) -> None:
        keys = [key for partition in range(PARTITIONS) for key in keys_of(partition, 2)]
        for key in keys:
            await bench.count(key, ["1"])
        await bench.drain()
        written = await bench.written(bench.teller.out)
        assert sorted(record.key.decode() for record in written) == sorted(keys)
        assert all(record.partition == partition_for(record.key, PARTITIONS) for record in written)

    async def test_an_output_has_the_time_of_the_record_that_caused_it(self, bench: Bench) -> None:
        await bench.feed(bench.event("a", "1"), timestamp=1_650_000_000_123)
        await bench.drain()
        assert [record.timestamp for record in await bench.written(bench.teller.out)] == [1_650_000_000_123]
        assert {record.timestamp for record in await bench.written(changelog_topic(bench.teller.name))} == {
            1_650_000_000_123
        }

    # -- state

    async def test_a_state_is_written_once_per_transaction(self, bench: Bench) -> None:
        await bench.count("a", [str(number) for number in range(200)])
        await bench.drain()
        since_position: set[bytes] = set()
        transactions = 0
        for record in await bench.written(changelog_topic(bench.teller.name)):
            if record.key.decode() == POSITION_KEY:
                since_position.clear()
                transactions += 1
            else:
                assert record.key not in since_position
                since_position.add(record.key)
        assert transactions < 100
        assert await bench.state("a") == Telling(200, tuple(str(number) for number in range(200)))

    async def test_a_deleted_state_is_gone_after_a_restart(self, bench: Bench) -> None:
        await bench.feed(bench.event("a", "1", "due:1"), bench.event("a", "2", "forget"), bench.event("b", "3"))
        await bench.drain()
        assert await bench.state("a") is None
        assert await bench.facets() == {"n=1": 1}
        await bench.feed(bench.event("a", "4", f"tick:{DUE_MS}"), bench.event("a", "5"))
        await bench.drain()
        assert await bench.state("a") == Telling(1, ("5",))

    async def test_the_position_is_behind_the_last_record_that_was_handled(self, bench: Bench) -> None:
        offsets = await bench.feed(bench.event("a", "1"), bench.event("a", "2", "raise"))
        await bench.drain()
        partition = partition_for(b"a", PARTITIONS)
        stores = await bench.stores()
        assert {p: store.position for p, store in stores.items()} == {partition: Position(offsets[-1] + 1)}

    async def test_facets_count_the_states_and_survive_a_restart(self, bench: Bench) -> None:
        await bench.count("a", ["1"])
        await bench.count("b", ["1", "2"])
        await bench.count("c", ["1", "2", "3", "4"])
        await bench.drain()
        assert await bench.facets() == {"n=1": 1, "n=2": 1, "n=3": 1}
        await bench.count("a", ["2"])
        await bench.drain()
        assert await bench.facets() == {"n=2": 2, "n=3": 1}

    async def test_a_processor_without_state_that_changes_it_gets_a_dead_letter(self, stateless: Bench) -> None:
        await stateless.feed(stateless.event("a", "1"), stateless.event("a", "2", "letter"))
        await stateless.drain()
        letters = letters_of(await stateless.written(f"{stateless.teller.topic}.dlq"))
        assert [(letter.reden, letter.fout) for letter in letters] == [
            (Reden.ONVERWACHT, "CannotWrite"),
            (Reden.ONGELDIG, ""),
        ]
        assert [key for store in (await stateless.stores()).values() for key, _ in store.items()] == []
        assert await stateless.written(stateless.teller.out) == []

    # -- dead letters

    async def test_what_raises_becomes_a_dead_letter_with_its_original_byte_for_byte(self, bench: Bench) -> None:
        value = json.dumps({"id": "2", "do": "raise", "extra": "é\u0000"}, ensure_ascii=True, indent=3).encode()
        bad = Output(topic=bench.teller.topic, key=b"a", value=value, headers=ODD_HEADERS)
        await bench.count("a", ["1"])
        (offset,) = await bench.feed(bad, timestamp=1_600_000_000_000)
        await bench.count("a", ["3"])
        await bench.drain()
        (record,) = await bench.written(f"{bench.teller.topic}.dlq")
        assert (record.key, record.value) == (b"a", value)
        assert list(original_headers(record.headers)) == list(ODD_HEADERS)
        letter = Letter.read(record.headers)
        partition = partition_for(b"a", PARTITIONS)
        assert (letter.topic, letter.partition, letter.offset) == (bench.teller.topic, partition, offset)
        assert (record.partition, letter.timestamp, letter.at) == (
            partition,
            1_600_000_000_000,
            moment(1_600_000_000_000),
        )
        assert (letter.reden, letter.fout, letter.stage) == (Reden.ONVERWACHT, "ValueError", bench.teller.name)
        assert re.fullmatch(r"ValueError: in tests\.runtime\.teller\.\S+, line \d+", letter.tekst)
        assert await bench.state("a") == Telling(2, ("1", "3"))

    @pytest.mark.parametrize("value", [None, b"", b"{", b"\xff\xfe\x00", b'{"id": 7}'])
    async def test_what_does_not_decode_becomes_a_dead_letter_as_it_is(self, bench: Bench, value: bytes | None) -> None:
        await bench.feed(Output(topic=bench.teller.topic, key=b"a", value=value), bench.event("a", "1"))
        await bench.drain()
        (record,) = await bench.written(f"{bench.teller.topic}.dlq")
        assert record.value == value
        assert await bench.state("a") == Telling(1, ("1",))

    async def test_a_dead_letter_of_an_event_posts_its_part_to_uitval(self, bench: Bench) -> None:
        receipt = f"ontvangst-{bench.teller.name}"
        await bench.feed(bench.event("a", "1", "raise", headers=envelope("e1", receipt=receipt)))
        await bench.drain()
        (posting,) = await postings_of(bench, receipt)
        assert (posting["van"], posting["naar"], posting["reden"]) == ("onderweg", "uitval", "onverwacht")
        assert (posting["ontvangst"], posting["deel"], posting["uit"]) == (receipt, "1", "e1")
        letter = Letter.read((await bench.written(f"{bench.teller.topic}.dlq"))[0].headers)
        assert (letter.receipt, letter.part, letter.partner, letter.dossier) == (
            receipt,
            "1",
            "zilverlinde",
            "dossier-1",
        )

    async def test_a_step_that_succeeds_posts_in_its_transaction(self, bench: Bench) -> None:
        receipt = f"ontvangst-{bench.teller.name}"
        await bench.feed(bench.event("a", "1", "toegepast", headers=envelope("e1", receipt=receipt)))
        await bench.drain()
        (posting,) = await postings_of(bench, receipt)
        assert (posting["van"], posting["naar"]) == ("onderweg", "toegepast")

    async def test_a_tick_that_raises_has_no_account(self, bench: Bench) -> None:
        before = len(await bench.written(SPOOR))
        await bench.feed(bench.event("a", "1", "raise", headers=envelope("t1", source="clock", receipt="")))
        await bench.drain()
        assert len(await bench.written(f"{bench.teller.topic}.dlq")) == 1
        assert len(await bench.written(SPOOR)) == before

    async def test_a_dead_letter_of_a_processors_own_keeps_its_reason(self, bench: Bench) -> None:
        await bench.feed(bench.event("a", "1", "letter", headers=ODD_HEADERS), bench.event("a", "2"))
        await bench.drain()
        (record,) = await bench.written(f"{bench.teller.topic}.dlq")
        assert Letter.read(record.headers).reden is Reden.ONGELDIG
        assert record.value == event("1", "letter")
        assert await bench.state("a") == Telling(1, ("2",))

    @pytest.mark.parametrize("do", ["big", "bigstate"])
    async def test_what_is_too_large_is_set_apart_and_the_rest_goes_on(self, bench: Bench, do: str) -> None:
        await bench.count("a", ["1", "2"])
        await bench.feed(bench.event("a", "3", do))
        await bench.count("a", ["4", "5"])
        await bench.count("b", ["1"])
        assert await bench.drain() == {}
        (letter,) = letters_of(await bench.written(f"{bench.teller.topic}.dlq"))
        assert (letter.reden, letter.fout) == (Reden.TE_GROOT, "TooLargeToWrite")
        assert "expected" in letter.tekst
        assert await bench.state("a") == Telling(4, ("1", "2", "4", "5"))
        assert await bench.state("b") == Telling(1, ("1",))

    async def test_an_output_to_a_topic_that_is_not_declared_is_set_apart(self, bench: Bench) -> None:
        await bench.feed(bench.event("a", "1", "elsewhere"), bench.event("a", "2"))
        await bench.drain()
        (letter,) = letters_of(await bench.written(f"{bench.teller.topic}.dlq"))
        assert (letter.reden, letter.fout) == (Reden.ONVERWACHT, "CannotWrite")
        assert await bench.state("a") == Telling(1, ("2",))

    # -- many steps from one record

    @pytest.mark.parametrize("crash_after", [None, 1, 2, 5])
    async def test_a_record_of_many_steps_is_cut_and_goes_on_behind_its_cursor(
        self, bench: Bench, crash_after: int | None
    ) -> None:
        await bench.feed(bench.event("a", "x", "many:25"), bench.event("a", "y"))
        await bench.drain(Limits(steps=4), crash_after)
        seen = [UITS.decode(record.value or b"") for record in await bench.written(bench.teller.out)]
        assert sorted((u.key, u.id, u.n) for u in seen) == sorted(
            [(f"a/{n}", f"x/{n}", 1) for n in range(25)] + [("a", "y", 1)]
        )
        positions = [
            decode_position(record.value or b"")
            for record in await bench.written(changelog_topic(bench.teller.name))
            if record.key.decode() == POSITION_KEY
        ]
        offset = positions[0].offset
        assert [at for at in positions if at.offset == offset] == [Position(offset, str(n)) for n in range(3, 25, 4)]
        assert positions[-1] == Position(offset + 2)

    # -- time

    async def test_a_tick_handles_what_is_due_by_time_and_key(self, bench: Bench) -> None:
        late, early, never, other = keys_of(1, 4)
        await bench.feed(
            bench.event(late, "1", f"due:{DUE_MS}"),
            bench.event(other, "1", f"due:{DUE_MS - 1}"),
            bench.event(early, "1", f"due:{DUE_MS - 1}"),
            bench.event(never, "1", f"due:{DUE_MS + 1}"),
        )
        await bench.drain()
        await bench.feed(bench.event(never, "tik", f"tick:{DUE_MS}"))
        await bench.drain()
        changed = [
            record.key.decode()
            for record in await bench.written(changelog_topic(bench.teller.name))
            if record.partition == 1
        ][-4:]
        assert changed == [*sorted([early, other]), late, POSITION_KEY]
        assert await bench.state(late) == Telling(2, ("1", f"tik@{late}"))
        assert await bench.state(never) == Telling(1, ("1",))

    @pytest.mark.parametrize("crash_after", [None, 1, 3])
    async def test_a_doubled_tick_changes_nothing(self, bench: Bench, crash_after: int | None) -> None:
        keys = keys_of(2, 6)
        await bench.feed(*(bench.event(key, "1", f"due:{DUE_MS}") for key in keys))
        await bench.feed(*(bench.event(keys[0], f"tik{n}", f"tick:{DUE_MS}") for n in range(2)))
        await bench.drain(Limits(steps=4), crash_after)
        for key in keys:
            assert await bench.state(key) == Telling(2, ("1", f"tik0@{key}"))

    async def test_a_moved_due_time_is_the_only_one(self, bench: Bench) -> None:
        key, ticks = keys_of(3, 2)
        await bench.feed(bench.event(key, "1", f"due:{DUE_MS}"), bench.event(key, "2", f"due:{DUE_MS + 60_000}"))
        await bench.drain()
        await bench.feed(bench.event(ticks, "t1", f"tick:{DUE_MS}"))
        await bench.drain()
        assert await bench.state(key) == Telling(2, ("1", "2"))
        await bench.feed(
            bench.event(ticks, "t2", f"tick:{DUE_MS + 60_000}"), bench.event(ticks, "t3", f"tick:{DUE_MS + 90_000}")
        )
        await bench.drain()
        assert await bench.state(key) == Telling(3, ("1", "2", f"t2@{key}"))

    @pytest.mark.parametrize("limits", [Limits(), Limits(steps=1)], ids=["one", "many"])
    async def test_a_key_that_raises_on_a_tick_is_suspended_and_the_tick_goes_on(
        self, bench: Bench, limits: Limits
    ) -> None:
        good, last, ticks = keys_of(0, 3)
        (bad,) = keys_of(0, 1, "raise-on-tick-")
        for order, key in enumerate((good, bad, last)):
            await bench.feed(bench.event(key, "1", f"due:{DUE_MS + order}"))
        await bench.feed(bench.event(ticks, "t", f"tick:{DUE_MS + 10}"))
        await bench.drain(limits)
        assert await bench.state(good) == Telling(2, ("1", f"t@{good}"))
        assert await bench.state(bad) == Telling(1, ("1",), geschorst=True)
        assert await bench.state(last) == Telling(2, ("1", f"t@{last}"))
        assert await bench.facets() == {"n=2": 2, "geschorst": 1}
        assert await bench.written(f"{bench.teller.topic}.dlq") == []

    # -- events that follow

    @pytest.mark.parametrize("crash_after", [None, 1])
    async def test_a_derived_event_is_handled_once(self, bench: Bench, crash_after: int | None) -> None:
        await bench.feed(*(bench.event(f"k{n}", str(n), "derive") for n in range(8)))
        await bench.drain(Limits(steps=2), crash_after)
        log = await bench.written(bench.teller.topic)
        derived = [record for record in log if record.key.endswith(b"-afgeleid")]
        assert sorted(record.key.decode() for record in derived) == sorted(derived_key(f"k{n}") for n in range(8))
        for record in derived:
            assert await bench.state(record.key.decode()) == Telling(1, (record_id(record),))

    # -- what stops a partition

    async def test_an_unknown_version_halts_its_partition_and_the_others_go_on(self, bench: Bench) -> None:
        keys = [keys_of(partition, 1)[0] for partition in range(PARTITIONS)]
        for key in keys:
            await bench.count(key, ["1"])
        (offset,) = await bench.feed(bench.event(keys[1], "2", "unknown"))
        for key in keys:
            await bench.count(key, ["3"])
        assert await bench.drain(Limits(steps=1)) == {1: "document-onbekend"}
        for key in (keys[0], keys[2], keys[3]):
            assert await bench.state(key) == Telling(2, ("1", "3"))
        assert await bench.state(keys[1]) == Telling(1, ("1",))
        assert (await bench.stores())[1].position == Position(offset)
        assert await bench.written(f"{bench.teller.topic}.dlq") == []

    # -- large bodies

    async def test_a_claim_check_is_resolved_and_a_dead_letter_keeps_it_as_it_was(self, bench: Bench) -> None:
        for key, do in (("a", "count"), ("b", "raise")):
            reference = bench.blobs.put(event("1", do, pad="x" * 1_000_000 if do == "raise" else ""))
            headers = [("ce_dataref", reference.encode()), ("x", b"y")]
            await bench.feed(Output(topic=bench.teller.topic, key=key.encode(), value=b"", headers=headers))
        await bench.drain()
        assert await bench.state("a") == Telling(1, ("1",))
        (record,) = await bench.written(f"{bench.teller.topic}.dlq")
        assert (record.key, record.value) == (b"b", b"")
        assert list(original_headers(record.headers)) == headers

    async def test_a_malformed_reference_is_a_dead_letter(self, bench: Bench) -> None:
        await bench.feed(Output(topic=bench.teller.topic, key=b"a", value=b"", headers=[("ce_dataref", b"sha256:no")]))
        await bench.drain()
        (letter,) = letters_of(await bench.written(f"{bench.teller.topic}.dlq"))
        assert letter.reden is Reden.ONVERWACHT

    async def test_a_blob_of_a_step_is_in_the_object_store(self, bench: Bench) -> None:
        await bench.feed(bench.event("a", "1", "blob", pad="attachment"))
        await bench.drain()
        assert bench.blobs.get(blob_ref(b"attachment")) == b"attachment"
        assert await bench.state("a") == Telling(1, ("1",))


async def postings_of(bench: Bench, receipt: str) -> list[dict[str, str]]:
    written = [record for record in await bench.written(SPOOR) if record.key == receipt.encode()]
    return [json.loads(record.value or b"") for record in written]


def stateless_teller(name: str) -> Teller:
    return Teller(name, stateful=False)
