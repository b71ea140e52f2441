"""What stands between the server and the network."""

import asyncio
import socket

import pytest

from adapters.intake.serve import OneWrite, listen
from topics.errors import ConfigurationError


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed_after: int | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed_after = len(self.written)

    def is_closing(self) -> bool:
        return self.closed_after is not None


async def test_what_is_written_in_one_turn_leaves_at_once_and_in_order() -> None:
    transport = Transport()
    one = OneWrite(transport)
    one.write(b"head ")
    one.write(b"body")
    assert transport.written == []
    await asyncio.sleep(0)
    assert transport.written == [b"head body"]
    one.write(b"next")
    await asyncio.sleep(0)
    assert transport.written == [b"head body", b"next"]


async def test_nothing_is_left_behind_when_the_connection_is_closed() -> None:
    transport = Transport()
    one = OneWrite(transport)
    one.write(b"last words")
    one.close()
    await asyncio.sleep(0)
    assert transport.written == [b"last words"]
    assert transport.closed_after == 1
    assert one.is_closing()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}"):
            listen("127.0.0.1", port)
