"""The measure annulering of ONDERHOUD 2: from the request to cancel to the cancellation."""

import pytest

from tests.unit.chain.berichten import CORPORATIE, gespeeld, op, opdracht, status
from topics.documents.keten import Stand

# annulering: VAN -> ANN


def test_annulering_runs_from_van_to_ann() -> None:
    bus = gespeeld([opdracht(), status("VAN", "di 10:00", door=CORPORATIE)])
    assert bus.maat("annulering").stand is Stand.OPEN
    bus.play(status("ANN", "wo 10:00"))
    found = bus.maat("annulering")
    assert (found.stand, found.begin, found.eind, found.eindcode) == (
        Stand.GESLOTEN,
        op("di 10:00"),
        op("wo 10:00"),
        "ANN",
    )


@pytest.mark.parametrize("code", ["AIN", "TGE", "AGE", "WEI"])
def test_annulering_vervalt_when_the_work_goes_on_or_ends_otherwise(code: str) -> None:
    bus = gespeeld([opdracht(), status("VAN", "di 10:00", door=CORPORATIE), status(code, "wo 10:00")])
    assert (bus.maat("annulering").stand, bus.maat("annulering").eind) == (Stand.VERVALLEN, op("wo 10:00"))


def test_second_request_to_cancel_begins_annulering_again() -> None:
    requests = [status("VAN", "di 10:00", door=CORPORATIE), status("AIN", "wo 10:00"), status("VAN", "do 10:00")]
    bus = gespeeld([opdracht(), *requests])
    assert [(one.revisie, one.stand) for one in bus.revisies("annulering")] == [
        (0, Stand.OPEN),
        (1, Stand.VERVALLEN),
        (2, Stand.OPEN),
    ]
    assert bus.maat("annulering").begin == op("do 10:00")


def test_ann_without_a_request_makes_no_annulering() -> None:
    assert gespeeld([opdracht(), status("ANN", "wo 10:00")]).revisies("annulering") == []
