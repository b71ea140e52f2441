"""What stands between the server and the network."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.intake.serve import Connection, OneWrite, listen, serve
from tests.unit.intake.fakes import KEY, World
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


@asynccontextmanager
async def served(world: World) -> AsyncIterator[int]:
    """The port of the intake on a real socket."""
    stop = asyncio.Event()
    with listen("127.0.0.1", 0) as listener:
        serving = asyncio.create_task(serve(world.intake, listener, stop, 5.0))
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            await serving


async def answer_to(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


POST = b"POST /v1/berichten HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(POST + b"X-Large: ", id="one header"),
        pytest.param(POST, id="many headers"),
        pytest.param(b"GET /", id="address"),
        pytest.param(b"", id="blank lines before it"),
    ],
)
async def test_a_head_without_end_is_refused_and_closed_without_a_key(world: World, begin: bytes) -> None:
    endless = {POST: b"a: b\r\n", b"": b"\r\n"}.get(begin, b"a") * 10_000
    async with served(world) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        sent = 0
        async with asyncio.timeout(30):
            while not reader.at_eof() and sent < 100_000_000:
                try:
                    writer.write(endless)
                    await writer.drain()
                    sent += len(endless)
                    await asyncio.sleep(0)
                except ConnectionError:
                    break
        writer.close()
    assert sent < 50_000_000


async def test_a_trailer_without_end_is_closed(world: World) -> None:
    chunked = POST + b"Authorization: Bearer " + KEY.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with served(world) as port:
        await answer_to(port, chunked + b"2\r\n{}\r\n0\r\nX-Large: ", *[b"a" * 10_000] * 100)
    assert world.kafka.sent == []


async def test_the_refusal_of_a_large_head_says_what_is_wrong(world: World) -> None:
    async with served(world) as port:
        answer = await answer_to(port, POST, b"X-Large: ", b"a" * 70_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"kop-te-groot"' in answer


async def test_a_head_of_ordinary_size_in_many_pieces_is_taken(world: World) -> None:
    head = b"Authorization: Bearer " + KEY.encode() + b"\r\nContent-Length: 2\r\nConnection: close\r\n"
    pieces = [b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(400)]
    async with served(world) as port:
        answer = await answer_to(port, POST, *pieces, head, b"\r\n", b"{}")
    assert answer.startswith(b"HTTP/1.1 202 ")


async def test_a_large_body_in_many_pieces_is_no_head(world: World) -> None:
    head = b"Authorization: Bearer " + KEY.encode() + b"\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"
    async with served(world) as port:
        answer = await answer_to(port, POST + head, *[b"a" * 10_000] * 100)
    assert answer.startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("begun", [b"", POST])
async def test_a_connection_that_never_finishes_its_head_is_closed(
    world: World, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "head_seconds", 0.05)
    async with served(world) as port:
        assert await answer_to(port, begun) == b""


async def test_a_body_may_take_longer_than_a_head(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "head_seconds", 0.05)
    head = b"Authorization: Bearer " + KEY.encode() + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    async with served(world) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST + head + b"{")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.3)
        writer.write(b"}")
        assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 202 ")
        writer.close()


OFFER = b"Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
AUTHORIZED = b"Authorization: Bearer " + KEY.encode() + b"\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize("chunked", [False, True])
async def test_the_body_behind_an_offer_to_change_the_protocol_is_taken(
    world: World, pieces: int, chunked: bool
) -> None:
    how, body = (b"Transfer-Encoding: chunked", b"3\r\n{} \r\n0\r\n\r\n") if chunked else (b"Content-Length: 3", b"{} ")
    whole = POST + AUTHORIZED + OFFER + how + b"\r\n\r\n" + body
    size = -(-len(whole) // pieces)
    async with served(world) as port:
        answer = await answer_to(port, *[whole[at : at + size] for at in range(0, len(whole), size)])
    assert answer.startswith(b"HTTP/1.1 202 "), answer
    assert [output.value for output in world.kafka.sent] == [b"{} "]


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket"])
async def test_requests_behind_an_offer_are_answered_on_the_same_connection(world: World, upgrade: bytes) -> None:
    offer = b"Connection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n"
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    post = POST + AUTHORIZED + offer + b"Content-Length: 2\r\n\r\n{}"
    async with served(world) as port:
        answer = await answer_to(port, get + offer + b"\r\n", post, get + b"Connection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"202", b"200"]


async def test_many_offers_in_one_piece_are_all_answered(world: World) -> None:
    offer = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    async with served(world) as port:
        answer = await answer_to(port, offer * 1500 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 1501


@pytest.mark.parametrize("path", [b"/v1/berichten", b"/v1/controle"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Authorization: Bearer iets\r\n", b"401"),
        (AUTHORIZED + b"Content-Type: image/png\r\n", b"415"),
        (AUTHORIZED, b"413"),
    ],
)
async def test_a_refusal_is_seen_by_a_client_that_sends_all_before_it_reads(
    tmp_path: Path, path: bytes, headers: bytes, status: bytes
) -> None:
    world = World(tmp_path, body=2_000_000)
    head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + headers
    head += b"Content-Length: 5000000\r\nConnection: close\r\n\r\n"
    async with served(world) as port:
        answer = await answer_to(port, head, *[b"a" * 50_000] * 100)
    assert answer.startswith(b"HTTP/1.1 " + status), answer


async def test_a_client_that_waits_for_leave_is_refused_at_once(world: World) -> None:
    head = POST + b"Expect: 100-continue\r\nContent-Length: 5000000\r\nConnection: close\r\n\r\n"
    async with served(world) as port:
        answer = await answer_to(port, head)
    assert answer.startswith(b"HTTP/1.1 401"), answer
