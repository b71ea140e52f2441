"""Where a bus of this machine is to be found: kept in its data folder, so that commands need not be told."""

import os
from pathlib import Path
from typing import Final

import msgspec

from topics.errors import ConfigurationError

FILE: Final = "adres.json"


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`bootstrap`: Kafka's address; `intake`: base URL."""

    bootstrap: str
    intake: str


def keep(folder: Path, address: Address) -> None:
    """Stays after the bus has stopped: then a command can say where it looked."""
    path = folder / FILE
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.encode(address))
    os.replace(temporary, path)


def kept(folder: Path) -> Address | None:
    """None where no bus ran yet. Raises ConfigurationError when the file is not what `keep` wrote."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Address)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path}: {error}; expected what `ketenbus run` writes there. Remove it, or start the bus once"
        ) from error
