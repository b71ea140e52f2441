"""A message with its attachments as one form."""

import gzip
import hashlib
import os
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import bundle
from adapters.bundle import BadBundle, pack, split, unpack
from tests.unit.intake.fakes import World
from topics.envelope import Envelope

STATUS = b'{"soort": "status"}'


def form(*files: tuple[str, bytes], message: bytes = STATUS, media: str = "application/json") -> tuple[bytes, str]:
    """(body, content type) as an ordinary HTTP library makes them."""
    parts: list[tuple[str, tuple[str, bytes, str]]] = [("bericht", ("status.json", message, media))]
    parts += [("bijlage", (name, content, "image/jpeg")) for name, content in files]
    request = httpx.Request("POST", "http://x", files=parts)
    return request.read(), request.headers["content-type"]


async def sent(world: World, path: str, made: tuple[bytes, str]) -> httpx.Response:
    return await world.send(path, made[0], content_type=made[1])


async def test_a_form_becomes_one_record_of_message_and_files(world: World) -> None:
    body, media = form(("foto é.jpg", b"\xff\xd8photo"), ("b.pdf", b"%PDF"))
    answer = await world.send("/v1/berichten", body, content_type=media)
    assert answer.status_code == 202
    (output,) = world.kafka.sent
    envelope = Envelope.read(output.headers)
    found = unpack(output.value or b"")
    assert (found.message, found.media) == (STATUS, "application/json")
    assert found.files == (("b.pdf", b"%PDF"), ("foto é.jpg", b"\xff\xd8photo"))
    assert envelope.content_type.startswith("multipart/form-data; boundary=ketenbus-")
    assert envelope.sha256 == hashlib.sha256(output.value or b"").hexdigest() == answer.json()["sha256"]


async def test_the_same_form_with_another_boundary_is_a_repeat(world: World) -> None:
    first = await sent(world, "/v1/berichten", form(("a.jpg", b"1")))
    packed, media = form(("a.jpg", b"1"))
    again = await world.send("/v1/berichten", gzip.compress(packed), content_type=media, content_encoding="gzip")
    other = await sent(world, "/v1/berichten", form(("a.jpg", b"2")))
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert other.status_code == 202


async def test_a_form_without_files_is_the_message_itself(world: World) -> None:
    await sent(world, "/v1/berichten", form())
    (output,) = world.kafka.sent
    assert output.value == STATUS
    assert Envelope.read(output.headers).content_type == "application/json"
    assert (await world.post(STATUS)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: body[:-10], "formulier-onjuist"),
        (lambda body: b"nothing of it", "formulier-onjuist"),
        (lambda body: body.replace(b'name="bericht"', b'name="ander"'), "formulier-onjuist"),
        (lambda body: body.replace(b'filename="a.jpg"', b""), "formulier-onjuist"),
        (lambda body: body.replace(b"b.jpg", b"a.jpg"), "formulier-onjuist"),
        (lambda body: body.replace(b"b.jpg", "é".encode() * 1000), "formulier-onjuist"),
        (lambda body: body.replace(STATUS, b""), "leeg-bericht"),
        (lambda body: body.replace(b"application/json", b"application/zip"), "soort-niet-aanvaard"),
    ],
)
async def test_a_form_that_is_none_is_refused(world: World, change: object, code: str) -> None:
    body, media = form(("a.jpg", b"1"), ("b.jpg", b"2"))
    assert callable(change)
    for path in ("/v1/berichten", "/v1/controle"):
        answer = await world.send(path, change(body), content_type=media)
        assert (answer.status_code // 100, answer.json()["code"]) == (4, code)
    assert world.kafka.sent == []
    assert world.metric("ketenbus_intake_held_bytes") == 0


async def test_a_file_over_its_limit_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "LARGEST_FILE", 1000)
    answer = await sent(world, "/v1/berichten", form(("a.jpg", b"x" * 1001)))
    assert (answer.status_code, answer.json()["code"], answer.json()["grens"]) == (413, "bijlage-te-groot", 1000)
    assert (await sent(world, "/v1/berichten", form(("a.jpg", b"x" * 1000)))).status_code == 202


async def test_two_files_of_almost_50_mb_are_taken_and_kept_apart_from_the_topic(tmp_path: Path) -> None:
    world = World(tmp_path, answer=60.0)
    content = os.urandom(49_900_000)
    answer = await sent(world, "/v1/berichten", form(("a.jpg", content), ("b.jpg", content[:1000])))
    assert answer.status_code == 202
    (output,) = world.kafka.sent
    assert output.value == b""
    assert unpack(world.content(output)).files[0] == ("a.jpg", content)
    assert world.metric("ketenbus_intake_held_bytes") == 0


async def test_a_check_of_a_form_sees_the_attachments(world: World) -> None:
    await sent(world, "/v1/controle", form(("a.jpg", b"1")))
    assert unpack(world.checks.asked[0][1]).files == (("a.jpg", b"1"),)


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.text(min_size=1, max_size=20), st.binary(max_size=200)), max_size=3)
)
def test_what_is_packed_comes_out_again(message: bytes, files: list[tuple[str, bytes]]) -> None:
    named = {name.encode("utf-8", "replace").decode().strip() or "x": content for name, content in files}
    named = {name: content for name, content in named.items() if name.isprintable()}
    raw, media = pack(message, "text/xml", list(named.items()))
    if not named:
        assert (raw, media) == (message, "text/xml")
        return
    found = unpack(raw)
    assert (found.message, found.media) == (message, "text/xml")
    assert dict(found.files) == named
    assert pack(message, "text/xml", list(reversed(named.items()))) == (raw, media)


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=3))
def test_any_bytes_are_parts_or_a_bad_bundle(body: bytes, boundary: bytes) -> None:
    with suppress(BadBundle):
        assert len(split(b"--" + boundary + body, boundary)) <= 101
