"""The real things behind the ports: profiles and keys on disk, the view, Kafka's topic of suspensions."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from adapters.intake.ports import Caller, Key
from adapters.intake.suspensions import Suspensions
from topics.accounts import day_of
from topics.catalogue.declarations import OPSCHORTING
from topics.errors import ConfigurationError, Unavailable
from topics.kafka import open_reader
from topics.profile.credentials import Credentials
from topics.profile.credentials import Key as PartnerKey
from topics.profile.registry import Registry
from topics.view.queries import Queries
from topics.view.status import MessageStatus, Receipt

log = structlog.get_logger(__name__)

_VIEW_THREADS: Final = 4
_POLL: Final = 0.5
_BACK_OFF: Final = (0.2, 5.0)


Stamp = tuple[int, int, int]
"""Moment, size and number of a file: what tells that it is another."""


class Directory:
    """Who has which key and which profile is in force, as it stands on disk: `refresh` takes changes over, and so does a
    key that is not known yet."""

    def __init__(self, keys: Path, profiles: Path) -> None:
        """Raises ConfigurationError."""
        self._keys_path, self._profiles_path = keys, profiles
        self._seen = self._stamps()
        self._keys, self._profiles = Credentials.load(keys), Registry.load(profiles)

    def caller(self, bearer: str, now: datetime) -> Caller | None:
        """The id of a key is the beginning of its SHA-256, as it stands in the file of keys.

        A key that is not known may have been made just now: then the file of keys is another than the one that was read.
        A wrong key costs that look at one file and nothing is read, however many there are.
        """
        partner = self._keys.partner_of(bearer, now)
        if partner is None and _stamp(self._keys_path) != self._seen.get(self._keys_path):
            self.refresh()
            partner = self._keys.partner_of(bearer, now)
        if partner is None:
            return None
        profile = self._profiles.partner(partner, day_of(now))
        key = hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return Caller(partner, f"sleutel:{key}", profile.kind if profile is not None else None)

    def member(self, partner: str, now: datetime) -> Caller | None:
        """The partner itself, where something else than a key says who it is; None without a profile in force."""
        profile = self._profiles.partner(partner, day_of(now))
        return Caller(partner, "map", profile.kind) if profile is not None else None

    def partners(self) -> tuple[str, ...]:
        return tuple(self._profiles.partners())

    def keys(self) -> dict[str, tuple[PartnerKey, ...]]:
        """All keys of every partner that has or had one."""
        return {partner: self._keys.keys(partner) for partner in self._keys.partners()}

    def refresh(self) -> bool:
        """Whether something changed and was taken over. What is wrong is logged and the former stays in force: of keys
        and profiles apart, so that a mistake in a profile keeps no withdrawn key alive."""
        former, self._seen = self._seen, self._stamps()
        changed = {path for path in former | self._seen if former.get(path) != self._seen.get(path)}
        taken = False
        if self._keys_path in changed:
            try:
                self._keys, taken = Credentials.load(self._keys_path), True
            except ConfigurationError as error:
                log.error("keys stay as they were", error=str(error))
        if changed - {self._keys_path}:
            try:
                self._profiles, taken = Registry.load(self._profiles_path), True
            except ConfigurationError as error:
                log.error("profiles stay as they were", error=str(error))
        if taken:
            log.info("keys and profiles taken over", partners=len(self._profiles.partners()))
        return taken

    def _stamps(self) -> dict[Path, Stamp]:
        found = ((path, _stamp(path)) for path in (self._keys_path, *self._profiles_path.glob("*/*.toml")))
        return {path: stamp for path, stamp in found if stamp is not None}


def _stamp(path: Path) -> Stamp | None:
    """None when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


async def watch(directory: Directory, seconds: float) -> None:
    """Takes over new keys and profiles within `seconds`, for ever."""
    while True:
        await asyncio.sleep(seconds)
        directory.refresh()


class ViewReceipts:
    """The port `Receipts` on the view. What waits for the network goes to threads of its own."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._threads = ThreadPoolExecutor(_VIEW_THREADS, "view") if queries.blocking else None

    async def status(self, receipt: str, partner: str) -> MessageStatus | None:
        if self._threads is None:
            return self._queries.receipt_status(receipt, partner)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._queries.receipt_status, receipt, partner)

    async def since(self, partner: str, since: datetime, limit: int, after: str) -> list[MessageStatus]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._queries.receipts_since, partner, since, limit, after)

    async def first(self, keys: Sequence[Key], since: datetime) -> Mapping[Key, Receipt]:
        if self._threads is None:
            return self._first(keys, since)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._first, keys, since)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._queries.close()

    def _first(self, keys: Sequence[Key], since: datetime) -> dict[Key, Receipt]:
        found = ((key, self._queries.first_receipt(*key, since)) for key in keys)
        return {key: receipt for key, receipt in found if receipt is not None}


async def follow(bootstrap: str, suspensions: Suspensions) -> None:
    """Keeps `suspensions` as the topic says, for ever; while Kafka is away the last known stays in force."""
    wait, longest = _BACK_OFF
    while True:
        try:
            async with open_reader(bootstrap, [OPSCHORTING]) as reader:
                suspensions.begin()
                goal = await reader.ends()
                reading = True
                while True:
                    if reading and await reader.caught_up(goal):
                        suspensions.complete()
                        reading, wait = False, _BACK_OFF[0]
                    for record in await reader.poll(_POLL):
                        suspensions.apply(record)
        except Unavailable as error:
            log.warning("suspensions cannot be read", error=str(error), retry_seconds=wait)
            await asyncio.sleep(wait)
            wait = min(longest, wait * 2)
