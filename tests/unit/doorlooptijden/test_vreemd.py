"""A foreign log between two activities: which pairs, which figures, and what the command says and answers."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from chain.doorlooptijden.command import doorlooptijden
from chain.doorlooptijden.vreemd import Paren
from topics.errors import Refused

Run = Callable[..., Result]
app = typer.Typer()
app.command()(doorlooptijden)

# five cases that begin on Monday 2 March 2026 at nine: ready after 1, 2, 3 and 4 days, and one that is still open
ROWS = ["Zaak,Activiteit,Tijdstip"] + [
    row
    for day in range(1, 6)
    for row in (
        f"Z{day},Melding,2026-03-02T09:00",
        f"Z{day},Gepland,2026-03-02T10:00",
        *([f"Z{day},Gereed,2026-03-0{2 + day}T09:00"] if day < 5 else []),
    )
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([*ROWS, "Z9,Gepland,2026-03-09T09:00"]))
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False)

    return invoke


def figures(run: Run, log: Path, *options: str, van: str = "Melding", tot: str = "Gereed") -> dict[str, object]:
    result = run("--log", str(log), "--van", van, "--tot", tot, "--json", *options)
    assert result.exit_code == 0, result.output
    [line] = json.loads(result.stdout)["regels"]
    assert isinstance(line, dict)
    return line


# ---------------------------------------------------------------- pairs


def pairs(van: str, tot: str, *events: tuple[str, int]) -> list[tuple[int, int | None]]:
    found = Paren(van, tot)
    for activity, at in events:
        found.add("Z", activity, at)
    found.close()
    return list(found)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
def test_a_case_runs_from_the_first_begin_to_the_first_end_behind_it_in_any_order(order: list[int]) -> None:
    events = [("B", 1), ("A", 2), ("A", 5), ("B", 7), ("B", 9)]
    assert pairs("A", "B", *(events[index] for index in order)) == [(2, 7)]


def test_one_activity_for_both_runs_from_its_first_to_its_second_time() -> None:
    assert pairs("A", "a", ("A", 9), ("A", 2), ("A", 5)) == [(2, 5)]
    assert pairs("A", "A", ("A", 9)) == [(9, None)]


def test_activities_are_the_same_whatever_their_case_and_spaces() -> None:
    assert pairs("in  behandeling", "GEREED", ("In behandeling ", 1), ("gereed", 2)) == [(1, 2)]


@given(
    st.lists(st.tuples(st.sampled_from("XYZ"), st.sampled_from("AB"), st.integers(0, 30)), max_size=40),
    st.sampled_from([("A", "B"), ("A", "A")]),
)
def test_every_case_is_measured_or_counted_as_without_begin(
    events: list[tuple[str, str, int]], names: tuple[str, str]
) -> None:
    found = Paren(*names)
    for case, activity, at in events:
        found.add(case, activity, at)
    found.close()
    expected = []
    for case in {case for case, _, _ in events}:
        begins = sorted(at for one, activity, at in events if one == case and activity == names[0])
        ends = sorted(at for one, activity, at in events if one == case and activity == names[1])
        if begins:
            later = ends[1:] if names[0] == names[1] else [at for at in ends if at >= begins[0]]
            expected.append((begins[0], later[0] if later else None))
    assert sorted(found, key=str) == sorted(expected, key=str)
    touched = {case for case, activity, _ in events if activity in names}
    assert len(found) + found.zonder_begin == len(touched)


# ---------------------------------------------------------------- figures


def test_figures_of_a_log_are_those_by_hand(run: Run, log: Path) -> None:
    """Of five begun 1, 2, 3 and 4 days took it; the fifth is open since 7 days: p50 is 3 days, p90 is not reached."""
    found = figures(run, log, "--norm", "2wd")
    assert (found["n"], found["open"]) == (5, 1)
    assert found["p50"] == {
        "bruto_seconden": {"waarde": 3 * 86_400, "bereikt": True},
        "netto_seconden": None,
        "bruto_werkdagen": {"waarde": 3, "bereikt": True},
    }
    assert found["p90"] == {
        "bruto_seconden": {"waarde": 7 * 86_400, "bereikt": False},
        "netto_seconden": None,
        "bruto_werkdagen": {"waarde": 5, "bereikt": False},
    }
    assert found["norm"] == {"gevallen": 5, "gehaald": 2, "zonder_norm": 0}


def test_a_norm_in_hours_and_a_day_that_is_not_worked(run: Run, log: Path) -> None:
    assert figures(run, log, "--norm", "48u")["norm"] == {"gevallen": 5, "gehaald": 2, "zonder_norm": 0}
    found = figures(run, log, "--norm", "2wd", "--vrij", "2026-03-03")
    assert found["norm"] == {"gevallen": 5, "gehaald": 3, "zonder_norm": 0}


def test_as_it_was_then_later_events_have_not_happened(run: Run, log: Path) -> None:
    found = figures(run, log, "--stand-per", "2026-03-04", "--norm", "3wd")
    assert (found["n"], found["open"]) == (5, 3)
    assert found["norm"] == {"gevallen": 0, "gehaald": 0, "zonder_norm": 0}


def test_a_period_is_of_what_began_in_it(run: Run, log: Path) -> None:
    assert figures(run, log, "--periode-van", "2026-03-02", "--periode-tot", "2026-03-02")["n"] == 5
    assert figures(run, log, "--periode-van", "2026-03-03")["n"] == 0


def test_a_spreadsheet_gets_commas_and_what_is_beyond(run: Run, log: Path) -> None:
    result = run("--log", str(log), "--van", "Melding", "--tot", "Gereed", "--norm", "2wd", "--csv")
    [row] = csv.DictReader(io.StringIO(result.stdout), delimiter=";")
    assert (row["n"], row["p50_dagen"], row["p50_uren"], row["p90_dagen"]) == ("5", "3", "72,0", ">5")
    assert (row["binnen_norm_procent"], row["stand_per"]) == ("40,0", "2026-03-09 09:00")


def test_a_name_in_a_log_cannot_become_a_formula(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("zaak;activiteit;tijd\nZ;=1+1;2026-03-02\nZ;B;2026-03-03\n")
    output = run("--log", str(path), "--van", "=1+1", "--tot", "B", "--csv").stdout
    assert ";'=1+1 → B;" in output


# ---------------------------------------------------------------- what the command says


def test_a_person_sees_figures_and_how_the_log_was_read(run: Run, log: Path) -> None:
    result = run("--log", str(log), "--van", "melding", "--tot", "gereed", "--norm", "2wd")
    assert result.exit_code == 0
    assert "3 wd" in result.output
    assert "> 168,0 u" in result.output
    assert "2 van 5" in result.output
    assert "zaak = Zaak, activiteit = Activiteit, tijd = Tijdstip" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


def test_rows_that_were_not_counted_are_told_and_make_it_fail(run: Run, log: Path) -> None:
    log.write_text(log.read_text() + "\nZ8,Melding,gisteren\nZ8,Gereed,2026-03-02T09:00,en meer")
    result = run("--log", str(log), "--van", "Melding", "--tot", "Gereed")
    assert result.exit_code == 1
    assert "line 17: Tijdstip: found 'gisteren', expected a moment" in result.stderr
    assert "line 18: row: found '4 fields', expected 3 fields" in result.stderr
    assert "2 of 17 rows not counted" in result.stderr
    assert "3 wd" in result.stdout
    found = json.loads(run("--log", str(log), "--van", "Melding", "--tot", "Gereed", "--json").stdout)["log"]
    assert (found["gebeurtenissen"], found["afgewezen"], len(found["eerste"])) == (15, 2, 2)


def test_an_activity_of_rows_that_could_not_be_read_is_not_just_called_absent(run: Run, log: Path) -> None:
    log.write_text(log.read_text() + "\nZ5,Opgeleverd,gisteren")
    with pytest.raises(Refused, match=r"--tot: found 'Opgeleverd'.*; 1 rows refused, the first: .*'gisteren'"):
        run("--log", str(log), "--van", "Melding", "--tot", "Opgeleverd")


def test_what_has_no_begin_or_only_an_earlier_end_is_told(run: Run, log: Path) -> None:
    log.write_text(log.read_text() + "\nZ7,Gereed,2026-03-02T09:00\nZ5,Gereed,2026-03-01T09:00")
    output = run("--log", str(log), "--van", "Melding", "--tot", "Gereed").output
    assert "1 zaken hebben wel een 'Gereed' maar geen 'Melding'" in output
    assert "1 zaken hebben alleen een 'Gereed' van voor hun 'Melding'" in output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--van", "2026-03-01", "--tot", "Gereed"], r"--van: .*expected an activity .*Gepland.*--periode-van"),
        (["--van", "Melding", "--tot", "Klaar"], r"--tot: found 'Klaar'.*Melding"),
        (["--van", "Melding"], "give --van ACTIVITY and --tot ACTIVITY; with --log the period is --periode-van"),
        (["--van", "Melding", "--tot", "Gereed", "--maat", "acceptatie"], "--maat is about the bus"),
        (["--van", "Melding", "--tot", "Gereed", "--norm", "5 dagen"], "--norm: .*5wd"),
        (["--van", "Melding", "--tot", "Gereed", "--norm", "2,5wd"], "--norm"),
        (["--van", "Melding", "--tot", "Gereed", "--vrij", "Pasen"], "--vrij: .*2026-03-01"),
        (["--van", "Melding", "--tot", "Gereed", "--periode-tot", "maart"], "--periode-tot: .*a day"),
        (["--van", "Melding", "--tot", "Gereed", "--stand-per", "2020-01-01"], "--stand-per"),
        (["--van", "Melding", "--tot", "Gereed", "--csv", "--json"], "expected one of them"),
    ],
)
def test_options_that_do_not_fit_say_which_and_what_does(run: Run, log: Path, options: list[str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        run("--log", str(log), *options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--van", "Melding"], "--van: found 'Melding', expected a day .*go with --log"),
        (["--van", "2026-03-09", "--tot", "2026-03-02"], "--tot: found 2026-03-02"),
        (["--periode-van", "2026-03-01"], "--periode-van goes with --log; without --log the period is --van and --tot"),
        (["--norm", "5wd", "--kolom-tijd", "x"], "--norm, --kolom-tijd goes with --log"),
        (["--stand-per", "2199-01-01"], "--stand-per: .*a moment in the past"),
        (["--keten", "energie"], "--keten: .*onderhoud"),
        (["--partner", "nobody"], "--partner: found 'nobody'"),
    ],
)
def test_without_a_log_they_are_about_the_bus(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str], says: str
) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    with pytest.raises(Refused, match=says):
        run(*options)
