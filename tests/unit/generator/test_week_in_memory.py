"""A generated week played in memory, by the same processors as on Kafka, comes out as the generator's ledger says."""

from pathlib import Path

import pytest

from adapters.demo import agreement
from adapters.generator.week import Week, maak
from tests.unit.demo.play import Play


def played(week: Week, folder: Path) -> Play:
    play = Play(folder)
    at = None
    for number, bericht in enumerate(week.berichten):
        if bericht.op != at:
            play.handled()
            for moment in week.grootboek.momenten:
                if (at is None or moment > at) and moment <= bericht.op:
                    play.tick(moment)
            at = bericht.op
        delivered = play.hand_over(
            bericht.naam, bericht.partner, bericht.op, bericht.inhoud, bericht.inhoudstype, number
        )
        play.delivered[bericht.naam] = delivered
    play.handled()
    for moment in week.grootboek.momenten:
        if at is None or moment > at:
            play.tick(moment)
    play.handled()
    return play


@pytest.mark.parametrize("seed", [1, 2])
def test_every_message_dossier_measure_and_signal_is_as_the_ledger_says(tmp_path: Path, seed: int) -> None:
    week = maak(60, seed)
    play = played(week, tmp_path)
    try:
        stands = {
            one.naam: stand
            for one in week.berichten
            if one.herhaling_van is None and (stand := play.stand_of(one.naam, one.partner)) is not None
        }
        found = [*agreement.of_messages(week.grootboek.berichten, stands)]
        found += agreement.of_dossiers(play.engine, week.grootboek.dossiers, ())
        answers = {name: delivered.antwoord for name, delivered in play.delivered.items()}
        assert answers == {name: verwacht.antwoord for name, verwacht in week.grootboek.berichten.items()}
        assert not found, "\n".join(agreement.shown(found))
    finally:
        play.close()
