"""Two people decide on the same letter at once: whatever they do, in whatever order it arrives and wherever the decider
dies, exactly one decision has effect, nothing is lost and the account balances."""

import asyncio
import itertools
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.besluit.rules import GOOD
from chain.review.carry import carrying, originals
from tests.unit.besluit.test_decisions import failing
from tests.unit.besluit.test_four_eyes import sent_invoice
from tests.unit.besluit.world import ANNA, BRAM, World
from topics.documents import Account, Posting
from topics.documents.besluit import Besluit, Besluitsoort, Toestand

DECIDING = (Besluitsoort.STUUR, Besluitsoort.RETOUR, Besluitsoort.AFVOER)
Move = tuple[Besluitsoort, str]
moves = st.lists(
    st.tuples(st.sampled_from((*DECIDING, Besluitsoort.KEUR, Besluitsoort.INTREK)), st.sampled_from((ANNA, BRAM))),
    min_size=1,
    max_size=7,
)


def made(world: World, moves: list[Move]) -> list[Besluit]:
    """What each person would write, all before any of it is handled."""
    letter = world.letter()
    found = []
    for soort, door in moves:
        if soort in DECIDING:
            original = asyncio.run(originals(world.desk, [letter]))[letter.id]
            besluit = asyncio.run(carrying(world.desk, letter, original, soort, door, "nagekeken", None, None))
        else:
            besluit = Besluit(brief=letter.id, soort=soort.value, door=door, op=world.now, toelichting="toch")
        found.append(besluit)
    return found


def expected(moves: list[Move], *, confirm: bool) -> tuple[Toestand, Move | None]:
    """Said once more, plainly: the state in which the letter is left, and the decision that stands."""
    state, stands = Toestand.OPEN, None
    for soort, door in moves:
        if state is Toestand.DOORGESTUURD:
            break
        if soort in DECIDING and state is Toestand.OPEN:
            state, stands = (Toestand.WACHT if confirm else Toestand.DOORGESTUURD), (soort, door)
        elif soort is Besluitsoort.KEUR and state is Toestand.WACHT and stands and stands[1] != door:
            state = Toestand.DOORGESTUURD
        elif soort is Besluitsoort.INTREK and state is Toestand.WACHT:
            state, stands = Toestand.OPEN, None
    return state, stands


def left_uitval(world: World, receipt: str) -> list[Posting]:
    found = [one for one in world.documents("keten.spoor.v1") if isinstance(one, Posting)]
    return [one for one in found if one.ontvangst == receipt and one.van is Account.UITVAL]


def assert_exactly_one(world: World, brief: str, receipt: str, moves: list[Move], *, confirm: bool) -> None:
    state, stands = expected(moves, confirm=confirm)
    found = world.stand(brief)
    if found is None:
        assert stands is None
        return
    assert (found.toestand, found.soort, found.door) == (state, *(stands or (None, None)))
    postings = left_uitval(world, receipt)
    assert len(postings) == (state is Toestand.DOORGESTUURD)
    if state is Toestand.DOORGESTUURD and stands is not None:
        [posting] = postings
        good = GOOD[stands[0]]
        assert posting.naar is (Account.ONDERWEG if good is Account.TOEGEPAST else good)
    again = [record for record in world.bus.records("ruw.aannemer.v1") if record.envelope().part]
    assert len(again) == (state is Toestand.DOORGESTUURD and stands is not None and stands[0] is Besluitsoort.STUUR)
    handled = {found.besluit} | {one.besluit for one in found.geweigerd}
    assert len(handled - {None}) == len(found.geweigerd) + (found.besluit is not None)
    world.assert_balanced()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves=moves, confirm=st.booleans(), dies=st.booleans())
def test_whatever_two_people_write_at_most_one_decision_has_effect(
    moves: list[Move], confirm: bool, dies: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            receipt = sent_invoice(world) if confirm else failing(world)
            brief = world.letter().id
            for number, besluit in enumerate(made(world, moves)):
                world.write(besluit, f"besluit-{number}")
                if dies:
                    # what was committed stands, what was not is done again
                    world.decider.run(transactions=1)
                    world.decider.crash()
            world.run()
            assert_exactly_one(world, brief, receipt, moves, confirm=confirm)
        finally:
            world.close()


def test_every_order_of_two_decisions_a_confirmation_and_a_withdrawal(tmp_path: Path) -> None:
    four: list[Move] = [
        (Besluitsoort.RETOUR, ANNA),
        (Besluitsoort.AFVOER, BRAM),
        (Besluitsoort.KEUR, BRAM),
        (Besluitsoort.INTREK, ANNA),
    ]
    for number, order in enumerate(itertools.permutations(four)):
        world = World(tmp_path / str(number))
        receipt = sent_invoice(world)
        brief = world.letter().id
        for at, besluit in enumerate(made(world, list(order))):
            world.write(besluit, f"besluit-{at}")
        world.run()
        assert_exactly_one(world, brief, receipt, list(order), confirm=True)
        world.close()


def test_a_decision_whose_record_is_there_twice_has_one_effect(tmp_path: Path) -> None:
    world = World(tmp_path)
    receipt = failing(world)
    brief = world.letter().id
    [besluit] = made(world, [(Besluitsoort.STUUR, ANNA)])
    for _ in range(2):
        world.write(besluit, "besluit-1")
        world.decider.run()
        world.decider.crash()
    world.run()
    assert_exactly_one(world, brief, receipt, [(Besluitsoort.STUUR, ANNA)], confirm=False)
    stand = world.stand(brief)
    assert stand is not None
    assert msgspec.structs.astuple(stand)[-1] == ()
    world.close()


@pytest.mark.parametrize("confirm", [True, False])
@pytest.mark.parametrize("apart", [True, False])
def test_a_withdrawal_has_effect_on_what_waits_only_however_soon_it_comes(
    tmp_path: Path, confirm: bool, apart: bool
) -> None:
    """What needs nobody else is forwarded where it stands on the topic: that the withdrawal was written before it was
    handled changes nothing, or the outcome would hang on how many records the decider reads at once."""
    world = World(tmp_path)
    receipt = sent_invoice(world) if confirm else failing(world)
    brief = world.letter().id
    order: list[Move] = [(Besluitsoort.RETOUR, ANNA), (Besluitsoort.INTREK, ANNA)]
    for at, besluit in enumerate(made(world, order)):
        world.write(besluit, f"besluit-{at}")
        if apart:
            world.run()
    world.run()
    assert_exactly_one(world, brief, receipt, order, confirm=confirm)
    stand = world.stand(brief)
    assert stand is not None
    expected_state = Toestand.OPEN if confirm else Toestand.DOORGESTUURD
    refused = [] if confirm else ["al-doorgestuurd"]
    assert (stand.toestand, [one.code for one in stand.geweigerd]) == (expected_state, refused)
    world.close()
