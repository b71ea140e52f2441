"""The last result of `make chaos` as figures, kept in the repository beside the tests that made it."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
Figures = dict[str, str | int | float | list[str]]


class Results:
    """One entry per run; a partial run changes only its own."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._json, self._page = folder / "RESULTS.json", folder / "RESULTS.md"

    def note(self, run: str, figures: Figures) -> None:
        found: dict[str, Figures] = json.loads(self._json.read_text()) if self._json.exists() else {}
        found[run] = {"at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), "python": platform.python_version()} | figures
        self._json.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n")
        self._page.write_text(page(found))


def page(results: dict[str, Figures]) -> str:
    """The same for people."""
    lines = ["# The last result of `make chaos`", "", "Written by the tests; do not edit.", "", "## Runs", ""]
    for run, figures in sorted(results.items()):
        if not run.startswith("mutant "):
            lines += [f"### {run}", "", "| figure | value |", "|---|---|"]
            lines += [f"| {name} | {_cell(value)} |" for name, value in figures.items()]
            lines.append("")
    lines += [
        "## Broken rules",
        "",
        "Each must be noticed.",
        "",
        "| mutant | rule that it breaks | noticed as |",
        "|---|---|---|",
    ]
    for run, figures in sorted(results.items()):
        if run.startswith("mutant "):
            lines.append(f"| {run.removeprefix('mutant ')} | {figures['rule']} | {_cell(figures['noticed'])} |")
    return "\n".join(lines) + "\n"


def _cell(value: str | float | list[str]) -> str:
    if isinstance(value, list):
        return "; ".join(value) or "none"
    return str(value).replace("|", "\\|")
