"""Decisions of a capture are taken on the letters of the play, and left out where it has no such letter."""

from collections.abc import Iterable
from pathlib import Path

from tests.unit.besluit import world
from tests.unit.besluit.world import CLIENT, CONTRACTOR, World, order, status
from tests.unit.play.test_play import by_key
from tests.unit.verschil import opname
from topics.catalogue.declarations import log_topic
from topics.documents.besluit import Besluitsoort, Koppeling
from topics.play.bodies import Bodies
from topics.play.decisions import LeftOut
from topics.play.player import Player
from topics.play.sources import in_order, survey
from topics.profile.registry import Registry
from topics.runtime.step import Record


async def decided(folder: Path) -> list[Record]:
    """A bus on which one letter was sent again, one replaced, one coupled and one sent back."""
    bus = opname.RecordedBus()
    found = World(folder, bus=bus)
    try:
        found.receive(CLIENT, order("A1"))
        for message, soort in (("S1", Besluitsoort.STUUR), ("S2", Besluitsoort.VERVANG), ("S3", Besluitsoort.RETOUR)):
            found.receive(CONTRACTOR, status("A1", message, "77"))
            bericht = status("A1", message, "10") if soort is Besluitsoort.VERVANG else None
            await found.decide(found.letter().id, soort, bericht=bericht)
            if soort is Besluitsoort.STUUR:
                # it failed again, as a letter of its own
                await found.decide(found.letter().id, Besluitsoort.AFVOER)
        found.receive(CONTRACTOR, status("NERGENS", "S4", "80"))
        found.tick(found.now.replace(day=20))
        await found.decide(found.letter().id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="A1"))
        found.tick(found.now.replace(day=21))
        found.assert_balanced()
    finally:
        found.close()
    return bus.written


def play(records: Iterable[Record], profiles: Path) -> tuple[list[Record], tuple[LeftOut, ...]]:
    given = list(records)
    found: list[Record] = []
    bodies = Bodies()
    bodies.put(status("A1", "S2", "10"))
    player = Player(Registry.load(profiles), survey(given), opname.PARTITIONS, found.append, bodies)
    for record in in_order(given):
        player.feed(record)
    return found, player.left_out


async def test_decisions_have_the_same_effect_byte_for_byte_under_the_same_profiles(tmp_path: Path) -> None:
    recorded = await decided(tmp_path)
    found, left_out = play(recorded, opname.profiles(tmp_path / "zelfde"))
    assert left_out == ()
    before, after = by_key(recorded), by_key(found)
    # that bus ticks one keten only
    assert after.pop((log_topic("proef-onderhoud"), b"klok"))
    assert {key for key in {*before, *after} if before.get(key) != after.get(key)} == set()


async def test_decisions_on_letters_that_a_new_mapping_solves_are_left_out_and_named(tmp_path: Path) -> None:
    recorded = await decided(tmp_path)
    word = '"79" = { code = "ANN"'
    solved = opname.profiles(
        tmp_path / "nieuw", {CONTRACTOR: {word: f'"77" = {{ code = "VIN", voorbeeld = "x" }}\n{word}'}}
    )
    found, left_out = play(recorded, solved)
    assert sorted(one.soort for one in left_out) == ["afvoer", "retour", "stuur", "vervang"]
    assert {one.waarom for one in left_out} == {"geen-brief"}
    events = [record for record in found if record.topic == world.LOG and b'"code":"VIN"' in (record.value or b"")]
    assert len(events) == 3


async def test_a_decision_on_a_letter_that_has_another_reason_is_left_out(tmp_path: Path) -> None:
    recorded = await decided(tmp_path)
    none = opname.profiles(tmp_path / "nieuw", {CONTRACTOR: {'  "onderhoud.status",\n': ""}})
    _, left_out = play(recorded, none)
    assert ("stuur", "andere-reden") in {(one.soort, one.waarom) for one in left_out}


async def test_a_decision_on_a_letter_with_other_bytes_is_taken_on_this_one(tmp_path: Path) -> None:
    """A letter of a log carries the mapped event: another mapping makes it another letter of the same part."""
    recorded = await decided(tmp_path)
    other = opname.profiles(tmp_path / "nieuw", {CONTRACTOR: {'"80" = { code = "TGE"': '"80" = { code = "OND"'}})
    found, left_out = play(recorded, other)
    assert left_out == ()
    coupled = [
        record
        for record in found
        if record.key == world.key("A1").encode() and b'"code":"OND"' in (record.value or b"")
    ]
    assert [record.topic for record in coupled][:1] == [world.LOG]
