"""Sends the generated week through the real intake, moment by moment, as the partners' own systems would.

Time stands still at a moment of receipt; everything that is received then is sent, what concerns one dossier of one
partner in its order and all else at once. What was sent is kept in `<data>/week.jsonl`: starting again goes on behind it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from adapters.demo.bus import Bus
from adapters.demo.flood import lifted, suspended_and_lifted
from adapters.demo.journal import keep, kept
from adapters.demo.progress import PATIENCE, Progress
from adapters.generator.bericht import Bericht
from adapters.generator.week import Week
from adapters.stuur.client import PATH, Ontvangst, Stand
from topics.clock.source import set_time
from topics.errors import Unavailable

JOURNAL: Final = "week.jsonl"
CONNECTIONS: Final = 32
TRIES: Final = 8
_BUSY: Final = frozenset((429, 503))

Told = Callable[[datetime, int, int], None]
"""Hears of every moment: how many messages have been sent by then, of how many."""


class Verzonden(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the intake answered to a message of the week."""

    naam: str
    antwoord: int
    ontvangst: str | None = None


async def play(bus: Bus, week: Week, progress: Progress, tell: Told) -> dict[str, Verzonden]:
    """Everything that was not sent yet, up to the end of the weeks. Raises Unavailable when the bus does not keep up."""
    done = journal(bus.data)
    per_moment = {at: list(found) for at, found in groupby(week.berichten, key=lambda one: one.op)}
    played = max((one.op for one in week.berichten if one.naam in done), default=None)
    async with _clients(bus) as clients:
        if played is not None and week.storing is not None:
            # stopped while it was suspended
            await lifted(bus, clients.of, progress, *week.storing)
        for at in week.grootboek.momenten:
            berichten = [one for one in per_moment.get(at, ()) if one.naam not in done]
            if not berichten and played is not None and at <= played:
                continue
            set_time(bus.data, at)
            await progress.ticked(at)
            for answer in await _send(clients, berichten):
                done[answer.naam] = answer
            keep(bus.data / JOURNAL, [done[one.naam] for one in berichten])
            if week.storing is not None and week.storing[1] == at and berichten:
                await suspended_and_lifted(bus, clients.of, progress, *week.storing)
            tell(at, len(done), len(week.berichten))
    await progress.handled()
    return done


async def stands(bus: Bus, week: Week, sent: Mapping[str, Verzonden]) -> dict[str, Stand]:
    """What each partner sees of its messages now, by name; repeats and what was refused have none of their own."""
    async with _clients(bus) as clients:
        gate = asyncio.Semaphore(CONNECTIONS)

        async def asked(bericht: Bericht) -> tuple[str, Stand] | None:
            answer = sent[bericht.naam]
            if answer.ontvangst is None or bericht.herhaling_van is not None:
                return None
            async with gate, clients.of(bericht.partner).get(f"{PATH}/{answer.ontvangst}") as found:
                return bericht.naam, msgspec.json.decode(await found.read(), type=Stand)

        found = await asyncio.gather(*(asked(bericht) for bericht in week.berichten))
    return dict(one for one in found if one is not None)


def wrong_answers(week: Week, sent: Mapping[str, Verzonden]) -> Iterable[str]:
    """Where the intake answered otherwise than it should, or gave a repeat another receipt than the first."""
    for bericht in week.berichten:
        expected, answer = week.grootboek.berichten[bericht.naam].antwoord, sent[bericht.naam]
        if answer.antwoord != expected:
            yield f"{bericht.naam}: answer of the intake: found {answer.antwoord}, expected {expected}"
        elif bericht.herhaling_van is not None and answer.ontvangst != sent[bericht.herhaling_van].ontvangst:
            yield f"{bericht.naam}: found receipt {answer.ontvangst}, expected that of {bericht.herhaling_van}"


def journal(data: Path) -> dict[str, Verzonden]:
    """What was sent earlier, by name."""
    return kept(data / JOURNAL, Verzonden)


class _Clients:
    """One session per partner, each with its own key."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._stack = AsyncExitStack()
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> "_Clients":
        for partner, key in self._bus.keys.items():
            self._sessions[partner] = await self._stack.enter_async_context(
                aiohttp.ClientSession(
                    self._bus.url,
                    headers={"Authorization": f"Bearer {key}"},
                    connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                    timeout=aiohttp.ClientTimeout(total=PATIENCE),
                )
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def of(self, partner: str) -> aiohttp.ClientSession:
        return self._sessions[partner]


def _clients(bus: Bus) -> _Clients:
    return _Clients(bus)


async def _send(clients: _Clients, berichten: Sequence[Bericht]) -> list[Verzonden]:
    """Wave by wave: a message goes when the partner's earlier ones about its dossiers have been received."""
    answers: list[Verzonden] = []
    gate = asyncio.Semaphore(CONNECTIONS)

    async def hand_over(bericht: Bericht) -> Verzonden:
        async with gate:
            return await _post(clients.of(bericht.partner), bericht)

    for wave in _waves(berichten):
        answers += await asyncio.gather(*(hand_over(bericht) for bericht in wave))
    return answers


def _waves(berichten: Sequence[Bericht]) -> list[list[Bericht]]:
    waves: list[list[Bericht]] = []
    last: dict[tuple[str, str], int] = defaultdict(lambda: -1)
    for bericht in berichten:
        about = {(bericht.partner, uiting.dossier) for uiting in bericht.delen} or {(bericht.partner, "")}
        wave = 1 + max(last[key] for key in about)
        last.update(dict.fromkeys(about, wave))
        if wave == len(waves):
            waves.append([])
        waves[wave].append(bericht)
    return waves


async def _post(client: aiohttp.ClientSession, bericht: Bericht) -> Verzonden:
    """As an ERP does: what is refused for now is sent again. Raises Unavailable when the intake does not take it."""
    for attempt in range(TRIES):
        try:
            async with client.post(PATH, data=bericht.inhoud, headers={"Content-Type": bericht.inhoudstype}) as answer:
                if answer.status in _BUSY:
                    await asyncio.sleep(0.2 * 2**attempt)
                    continue
                if answer.status >= 400:
                    return Verzonden(bericht.naam, answer.status)
                receipt = msgspec.json.decode(await answer.read(), type=Ontvangst)
                return Verzonden(bericht.naam, answer.status, receipt.id)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{bericht.naam}: {error or type(error).__name__}; is the intake running?") from error
    raise Unavailable(f"{bericht.naam}: refused {TRIES} times")
