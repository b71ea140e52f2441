"""The week as files: every message byte for byte, in which order they are sent, and the ledger."""

from pathlib import Path
from typing import Final

import msgspec

from adapters.generator.week import Week
from topics.errors import Refused

BERICHTEN: Final = "berichten"
VERZENDING: Final = "verzending.jsonl"
GROOTBOEK: Final = "grootboek.json"


def make_room(folder: Path) -> None:
    """Makes `folder`, which must be empty or absent: else Refused, also when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise Refused(f"{folder}: found {error.strerror}, expected a folder that can be made there") from error
    if taken:
        raise Refused(f"{folder}: found files there, expected an empty folder, or none")


def write(week: Week, folder: Path) -> None:
    """Writes into `folder`, which must be empty or absent: else Refused."""
    make_room(folder)
    (folder / BERICHTEN).mkdir()
    lines = []
    for bericht in week.berichten:
        suffix = "xml" if "xml" in bericht.inhoudstype else "json"
        name = f"{BERICHTEN}/{bericht.naam}.{suffix}"
        (folder / name).write_bytes(bericht.inhoud)
        line = {
            "bestand": name,
            "partner": bericht.partner,
            "op": bericht.op,
            "inhoudstype": bericht.inhoudstype,
            "formaat": bericht.formaat,
            "herhaling_van": bericht.herhaling_van,
            "fouten": bericht.fouten,
        }
        lines.append(msgspec.json.encode(line))
    (folder / VERZENDING).write_bytes(b"\n".join(lines) + b"\n")
    book = msgspec.json.encode(week.grootboek, enc_hook=str)
    (folder / GROOTBOEK).write_bytes(msgspec.json.format(book, indent=1) + b"\n")
