"""The worked example of the README is what comes out."""

import io
from pathlib import Path

from rich.console import Console

import chain.verschil
from chain.verschil.rapport import Kant, Rapport
from chain.verschil.tabel import as_table
from chain.verschil.vergelijk import secties, verantwoording
from tests.unit.verschil import opname
from tests.unit.verschil.test_vergelijk import CONTRACTOR, figures, outcome, peil

README = Path(chain.verschil.__file__).parent / "README.md"
SIDE = Kant(naam="zoals het is", release="1", catalogus="", gespeeld=1, seconden=0)


def shown(tmp_path: Path) -> str:
    """The tables of the example, without the lines one by one."""
    old = opname.profiles(tmp_path / "oud")
    new = opname.profiles(tmp_path / "nieuw", {CONTRACTOR: {'"80" = { code = "TGE"': '"80" = { code = "OND"'}})
    sections = secties(outcome(old), outcome(new), peil(), None)
    report = Rapport(
        opname="", berichten=0, besluiten=0, tikken="", van="", tot="", oud=SIDE, nieuw=SIDE, secties=sections,
        kengetallen=figures(old, new), verantwoording=verantwoording(outcome(old), outcome(new)),
    )  # fmt: skip
    out = io.StringIO()
    Console(file=out, width=100).print(as_table(report, False, 25))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    first = next(n for n, line in enumerate(lines) if line.split()[:2] == ["oud", "nieuw"])
    last = next(n for n, line in enumerate(lines) if line.split() == ["wat", "waar", "verschil"])
    return "\n".join(lines[first:last]).rstrip()


def test_the_example_in_the_readme_is_what_comes_out(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    _, _, rest = text.partition("<!-- voorbeeld -->\n```\n")
    written, _, _ = rest.partition("\n```\n<!-- /voorbeeld -->")
    assert written == shown(tmp_path)
