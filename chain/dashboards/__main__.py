"""`python -m chain.dashboards [FOLDER]`: writes every board, by default to where Grafana is given them."""

import sys
from pathlib import Path
from typing import Final

from chain.dashboards.boards import files

FOLDER: Final = Path(__file__).resolve().parents[2] / "compose" / "grafana" / "dashboards"


def main(folder: Path) -> None:
    """Writes what differs, and removes a board that is no more."""
    wanted = files()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, "utf-8")
    print(f"{len(wanted)} boards in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
