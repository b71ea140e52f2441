"""What a changed mapping, norm or profile changes in the inbox of samples, and what it does not."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

from chain.kalender import micros
from chain.verschil.kengetal import kengetallen
from chain.verschil.onderling import onderling
from chain.verschil.rapport import Kengetal, Regel, Sectie, Soort
from chain.verschil.uitkomst import Uitkomst
from chain.verschil.vergelijk import secties, verantwoording
from tests.unit.verschil import opname
from topics.play.player import Player
from topics.play.sources import in_order, survey
from topics.profile.registry import Registry

CLIENT, CONTRACTOR = "zilverlinde", "tegendraad"
READY = '"80" = { code = "TGE", voorbeeld = "80: werk klaar, bewoner tekende af" }\n'
NORM = 'waarde = "15"\nwaarschuwen = "0.8"'
Changes = Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def without_word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tegendraad's profile does not know its word for TGE."""
    return opname.profiles(tmp_path_factory.mktemp("zonder"), {CONTRACTOR: {READY: ""}})


@pytest.fixture(scope="module")
def as_is(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return opname.profiles(tmp_path_factory.mktemp("zoals"))


@cache
def outcome(profiles: Path) -> Uitkomst:
    found = Uitkomst()
    player = Player(Registry.load(profiles), survey(opname.inbox()), opname.PARTITIONS, found.add)
    for record in in_order(opname.inbox()):
        player.feed(record)
    player.finish()
    return found


def compared(old: Path, new: Path) -> dict[str, Sectie]:
    return {one.naam: one for one in secties(outcome(old), outcome(new), peil(), None)}


def figures(old: Path, new: Path) -> tuple[Kengetal, ...]:
    both = (Registry.load(old), Registry.load(new))
    return kengetallen(outcome(old).maten().values(), outcome(new).maten().values(), both, peil())


def peil() -> int:
    last = survey(opname.inbox()).tot
    assert last is not None
    return micros(last)


def changed(lines: Iterable[Regel]) -> set[str]:
    """Paths of the fields that differ."""
    return {veld.pad for line in lines for veld in line.velden}


# nothing


def test_nothing_differs_when_both_sides_have_the_same_profiles(as_is: Path) -> None:
    found = compared(as_is, as_is)
    assert {name: one.tellingen for name, one in found.items() if one.tellingen} == {}
    assert all(one.oud == one.nieuw == one.gelijk > 0 for one in found.values())
    assert figures(as_is, as_is) == ()


def test_nothing_differs_when_only_the_hash_of_a_profile_does(as_is: Path, tmp_path: Path) -> None:
    """The client writes another example beside a word: its orders carry the hash of that."""
    renamed = {CLIENT: {"Verzonden: opdracht staat klaar voor de aannemer": "Verzonden: de aannemer kan hem ophalen"}}
    other = opname.profiles(tmp_path, renamed)
    hashes = [one.inhoud for one in outcome(as_is).gebeurtenissen.values()]
    assert hashes != [one.inhoud for one in outcome(other).gebeurtenissen.values()]
    assert {name: one.tellingen for name, one in compared(as_is, other).items() if one.tellingen} == {}


# a word


def test_a_word_that_is_mapped_anew_solves_its_dead_letters_and_changes_lead_times(
    without_word: Path, as_is: Path
) -> None:
    found = compared(without_word, as_is)
    solved = [line for line in found["uitval"].regels if line.soort is Soort.OPGELOST]
    assert len(solved) >= 4
    assert {line.wat for line in solved} == {"onbekende-code"}
    assert {line.partner for line in solved} == {CONTRACTOR}
    assert {(veld.oud, veld.nieuw) for line in solved for veld in line.velden if veld.pad == "rekening"} >= {
        ("uitval", "toegepast")
    }
    ready = [line for line in found["gebeurtenissen"].regels if line.soort is Soort.NIEUW]
    assert {("code", "TGE")} <= {(veld.pad, veld.nieuw) for line in ready for veld in line.velden}
    assert {line.dossier for line in solved} <= {line.dossier for line in found["dossiers"].regels}
    closed = {
        (line.wat, veld.oud, veld.nieuw)
        for line in found["doorlooptijden"].regels
        for veld in line.velden
        if veld.pad == "stand"
    }
    assert ("technisch-gereed", "open", "gesloten") in closed
    assert {one.maat for one in figures(without_word, as_is)} >= {"technisch-gereed"}


def test_a_word_that_is_taken_away_brings_new_dead_letters_with_the_reason(without_word: Path, as_is: Path) -> None:
    found = compared(as_is, without_word)["uitval"]
    new = [line for line in found.regels if line.soort is Soort.NIEUW]
    assert len(new) == found.nieuw - found.oud
    assert {(veld.oud, veld.nieuw) for line in new for veld in line.velden if veld.pad == "reden"} == {
        (None, "onbekende-code")
    }
    codes = [veld.nieuw or "" for line in new for veld in line.velden if veld.pad == "bevindingen"]
    assert len(codes) == len(new)
    assert all("status-onbekend" in one for one in codes)


def test_a_word_that_means_another_code_changes_events_and_not_what_was_looked_up(as_is: Path, tmp_path: Path) -> None:
    other = opname.profiles(tmp_path, {CONTRACTOR: {'"80" = { code = "TGE"': '"80" = { code = "OND"'}})
    found = compared(as_is, other)
    lines = [line for line in found["gebeurtenissen"].regels if line.soort is Soort.GEWIJZIGD]
    assert {(one.pad, one.oud, one.nieuw) for line in lines for one in line.velden} == {("code", "TGE", "OND")}
    (group,) = found["gebeurtenissen"].groepen
    assert group.aantal == len(lines)
    assert found["voorwaarden"].tellingen == {}
    assert found["uitval"].tellingen == {}


# a norm


def test_a_changed_norm_changes_deadlines_and_what_is_within_norm_and_no_fact(as_is: Path, tmp_path: Path) -> None:
    short = opname.profiles(tmp_path, {CLIENT: {NORM: 'waarde = "2"\nwaarschuwen = "0.8"'}})
    found = compared(as_is, short)
    for name in ("gebeurtenissen", "uitval", "facturen", "verantwoording"):
        assert found[name].tellingen == {}, name
    assert changed(found["voorwaarden"].regels) == {"voorwaarden.normen.technisch-gereed.waarde"}
    measures = found["doorlooptijden"].regels
    assert {line.wat for line in measures} == {"technisch-gereed"}
    assert changed(measures) <= {"deadline", "binnen norm", "bevindingen"}
    assert {(veld.oud, veld.nieuw) for line in measures for veld in line.velden if veld.pad == "binnen norm"} & {
        ("ja", "nee"), (None, "nee")
    }  # fmt: skip
    late = [line for line in found["signalen"].regels if line.wat == "norm-overschreden: technisch-gereed"]
    assert {line.soort for line in late} == {Soort.NIEUW}
    assert {(one.maat, one.oud.n) for one in figures(as_is, short)} == {
        (one.maat, one.nieuw.n) for one in figures(as_is, short)
    }


# the account


def test_the_account_holds_the_same_parts_on_both_sides_in_other_places(without_word: Path, as_is: Path) -> None:
    rows = verantwoording(outcome(without_word), outcome(as_is))
    assert sum(one.oud for one in rows) == sum(one.nieuw for one in rows) > 100
    moved = {(one.partner, one.rekening): one.nieuw - one.oud for one in rows if one.oud != one.nieuw}
    assert moved[(CONTRACTOR, "uitval")] < 0 < moved[(CONTRACTOR, "toegepast")]
    assert sum(moved.values()) == 0


# bounded, and in order


def test_lines_are_bounded_counted_and_in_the_same_order_however_they_were_found(
    without_word: Path, as_is: Path
) -> None:
    whole = {one.naam: one for one in secties(outcome(without_word), outcome(as_is), peil(), None)}
    few = {one.naam: one for one in secties(outcome(without_word), outcome(as_is), peil(), 2)}
    for name, one in whole.items():
        assert few[name].regels == one.regels[:2]
        assert few[name].weggelaten == max(0, len(one.regels) - 2)
        assert few[name].tellingen == one.tellingen
        assert sum(one.tellingen.values()) == len(one.regels)


# what dossiers told each other


def told(**counts: int) -> Uitkomst:
    """`status_a=2`: dossier a was told of a status twice."""
    found = Uitkomst()
    for name, count in counts.items():
        kind, _, dossier = name.partition("_")
        found.onderling[(f"onderhoud.{kind}", dossier)] = count
    return found


def test_the_remark_names_only_kinds_that_differ_when_dossiers_told_each_other_something_else() -> None:
    old, new = told(factuurdeel_a=2, status_b=1), told(factuurdeel_a=3, status_b=1)
    assert onderling(old, new) == "Wat dossiers elkaar meldden verschilt: factuurdeel 2 → 3."


def test_the_remark_says_that_other_dossiers_were_told_when_the_counts_are_equal() -> None:
    old, new = told(factuurdeel_a=2, factuurdeel_b=1, status_a=4), told(factuurdeel_a=1, factuurdeel_c=2, status_a=4)
    expected = "Wat dossiers elkaar meldden verschilt: factuurdeel (3) anders verdeeld over 3 dossiers."
    assert onderling(old, new) == expected


def test_there_is_no_remark_when_a_count_of_zero_stands_on_one_side_only() -> None:
    assert onderling(told(status_a=0, status_b=2), told(status_b=2)) is None
