"""Decisions of people, from a message that failed to where it ends; the account balances before and after."""

from datetime import timedelta

import pytest

from chain.review import desk
from tests.unit.besluit.world import ANNA, BRAM, CLIENT, CONTRACTOR, LOG, START, World, order, status
from topics.documents import Account, Reden
from topics.documents.besluit import Besluitsoort, Besluitstand, Koppeling, Toestand
from topics.errors import Refused
from topics.runtime.step import Output

WORDS = '"80" = '


def failing(world: World) -> str:
    """An order, and a status of it in a word that has no translation; the receipt of the status."""
    world.receive(CLIENT, order("IN1"))
    receipt = world.receive(CONTRACTOR, status("IN1", "S-1", "77"))
    assert world.letter().reden is Reden.ONBEKENDE_CODE
    assert world.dossier("IN1").onvolledig == (world.letter().id,)
    world.assert_balanced()
    return receipt


async def test_what_is_sent_again_after_a_mapping_was_added_is_applied(world: World) -> None:
    receipt = failing(world)
    world.now += timedelta(days=1)
    world.adopt(CONTRACTOR, WORDS, '"77" = { code = "ACC", voorbeeld = "nieuw woord" }\n' + WORDS)
    outcome = await world.decide(world.letter().id, Besluitsoort.HERMAP)
    assert (outcome.stand.toestand, outcome.account) == (Toestand.DOORGESTUURD, Account.TOEGEPAST)
    assert world.status(receipt).account is Account.TOEGEPAST
    assert world.events("IN1") == ["onderhoud.opdracht.v1", "uitval.v1", "besluit.v1", "onderhoud.status.v1"]
    assert world.dossier("IN1").toestand == "geaccepteerd"
    assert world.dossier("IN1").onvolledig == ()
    assert desk.letters(world.desk) == []
    world.assert_balanced()


async def test_what_fails_again_is_a_new_letter_as_often_as_it_fails(world: World) -> None:
    receipt = failing(world)
    seen = set()
    for _ in range(3):
        letter = world.letter()
        seen.add(letter.id)
        outcome = await world.decide(letter.id, Besluitsoort.HERMAP)
        assert outcome.account is Account.UITVAL
        assert world.dossier("IN1").onvolledig == (world.letter().id,)
        world.assert_balanced()
    assert len(seen | {world.letter().id}) == 4
    await world.decide(world.letter().id, Besluitsoort.AFVOER)
    assert world.status(receipt).account is Account.AFGEVOERD
    assert world.dossier("IN1").onvolledig == ()
    world.assert_balanced()


async def test_a_message_that_goes_back_shows_its_sender_why(world: World) -> None:
    receipt = failing(world)
    await world.decide(world.letter().id, Besluitsoort.RETOUR, reden="status 77 staat niet in het contract")
    [part] = world.status(receipt).delen
    assert (part.account, part.reden, part.definitief) == (Account.TERUGGESTUURD, Reden.ONBEKENDE_CODE, True)
    assert "Teruggestuurd: status 77 staat niet in het contract" in [one.tekst for one in part.bevindingen]
    assert world.dossier("IN1").onvolledig == ()
    world.assert_balanced()


async def test_the_partners_corrected_message_takes_the_place_of_the_letter(world: World) -> None:
    receipt = failing(world)
    letter = world.letter().id
    with pytest.raises(Refused, match="afgekeurd"):
        await world.decide(letter, Besluitsoort.VERVANG, bericht=status("IN1", "S-1", "78"))
    outcome = await world.decide(letter, Besluitsoort.VERVANG, bericht=status("IN1", "S-1", "80"))
    assert outcome.account is Account.TOEGEPAST
    assert world.status(receipt).account is Account.VERVANGEN
    assert outcome.stand.ontvangst is not None
    assert world.status(outcome.stand.ontvangst).account is Account.TOEGEPAST
    assert world.dossier("IN1").toestand == "technisch-gereed"
    world.assert_balanced()


async def test_a_message_of_somebody_else_cannot_take_the_place(world: World) -> None:
    failing(world)
    with pytest.raises(Refused, match="afgekeurd"):
        await world.decide(world.letter().id, Besluitsoort.VERVANG, bericht=order("IN1"))


async def test_a_wrong_order_number_is_coupled_after_the_waiting_time(world: World) -> None:
    world.receive(CLIENT, order("IN-2026-0417"))
    receipt = world.receive(CONTRACTOR, status("IN-2026-0471", "S-1", "80"))
    assert world.status(receipt).account is Account.WACHTEND
    world.tick(START + timedelta(days=10))
    letter = world.letter()
    assert letter.reden is Reden.ONBEKEND_DOSSIER
    shown = await desk.show(world.desk, letter.id)
    [candidate] = shown.kandidaten
    assert candidate.opdrachtnummer == "IN-2026-0417"
    outcome = await world.decide(letter.id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="in-2026-0417"))
    assert outcome.account is Account.TOEGEPAST
    assert world.dossier("IN-2026-0417").toestand == "technisch-gereed"
    assert world.dossier("IN-2026-0471").onvolledig == ()
    world.assert_balanced()


