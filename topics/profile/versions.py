"""The index of published versions, `versies.json`: a version that was used once is never changed (DESIGN 3).

It names per partner and version the SHA-256 of what the file says (comments and layout do not count). A worker that
starts publishes what it loads; from then on a change is a new version.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from topics.errors import ConfigurationError

INDEX = "versies.json"

Index = dict[str, dict[str, str]]


def digest(fields: Mapping[str, object]) -> str:
    """SHA-256 (hex) of a parsed profile file, the same for any order of keys."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()


def read_index(folder: Path) -> Index:
    """The index of `folder`, empty when there is none. Raises ConfigurationError when it is not what was written."""
    path = folder / INDEX
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}; expected the index that a worker wrote") from error
    if not isinstance(found, dict) or not all(isinstance(versions, dict) for versions in found.values()):
        raise ConfigurationError(f"{path}: expected an object of partners, each with its versions; restore it")
    return found


def write_index(folder: Path, index: Index) -> None:
    """Replace the index in one move, so that a reader sees the old or the new one."""
    temporary = folder / f".{INDEX}.{os.getpid()}"
    temporary.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(temporary, folder / INDEX)
