"""The scripted morning holds together, and covers what it is there for."""

from collections import Counter
from pathlib import Path

import pytest

from adapters.demo import morning
from adapters.demo.inbox import load
from topics.documents import Account
from topics.errors import ConfigurationError

SCRIPT = morning.load()
SAMPLES, EINDE = load()
BY_NAME = {sample.naam: sample for sample in SAMPLES}


def test_every_decision_is_about_a_letter_of_the_inbox() -> None:
    named = [one.brief for one in SCRIPT.besluiten if one.brief is not None]
    assert {Account.UITVAL} == {account for name in named for account in BY_NAME[name].verwacht.status}
    assert Counter(named).most_common(1)[0][1] == 1


def test_every_message_that_a_decision_touches_has_an_outcome_and_no_other() -> None:
    touched = {one.brief for one in SCRIPT.besluiten if one.brief is not None}
    for one in SCRIPT.besluiten:
        if one.oorzaak is not None:
            touched |= {name for name, sample in BY_NAME.items() if sample.verwacht.reden is one.oorzaak}
    assert set(SCRIPT.berichten) == touched


def test_every_dossier_that_it_changes_is_one_of_the_inbox() -> None:
    assert set(SCRIPT.dossiers) <= set(EINDE.dossiers)
    assert [key for key, one in SCRIPT.dossiers.items() if one == EINDE.dossiers[key]] == []


def test_every_kind_of_decision_that_needs_no_new_profile_occurs_alone_and_with_a_second_person() -> None:
    assert {one.doe for one in SCRIPT.besluiten} == {"koppel", "vervang", "stuur", "retour", "afvoer"}
    assert any(one.oorzaak for one in SCRIPT.besluiten)
    second = [one for one in SCRIPT.besluiten if one.gekeurd_door is not None]
    assert any(one.brief for one in second)
    assert all(one.gekeurd_door != one.door for one in second)


def test_what_stands_after_it_is_what_stood_before_but_for_what_it_names() -> None:
    samples, einde = morning.after(SCRIPT, SAMPLES, EINDE)
    changed = {new.naam for old, new in zip(SAMPLES, samples, strict=True) if old != new}
    assert changed == set(SCRIPT.berichten)
    assert {key for key in EINDE.dossiers if einde.dossiers[key] != EINDE.dossiers[key]} == set(SCRIPT.dossiers)


def test_a_script_with_an_unknown_field_is_refused_with_its_name(tmp_path: Path) -> None:
    text = (morning.FOLDER / morning.SCRIPT).read_text("utf-8")
    (tmp_path / morning.SCRIPT).write_text(text.replace("waarom =", "warom =", 1), "utf-8")
    with pytest.raises(ConfigurationError, match=r"besluiten\.toml(.|\n)*warom"):
        morning.load(tmp_path)
