"""What was received before: a memory of this process's own receipts, and the view for all others (DESIGN 5).

The view lags behind Kafka, so that the memory answers for the last moments. Neither is a guarantee across processes
and outages: what slips through is caught by the dossier, which applies a message once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from adapters.intake.ports import Key, Receipts
from topics.clock.source import TimeSource
from topics.documents import Account
from topics.errors import Unavailable
from topics.view.status import PartStatus, Receipt

log = structlog.get_logger(__name__)

FAILED: Final = frozenset({Account.UITVAL, Account.TERUGGESTUURD, Account.AFGEVOERD})
_PAUSE: Final = 5.0


def may_come_again(parts: tuple[PartStatus, ...]) -> bool:
    """Whether the same bytes are a new message: all parts of the first one are uitval, teruggestuurd or afgevoerd."""
    return bool(parts) and all(part.account in FAILED for part in parts)


class Recent:
    """The last `limit` receipts of this process, the least recently used forgotten first."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit, self._window = limit, window
        self._by_key: OrderedDict[Key, Receipt] = OrderedDict()
        self._by_id: dict[str, Receipt] = {}

    def add(self, key: Key, receipt: Receipt) -> None:
        former = self._by_key.pop(key, None)
        if former is not None:
            del self._by_id[former.ontvangst]
        self._by_key[key] = receipt
        self._by_id[receipt.ontvangst] = receipt
        if len(self._by_key) > self._limit:
            _, oldest = self._by_key.popitem(last=False)
            del self._by_id[oldest.ontvangst]

    def same(self, key: Key, clock: TimeSource) -> Receipt | None:
        """The receipt of the same bytes of the same partner, if it is within the window."""
        receipt = self._by_key.get(key)
        if receipt is None or receipt.ontvangen is None or clock.now() - receipt.ontvangen > self._window:
            return None
        self._by_key.move_to_end(key)
        return receipt

    def by_id(self, receipt: str, partner: str) -> Receipt | None:
        found = self._by_id.get(receipt)
        return found if found is not None and found.partner == partner else None

    def __len__(self) -> int:
        return len(self._by_key)


class FirstReceipts:
    """Asks the view for earlier receipts, all requests that wait at one moment in one question.

    A view that is away or slower than `seconds` holds nobody up: the answer is then None, also for the next five
    seconds without asking, and `unknown` counts it.
    """

    def __init__(self, receipts: Receipts, clock: TimeSource, window: timedelta, seconds: float) -> None:
        self._receipts, self._clock, self._window, self._seconds = receipts, clock, window, seconds
        self._waiting: list[Key] = []
        self._asking: asyncio.Task[Mapping[Key, Receipt]] | None = None
        self._next: asyncio.Task[Mapping[Key, Receipt]] | None = None
        self._paused_until = 0.0
        self.unknown = 0

    async def first(self, key: Key) -> Receipt | None:
        """The receipt that holds for these bytes already, None when there is none or the view cannot say."""
        if asyncio.get_running_loop().time() < self._paused_until:
            self.unknown += 1
            return None
        self._waiting.append(key)
        if self._next is None:
            self._next = asyncio.create_task(self._ask(self._asking))
        return (await self._next).get(key)

    async def _ask(self, former: asyncio.Task[Mapping[Key, Receipt]] | None) -> Mapping[Key, Receipt]:
        if former is not None and not former.done():
            await asyncio.wait([former])
        keys, self._waiting = self._waiting, []
        self._asking, self._next = self._next, None
        return await self._found(keys)

    async def _found(self, keys: list[Key]) -> Mapping[Key, Receipt]:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._receipts.first(keys, self._clock.now() - self._window)
        except (Unavailable, TimeoutError) as error:
            self._paused_until = asyncio.get_running_loop().time() + _PAUSE
            self.unknown += len(keys)
            log.warning("view cannot say what was received before", error=str(error) or type(error).__name__)
            return {}
