"""The inbox comes out as its companion files say, and the verdict notices when it does not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapters.demo import verdict
from adapters.demo.inbox import DossierEinde, Einde, Sample, load
from tests.unit.demo.play import Play
from topics.documents import Account, Reden
from topics.documents.keten import AanZet, Stand

KEY = "onderhoud/opdracht/8799999000017/ZL-26-1002"
LATE = "onderhoud/opdracht/8799999000017/ZL-26-1004"

SAMPLES, EINDE = load()


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    played = Play(tmp_path_factory.mktemp("play"))
    played.week(SAMPLES, EINDE.einde)
    yield played
    played.close()


def of_messages(play: Play, samples: tuple[Sample, ...] = SAMPLES) -> list[str]:
    return [line for sample in samples for line in verdict.of_message(sample, play.delivered, play.stand(sample))]


def test_every_message_dossier_measure_and_signal_is_as_its_companion_says(play: Play) -> None:
    assert of_messages(play) + verdict.of_dossiers(play.engine, EINDE) + verdict.of_account(play.engine) == []


# the verdict


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": (Account.DUBBEL,)},
        {"reden": Reden.STRIJDIG},
        {"bevindingen": ("nergens-gevonden",)},
        {"antwoord": 415},
        {"herhaling_van": SAMPLES[1].naam},
    ],
)
def test_message_that_came_out_otherwise_is_named(play: Play, wrong: dict[str, object]) -> None:
    sample = SAMPLES[0].model_copy(update={"verwacht": SAMPLES[0].verwacht.model_copy(update=wrong)})
    (line,) = of_messages(play, (sample,))
    assert line.startswith(f"{sample.naam}: ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"toestand": "geannuleerd"},
        {"aan_zet": AanZet.HUURDER},
        {"feiten": 9},
        {"wachtend": 1},
        {"onvolledig": 1},
        {"buiten_beschouwing": 1},
        {"signalen": ("beoordelen",)},
        {"ingetrokken": ("norm-overschreden:acceptatie",)},
        {"maten": {}},
    ],
)
def test_dossier_that_came_out_otherwise_is_named(play: Play, wrong: dict[str, object]) -> None:
    (line,) = verdict.of_dossiers(play.engine, changed(EINDE.dossiers[KEY].model_copy(update=wrong)))
    assert line.startswith(f"{KEY}: ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"stand": Stand.OPEN},
        {"werkdagen": 5},
        {"deadline": EINDE.einde + timedelta(seconds=1)},
        {"netto_uren": 78.5},
        {"aan_zet_uren": {AanZet.AANNEMER: 102.0}},
        {"gepauzeerd": True},
        {"voorlopig": True},
        {"bevindingen": ("eind-voor-begin",)},
    ],
)
def test_measure_that_came_out_otherwise_is_named(play: Play, wrong: dict[str, object]) -> None:
    expected = EINDE.dossiers[KEY]
    measure = expected.maten["technisch-gereed"].model_copy(update=wrong)
    maten = {**expected.maten, "technisch-gereed": measure}
    (line,) = verdict.of_dossiers(play.engine, changed(expected.model_copy(update={"maten": maten})))
    assert line.startswith(f"{KEY}: technisch-gereed: ")


def test_dossier_too_many_or_too_few_is_named(play: Play) -> None:
    fewer = {key: dossier for key, dossier in EINDE.dossiers.items() if key != LATE}
    more = {**fewer, "onderhoud/opdracht/8799999000017/NERGENS": EINDE.dossiers[LATE]}
    lines = verdict.of_dossiers(play.engine, EINDE.model_copy(update={"dossiers": more}))
    assert lines == [
        "onderhoud/opdracht/8799999000017/NERGENS: found no dossier",
        f"{LATE}: a dossier that no companion expects",
    ]


def changed(dossier: DossierEinde) -> Einde:
    return EINDE.model_copy(update={"dossiers": {**EINDE.dossiers, KEY: dossier}})
