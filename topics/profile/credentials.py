"""The partners' bearer keys: 256 random bits each, of which only the SHA-256 is kept (`<data>/sleutels.json`).

A partner may have several keys at once: a new one is made while the old one stays valid for an overlap. Looking a
bearer up by its digest leaks nothing by timing, because whoever asks cannot steer the digest.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from topics.errors import ConfigurationError

PREFIX = "kb_"
"""Begins every key, so that a scanner for leaked secrets can know it."""


class Key(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key of a partner. Times are aware; valid until `geldig_tot` (not included), for ever when absent."""

    partner: str
    sha256: str
    gemaakt: datetime
    geldig_tot: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.geldig_tot is None or now < self.geldig_tot


class _File(msgspec.Struct, frozen=True, kw_only=True):
    sleutels: tuple[Key, ...] = ()


class Credentials:
    """All keys, immutable: `issue` and `revoke` give a new object, `save` writes it."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = tuple(keys)
        self._by_digest = {key.sha256: key for key in self._keys}

    @classmethod
    def load(cls, path: Path) -> "Credentials":
        """The keys in `path`, none when it does not exist. Raises ConfigurationError when it cannot be read."""
        try:
            return cls(msgspec.json.decode(path.read_bytes(), type=_File).sleutels)
        except FileNotFoundError:
            return cls()
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigurationError(f"keys {path}: {error}; expected what `ketenbus partner sleutel` wrote") from error

    def save(self, path: Path) -> None:
        """Write the keys in one move; only the owner may read the file."""
        write_private(path, json.dumps(msgspec.to_builtins(_File(sleutels=self._keys)), indent=2).encode() + b"\n")

    def partner_of(self, bearer: str, now: datetime) -> str | None:
        """The partner whose valid key `bearer` is."""
        key = self._by_digest.get(_digest(bearer))
        return key.partner if key is not None and key.valid(now) else None

    def keys(self, partner: str) -> tuple[Key, ...]:
        """All keys of `partner`, expired ones included, oldest first."""
        return tuple(key for key in self._keys if key.partner == partner)

    def partners(self) -> tuple[str, ...]:
        """Who has or had a key, in alphabetical order."""
        return tuple(sorted({key.partner for key in self._keys}))

    def issue(self, partner: str, now: datetime, old_until: datetime) -> tuple["Credentials", str]:
        """With a new key for `partner`, and that key, which is nowhere else; its other keys end at `old_until`."""
        bearer = PREFIX + secrets.token_urlsafe(32)
        kept = self._limited(partner, old_until)
        return Credentials((*kept, Key(partner=partner, sha256=_digest(bearer), gemaakt=now))), bearer

    def revoke(self, partner: str, now: datetime) -> "Credentials":
        """With every key of `partner` ended."""
        return Credentials(self._limited(partner, now))

    def _limited(self, partner: str, until: datetime) -> list[Key]:
        return [
            msgspec.structs.replace(key, geldig_tot=min(until, key.geldig_tot or until))
            if key.partner == partner
            else key
            for key in self._keys
        ]


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one move, readable by its owner only (mode 600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _digest(bearer: str) -> str:
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()
