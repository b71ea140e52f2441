"""Lifting a suspension: signed, and never under the key of a letter."""

import msgspec
import pytest

from tests.unit.besluit.test_four_eyes import sent_invoice
from tests.unit.besluit.world import ANNA, CONTRACTOR, START, World
from topics.documents.besluit import Besluit, Besluitsoort, Toestand

LIFTED = Besluit(
    brief=f"opschorting/{CONTRACTOR}", soort="hervat", door=ANNA, op=START, toelichting="ERP hersteld",
    naar="ruw.aannemer.v1", voor=CONTRACTOR,
)  # fmt: skip


def lifts(world: World) -> int:
    return [one.envelope().type for one in world.bus.records("ruw.aannemer.v1")].count("nl.ketenbus.hervat.v1")


async def test_a_suspension_is_lifted_each_time_that_it_is_asked(world: World) -> None:
    for times in (1, 2):
        await world.send_besluit(LIFTED)
        assert lifts(world) == times


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("door", " ", "zonder-naam"),
        ("toelichting", " ", "zonder-reden"),
        ("brief", "opschorting/zilverlinde", "past-niet"),
        ("brief", CONTRACTOR, "past-niet"),
        ("voor", None, "past-niet"),
        ("naar", "onderhoud.gebeurtenis.v1", "past-niet"),
    ],
)
async def test_it_is_signed_and_of_the_partner_that_it_names(
    world: World, field: str, value: str | None, code: str
) -> None:
    wrong = msgspec.structs.replace(LIFTED, **{field: value})
    await world.send_besluit(wrong)
    assert lifts(world) == 0
    stand = world.stand(wrong.brief)
    assert stand is not None
    assert (stand.toestand, [one.code for one in stand.geweigerd]) == (Toestand.OPEN, [code])


async def test_a_letter_that_waits_is_not_taken_for_decided_by_it(world: World) -> None:
    sent_invoice(world)
    brief = world.letter().id
    await world.decide(brief, Besluitsoort.RETOUR)
    await world.send_besluit(msgspec.structs.replace(LIFTED, brief=brief))
    stand = world.stand(brief)
    assert stand is not None
    assert (stand.toestand, stand.soort) == (Toestand.WACHT, "retour")
    assert lifts(world) == 0
    world.assert_balanced()
