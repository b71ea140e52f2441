"""The jar with the rule books: which one (`artifact.lock`), and where it lies once it is fetched.

The same cache, checks and client as for the broker's jars: fetched at first use, checked by its hash at every start, and
from then on nothing touches the network. `python -m adapters.schematron.fetch` only fills the cache, for an image or a
machine that will be offline.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from topics.broker.distribution import Fetch, Jar, Lock, Report, default_cache, parse_lock, prepare
from topics.broker.errors import BrokerError
from topics.errors import Unavailable

ARTIFACT: Final = "phive-rules-simplerinvoicing"


@dataclass(frozen=True)
class RulesLock(Lock):
    """The rule books, kept beside the broker's jars in the same cache."""

    @property
    def jar(self) -> Jar:
        return next(jar for jar in self.jars if jar.artifact == ARTIFACT)

    @property
    def name(self) -> str:
        return f"{ARTIFACT}-{self.jar.version}-{self.digest[:8]}"

    @property
    def title(self) -> str:
        return f"official rules of invoices ({self.jar.coordinate})"


def read_lock() -> RulesLock:
    """The lock of this release."""
    found = parse_lock(files("adapters.schematron").joinpath("artifact.lock").read_text(encoding="ascii"))
    return RulesLock(found.jars, found.digest)


def jar_path(cache: Path | None = None, fetch: Fetch | None = None) -> Path:
    """The jar, fetched and checked. Raises Unavailable, with what to do: no message is valid without it."""
    lock = read_lock()
    try:
        home = prepare(cache or default_cache(), lock, fetch or _by_jgo, _tell)
    except BrokerError as error:
        raise Unavailable(f"the official rules of invoices are not at hand ({error.code}): {error}") from error
    return home / "jars" / lock.jar.file_name


def _tell(line: str) -> None:
    """On standard error: standard output may be somebody's answer, as in a check."""
    print(line, file=sys.stderr)


def _by_jgo(jars: Sequence[Jar], into: Path, report: Report) -> None:
    from topics.broker.registry import fetch

    fetch(jars, into, report)