async def test_a_part_that_failed_at_the_adapter_is_coupled_there(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, status("IN7", "S-1", "77"))
    letter = world.letter()
    assert letter.stage == "adapter-aannemer"
    world.adopt(CONTRACTOR, WORDS, '"77" = { code = "ACC", voorbeeld = "nieuw woord" }\n' + WORDS)
    outcome = await world.decide(letter.id, Besluitsoort.KOPPEL, koppeling=Koppeling(opdrachtnummer="IN1"))
    assert outcome.account is Account.TOEGEPAST
    assert world.dossier("IN1").feiten == 2
    world.assert_balanced()


async def test_references_are_all_that_can_be_set(world: World) -> None:
    failing(world)
    for koppeling in (None, Koppeling()):
        with pytest.raises(Refused, match="zonder-koppeling"):
            await world.decide(world.letter().id, Besluitsoort.KOPPEL, koppeling=koppeling)
    assert {"opdrachtnummer", "regels", "contract"} == set(Koppeling.__struct_fields__)


async def test_a_conflicting_message_stays_one_however_often_it_is_sent(world: World) -> None:
    world.receive(CLIENT, order("IN1"))
    world.receive(CONTRACTOR, status("IN1", "S-1", "10"))
    world.receive(CONTRACTOR, status("IN1", "S-1", "80"))
    letter = world.letter()
    assert letter.reden is Reden.STRIJDIG
    outcome = await world.decide(letter.id, Besluitsoort.STUUR)
    assert outcome.account is Account.UITVAL
    assert world.letter().id != letter.id
    assert world.dossier("IN1").toestand == "geaccepteerd"
    world.assert_balanced()


async def test_of_two_decisions_the_first_has_effect_and_the_other_is_told(world: World) -> None:
    receipt = failing(world)
    letter = world.letter().id
    first = await desk.decide(world.desk, letter, Besluitsoort.RETOUR, door=ANNA, reden="hoort hier niet")
    second = await desk.decide(world.desk, letter, Besluitsoort.AFVOER, door=BRAM, reden="is al gebeld")
    outcome = world.outcome(second)
    assert outcome.geweigerd is not None
    assert (outcome.geweigerd.code, outcome.geweigerd.door) == ("al-besloten", BRAM)
    assert ANNA in outcome.geweigerd.tekst
    assert world.outcome(first).geweigerd is None
    assert world.status(receipt).account is Account.TERUGGESTUURD
    world.assert_balanced()
    with pytest.raises(Refused, match="al besloten"):
        await world.decide(letter, Besluitsoort.AFVOER)


async def test_a_decision_that_was_written_twice_counts_once(world: World) -> None:
    failing(world)
    await desk.decide(world.desk, world.letter().id, Besluitsoort.RETOUR, door=ANNA, reden="hoort hier niet")
    [record] = world.bus.records("keten.besluit.v1")
    world.bus.send(Output(record.topic, record.key, record.value, record.headers))
    world.run()
    stands = [one for one in world.documents("keten.besluitstand.v1") if isinstance(one, Besluitstand)]
    assert [one.geweigerd for one in stands] == [()]
    world.assert_balanced()


async def test_why_is_always_asked(world: World) -> None:
    failing(world)
    with pytest.raises(Refused, match="zonder-reden"):
        await world.decide(world.letter().id, Besluitsoort.AFVOER, reden=" ")
    with pytest.raises(Refused, match="zonder-naam"):
        await world.decide(world.letter().id, Besluitsoort.AFVOER, door=" ")


async def test_what_the_partner_sent_again_itself_is_shown_as_superseded(world: World) -> None:
    failing(world)
    letter = world.letter().id
    assert (await desk.show(world.desk, letter)).achterhaald is None
    later = world.receive(CONTRACTOR, status("IN1", "S-1", "80"))
    found = (await desk.show(world.desk, letter)).achterhaald
    assert found is not None
    assert (found.ontvangst, "berichtnummer S-1" in found.reden) == (later, True)


async def test_a_decision_on_the_log_carries_no_letter_and_no_free_text(world: World) -> None:
    failing(world)
    await world.decide(world.letter().id, Besluitsoort.RETOUR, reden="bewoner mevrouw Verzonnen belde")
    [event] = [one for one in world.bus.records(LOG) if one.envelope().type == "nl.ketenbus.besluit.v1"]
    assert b"Verzonnen" not in (event.value or b"")
    assert b"origineel" not in (event.value or b"")


async def test_what_a_partner_sent_is_carried_by_reference(world: World) -> None:
    failing(world)
    await desk.decide(world.desk, world.letter().id, Besluitsoort.RETOUR, door=ANNA, reden="hoort hier niet")
    [record] = world.bus.records("keten.besluit.v1")
    assert b"sha256:" in (record.value or b"")
    assert b'waarde":"eyJ' not in (record.value or b"")
