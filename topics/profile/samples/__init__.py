"""Sample partners: two corporaties, four aannemers and a subcontractor, all made up.

`make run` and the tests stand on them. Their GLNs have right check digits and no owner; their words, terms and norms are examples, not anybody's.
"""

import shutil
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
"""A folder for `Registry.load`; read only."""


def install(folder: Path) -> None:
    """Copy the sample profiles to `folder`; versions that are there already stay as they are."""
    for path in sorted(FOLDER.glob("*/*.toml")):
        target = folder / path.parent.name / path.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
