"""The desk on the real things: the view, Kafka, the object store, the intake; and who decides."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from chain.review.carry import Desk
from chain.review.controle import IntakeCheck, desk_key
from topics.cli import Settings
from topics.clock.source import time_source
from topics.errors import ConfigurationError
from topics.kafka import open_sender
from topics.profile.registry import Registry
from topics.view import database
from topics.view.original import Original, Place, fetch


@asynccontextmanager
async def open_desk(found: Settings, *, checks: bool = False) -> AsyncIterator[Desk]:
    """`checks`: a message is to be checked, for which the intake asks a key. Raises Unavailable."""
    clock = time_source(found.data)
    blobs = found.open_blobs()

    async def originals(places: Sequence[Place]) -> Mapping[Place, Original]:
        return await fetch(found.bootstrap, blobs, places)

    engine = database.open_reader(found.view_url)
    try:
        async with open_sender(found.bootstrap) as sender:
            yield Desk(
                engine=engine,
                originals=originals,
                sender=sender,
                blobs=blobs,
                now=clock.now,
                registry=_registry(found),
                checker=IntakeCheck(found.intake, desk_key(found.data, clock.now())) if checks else None,
            )
    finally:
        engine.dispose()


def _registry(found: Settings) -> Registry | None:
    """Without (right) profiles nobody's GLN is known, and candidates are those whom the letter itself names."""
    try:
        return Registry.load(found.profiles) if found.profiles.is_dir() else None
    except ConfigurationError:
        return None
