"""What the client raises when its connection is gone is told as one error, whatever its transport calls it."""

import asyncio

import pytest
import uvloop

from topics.errors import Unavailable
from topics.kafka import guarded, quietly


async def _write_to_what_is_closed() -> None:
    """As the client does that learned its leader before the connection went; it never looks."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        writer.write(b"metadata?")


def test_writing_to_a_closed_transport_means_that_the_broker_is_away() -> None:
    with pytest.raises(Unavailable, match="handler is closed"):
        uvloop.run(guarded(_write_to_what_is_closed(), 20, "metadata"))


def test_closing_what_is_closed_already_raises_nothing() -> None:
    uvloop.run(quietly(_write_to_what_is_closed(), 20))
