"""Buses of one test session, and what the captures that were played into them came to."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from chain.replay.container import IMAGE, NoContainer, kafka_container
from chain.replay.handled import open_handled
from chain.replay.outcome import Uitkomst, outcome
from chain.replay.plan import plan
from chain.replay.play import play_input
from chain.replay.running import Bus, running
from chain.replay.target import LASTING, NotEmpty, prepare
from topics.broker import EmbeddedBroker
from topics.capture import verify
from topics.errors import Refused
from topics.profile.registry import Registry

AUTO: Final = "auto"
CONTAINER: Final = "container"
EMBEDDED: Final = "embedded"
BROKERS: Final = (AUTO, CONTAINER, EMBEDDED)
HEAP_MB: Final = 256


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """folder: for everything that a bus keeps. profiles: None for the sample partners. broker: one of BROKERS; auto is a
    container where there is Docker and the image, else a broker without. environment: what the processes inherit."""

    folder: Path
    environment: Mapping[str, str]
    profiles: Path | None = None
    image: str = IMAGE
    broker: str = AUTO


class Played:
    """One bus per capture: the first, which is everybody's, while nothing was written into it, else one of its own.

    All work is done in one thread that lives as long as this: a test may have an event loop of its own running, and a
    broker ends with the thread that started it.
    """

    def __init__(self, choice: Choice, tell: Callable[[str], None]) -> None:
        """Raises Refused when `choice` names no broker that there is."""
        if choice.broker not in BROKERS:
            raise Refused(f"ketenbus_broker: found {choice.broker!r}, expected one of {', '.join(BROKERS)}")
        self._choice, self._tell = choice, tell
        self._thread = ThreadPoolExecutor(1, "ketenbus")
        self._stack = ExitStack()
        self._bus: Bus | None = None
        self._outcomes: dict[Path, Uitkomst] = {}
        self._made = 0

    def close(self) -> None:
        """Stops whatever runs."""
        try:
            self._thread.submit(self._stack.close).result()
        finally:
            self._thread.shutdown()

    def bus(self) -> Bus:
        """The bus of this session. Raises NoContainer, BrokerError, ConfigurationError, Unavailable."""
        return self._thread.submit(self._shared).result()

    def outcome(self, capture: Path) -> Uitkomst:
        """What `capture` came to. Raises Refused, CaptureError, Unavailable, and as `bus`."""
        return self._thread.submit(self._outcome, capture.resolve()).result()

    def _shared(self) -> Bus:
        if self._bus is None:
            self._bus = self._stack.enter_context(self._new())
        return self._bus

    def _outcome(self, path: Path) -> Uitkomst:
        if path not in self._outcomes:
            try:
                self._outcomes[path] = asyncio.run(_play(self._shared(), path, self._tell))
            except NotEmpty:
                with self._new() as fresh:
                    self._outcomes[path] = asyncio.run(_play(fresh, path, self._tell))
        return self._outcomes[path]

    @contextmanager
    def _new(self) -> Iterator[Bus]:
        self._made += 1
        folder = self._choice.folder / f"bus-{self._made}"
        with self._broker(folder) as bootstrap:
            chosen = self._choice
            with running(bootstrap, folder, chosen.environment, profiles=chosen.profiles) as bus:
                yield bus
        shutil.rmtree(folder / "kafka", ignore_errors=True)

    @contextmanager
    def _broker(self, folder: Path) -> Iterator[str]:
        with ExitStack() as stack:
            if self._choice.broker != EMBEDDED:
                try:
                    bootstrap = stack.enter_context(kafka_container(self._choice.image))
                except NoContainer as error:
                    if self._choice.broker == CONTAINER:
                        raise
                    self._tell(f"ketenbus: a broker without Docker, because: {error}")
                else:
                    yield bootstrap
                    return
            broker = EmbeddedBroker(folder / "kafka", heap_mb=HEAP_MB, properties=LASTING, report=self._tell)
            yield stack.enter_context(broker).bootstrap


async def _play(bus: Bus, path: Path, tell: Callable[[str], None]) -> Uitkomst:
    header, counted = verify(path)
    partitions = await prepare(bus.bootstrap, header, anyway=False)
    steps = plan(path, partitions, Registry.load(bus.profiles), tell)
    async with open_handled(bus.bootstrap) as handled:
        await play_input(path, bus.bootstrap, partitions, bus.blobs, tell, handled, steps, total=counted.records)
        await handled.everything()
    return await outcome(bus.bootstrap)
