"""Limits and decoding: what comes in is what was sent, or a refusal within bounded memory."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator, MutableMapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.intake.body import Budget, ClientGone, Limits, Receive, check_announced, drain, read_body
from adapters.intake.problem import TOO_LARGE, Problem

LIMITS = Limits(size=1_000_000, ratio=200, seconds=5)
MUCH = Budget(1 << 30)


def source(chunks: Iterator[bytes]) -> Receive:
    async def receive() -> MutableMapping[str, object]:
        chunk = next(chunks, None)
        if chunk is None:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": chunk, "more_body": True}

    return receive


async def read(sent: bytes, encoding: str | None = None, size: int = 70_000, limits: Limits = LIMITS) -> bytes:
    chunks = (sent[start : start + size] for start in range(0, len(sent), size))
    return (await read_body(source(chunks), encoding, limits, MUCH)).content


async def refusal(sent: bytes, encoding: str | None = None, limits: Limits = LIMITS) -> Problem:
    with pytest.raises(Problem) as caught:
        await read(sent, encoding, limits=limits)
    return caught.value


@given(body=st.binary(min_size=1, max_size=2000), size=st.integers(1, 500), level=st.integers(0, 9))
async def test_decoding_gives_back_what_was_packed_however_it_is_cut(body: bytes, size: int, level: int) -> None:
    assert await read(gzip.compress(body, level), "gzip", size) == body
    assert await read(gzip.compress(body, level), "x-gzip", size) == body
    assert await read(zlib.compress(body, level), "deflate", size) == body


@given(first=st.binary(min_size=1, max_size=100), second=st.binary(max_size=100), size=st.integers(1, 60))
async def test_gzip_of_several_members_is_one_body(first: bytes, second: bytes, size: int) -> None:
    assert await read(gzip.compress(first) + gzip.compress(second), "gzip", size) == first + second


async def test_the_largest_body_is_accepted_and_one_byte_more_is_not() -> None:
    assert len(await read(b"x" * LIMITS.size)) == LIMITS.size
    problem = await refusal(b"x" * (LIMITS.size + 1))
    assert (problem.code, problem.kind.status, problem.extra["grens"]) == ("te-groot", 413, LIMITS.size)


def test_an_announced_size_over_the_limit_is_refused() -> None:
    check_announced(None, LIMITS)
    check_announced(LIMITS.size, LIMITS)
    with pytest.raises(Problem, match="groter dan"):
        check_announced(LIMITS.size + 1, LIMITS)


async def test_a_body_of_more_than_is_dropped_is_not_read_at_all() -> None:
    async def never() -> MutableMapping[str, object]:
        raise AssertionError("the body was read")

    problem = Problem(TOO_LARGE, "x")
    await drain(never, 4 * LIMITS.size + 1, LIMITS, problem)
    assert problem.headers == (("connection", "close"),)


async def test_what_becomes_too_large_by_unpacking_is_refused() -> None:
    body = bytes(range(256)) * 5000
    assert (await refusal(gzip.compress(body), "gzip")).code == "te-sterk-ingepakt"


async def test_what_grows_too_much_by_unpacking_is_refused_far_below_the_size_limit() -> None:
    limits = Limits(size=1 << 40, ratio=200, seconds=30)
    assert (await refusal(gzip.compress(b"\0" * 5_000_000), "gzip", limits)).code == "te-sterk-ingepakt"
    assert len(await read(gzip.compress(b"\0" * 900_000), "gzip", limits=limits)) == 900_000


async def test_a_bomb_is_refused_in_bounded_memory() -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    bomb = b"".join([*(packer.compress(zeros) for _ in range(1024)), packer.flush()])
    tracemalloc.start()
    try:
        problem = await refusal(bomb, "gzip", Limits(size=50_000_000, ratio=1 << 30, seconds=60))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert problem.code == "te-sterk-ingepakt"
    assert peak < 60_000_000


@given(body=st.binary(min_size=20, max_size=300), cut=st.integers(1, 15))
async def test_a_packed_body_that_is_cut_short_is_damaged(body: bytes, cut: int) -> None:
    for encoding, packed in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        assert (await refusal(packed[:-cut], encoding)).code == "inhoud-beschadigd"


@given(data=st.binary(min_size=1, max_size=200), encoding=st.sampled_from(["gzip", "deflate"]))
async def test_arbitrary_bytes_are_never_more_than_a_refusal(data: bytes, encoding: str) -> None:
    found = await asyncio.gather(read(data, encoding), return_exceptions=True)
    assert isinstance(found[0], Problem | bytes)
    if isinstance(found[0], Problem):
        assert found[0].code in ("inhoud-beschadigd", "leeg-bericht", "te-sterk-ingepakt")


@pytest.mark.parametrize(
    ("sent", "encoding"),
    [
        (gzip.compress(b"x") + b"rest", "gzip"),
        (zlib.compress(b"x") + zlib.compress(b"y"), "deflate"),
        (gzip.compress(b"") * 101 + gzip.compress(b"x"), "gzip"),
        (b"plain", "gzip"),
    ],
)
async def test_what_is_not_one_packed_body_is_damaged(sent: bytes, encoding: str) -> None:
    assert (await refusal(sent, encoding)).code == "inhoud-beschadigd"


async def test_a_sender_that_stops_halfway_is_refused_in_time() -> None:
    async def silent() -> MutableMapping[str, object]:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    budget = Budget(1000)
    with pytest.raises(Problem) as caught:
        await read_body(silent, None, Limits(1000, 200, 0.1), budget)
    assert (caught.value.code, caught.value.kind.status) == ("te-traag", 408)
    assert ("connection", "close") in caught.value.headers


async def test_a_connection_that_closes_halfway_leaves_nothing_behind() -> None:
    messages: Iterator[MutableMapping[str, object]] = iter(
        [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> MutableMapping[str, object]:
        return next(messages)

    budget = Budget(1000)
    with pytest.raises(ClientGone):
        await read_body(receive, None, LIMITS, budget)
    assert budget.used == 0


async def test_a_refusal_leaves_nothing_in_the_budget_and_takes_in_the_rest_of_the_body() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(30):
            taken += 1
            yield b"x" * 100_000

    budget = Budget(1 << 30)
    with pytest.raises(Problem) as caught:
        await read_body(source(endless()), None, LIMITS, budget)
    assert (budget.used, taken) == (0, 30)
    assert ("connection", "close") not in caught.value.headers


async def test_a_body_without_end_is_cut_off() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100_000

    with pytest.raises(Problem) as caught:
        await read_body(source(endless()), None, LIMITS, MUCH)
    assert ("connection", "close") in caught.value.headers


async def test_a_full_budget_refuses_and_gives_back() -> None:
    budget = Budget(100_000)
    with pytest.raises(Problem) as caught:
        await read_body(source(iter([b"x" * 70_000] * 2)), None, LIMITS, budget)
    assert (caught.value.code, budget.used) == ("vol", 0)
