"""A partner that floods, is suspended and is let in again."""

from collections.abc import Callable

from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import AANNEMER
from tests.unit.adapter.bus import Bus, contractor, flood
from tests.unit.adapter.messages import (
    RECEIVED,
    Canned,
    broken,
    part,
    status,
)
from topics.documents import ce_type, encode
from topics.documents.keten import Hervat
from topics.envelope import Envelope
from topics.metrics.state import minute
from topics.profile.registry import Registry
from topics.runtime.driver import Driver
from topics.runtime.step import Output


def lift(bus: Bus, partner: str = "kobalt-noord") -> None:
    document = Hervat(partner=partner, door="J. Beheer", reden="ERP hersteld")
    envelope = Envelope(id="h-1", source="beheer", type=ce_type(Hervat), time=RECEIVED, recorded_time=RECEIVED)
    bus.send(Output("ruw.aannemer.v1", partner.encode(), encode(document), envelope.headers()))


def test_a_partner_that_floods_is_suspended_once_and_its_raw_messages_are_still_handled(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 49)
    assert bus.suspensions() == []
    flood(bus, driver, 30, start=49)
    (found,) = bus.suspensions()
    assert found.glns == ("8799999000116", "8799999000123")
    assert (found.partner, found.actief, found.uitval, found.van) == ("kobalt-noord", True, 50, 50)
    assert "50 berichten achtereen" in found.oorzaak
    assert "ongeldig" in found.oorzaak
    assert len(bus.letters("aannemer")) == 79
    assert driver.facets() == {"opgeschort|kobalt-noord": 1, f"laatste|kobalt-noord|{minute(RECEIVED)}": 1}


def test_a_share_of_dead_letters_suspends_too(changed: Callable[[str, str, str], Registry]) -> None:
    limits = '[overstroming]\nvenster = 10\nminimaal = 10\naandeel = "0.3"\nachtereen = 9\n'
    registry = changed("kobalt-noord", "[statussen]", f"{limits}\n[statussen]")
    bus = Bus()
    canned = Canned()
    driver = Driver(AdapterProcessor(AANNEMER, registry, canned), bus)
    for number, good in enumerate([*[False] * 3, *[True] * 7, False]):
        canned.delen = (part(status("Vraag")) if good else broken(),)
        flood(bus, driver, 1, start=number)
        # three of the first ten, but the tenth was right: a flood begins with a dead letter
        assert bool(bus.suspensions()) == (number == 10)
    assert "3 van de laatste 10" in bus.suspensions()[0].oorzaak


def test_one_right_message_breaks_a_row_of_dead_letters(changed: Callable[[str, str, str], Registry]) -> None:
    limits = '[overstroming]\nvenster = 100\nminimaal = 5\naandeel = "1"\nachtereen = 5\n'
    registry = changed("kobalt-noord", "[statussen]", f"{limits}\n[statussen]")
    bus = Bus()
    canned = Canned()
    driver = Driver(AdapterProcessor(AANNEMER, registry, canned), bus)
    for number, good in enumerate([True, *[False] * 4, True, *[False] * 4]):
        canned.delen = (part(status("Vraag")) if good else broken(),)
        flood(bus, driver, 1, start=number)
    assert bus.suspensions() == []
    flood(bus, driver, 1, start=50)
    assert "5 berichten achtereen" in bus.suspensions()[0].oorzaak


def test_other_partners_are_counted_apart(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 30)
    flood(bus, driver, 30, "tegendraad", start=30)
    assert bus.suspensions() == []


def test_lifting_a_suspension_empties_the_window(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 60)
    lift(bus)
    flood(bus, driver, 49, start=100)
    assert driver.facets() == {f"laatste|kobalt-noord|{minute(RECEIVED)}": 1}
    suspended, lifted = bus.suspensions()
    assert (suspended.actief, lifted.actief) == (True, False)
    assert (lifted.door, lifted.oorzaak) == ("J. Beheer", "ERP hersteld")
    flood(bus, driver, 1, start=200)
    assert [one.actief for one in bus.suspensions()] == [True, False, True]
    assert len({envelope.id for envelope, _, _ in bus.seen("keten.opschorting.v1")}) == 3


def test_the_flood_survives_a_restart(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 30)
    driver.crash()
    flood(bus, driver, 30, start=30)
    assert len(bus.suspensions()) == 1
