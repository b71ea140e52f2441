"""The bus with encryption, names and rights: compose/compose.tls.yaml."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.container.stack import COMPOSE, Stack, order
from topics.catalogue.declarations import BESLUIT, KINDS, OPSCHORTING, raw_topic
from topics.errors import Unavailable
from topics.kafka import open_admin, open_reader, open_sender
from topics.runtime.step import Output

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def secured(images: None) -> Iterator[Stack]:
    """A bus over TLS, with what a message needs on its way."""
    stack = Stack(f"kbs{os.getpid()}", TLS="1", ONLY="intake adapters correlate ledger clock view")
    try:
        stack.run("up")
        stack.run("voorbeelden")
        yield stack
    finally:
        stack.run("down", VOLUMES="1")


def address(bus: Stack, principal: str, service: str) -> str:
    """Kafka as this machine reaches it, for a principal with the keys of a service."""
    secrets = COMPOSE / "secrets"
    return f"sasl_ssl://{principal}@127.0.0.1:{bus.ports['KAFKA_PORT']}?ca={secrets}/kafka_ca&keys={secrets}/keys_{service}"


async def write(bootstrap: str, topic: str) -> None:
    async with open_sender(bootstrap) as sender:
        await sender.send(Output(topic, b"sleutel", b"{}", ()))


async def read(bootstrap: str, topic: str) -> None:
    async with open_reader(bootstrap, [topic]) as reader:
        await reader.poll(2)


def test_a_message_is_applied_when_all_are_encrypted_and_have_only_their_own_rights(secured: Stack) -> None:
    receipt = secured.send("zilverlinde", order("ZL-26-9501"))
    assert secured.outcome("zilverlinde", receipt) == "toegepast"


def test_a_principal_may_do_what_the_catalogue_says(secured: Stack) -> None:
    asyncio.run(read(address(secured, "intake", "intake"), OPSCHORTING))


@pytest.mark.parametrize(
    ("principal", "service", "topic"),
    [
        ("view", "view", raw_topic(next(iter(KINDS)))),
        ("intake", "intake", BESLUIT),
    ],
)
def test_a_write_is_refused_when_the_catalogue_does_not_allow_it(
    secured: Stack, principal: str, service: str, topic: str
) -> None:
    with pytest.raises(Unavailable, match="AuthorizationFailed"):
        asyncio.run(write(address(secured, principal, service), topic))


def test_a_read_is_refused_when_the_catalogue_does_not_allow_it(secured: Stack) -> None:
    with pytest.raises(Unavailable):
        asyncio.run(read(address(secured, "intake", "intake"), BESLUIT))


def test_nobody_connects_when_the_password_is_anothers(
    secured: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = tmp_path_factory.mktemp("keys") / "wrong"
    keys.write_text('{"broker": "geraden"}', encoding="utf-8")
    own = address(secured, "broker", "topics").partition("&keys=")[0]

    async def connect() -> None:
        async with open_admin(f"{own}&keys={keys}") as admin:
            await admin.topics()

    with pytest.raises(Unavailable):
        asyncio.run(connect())


def test_nobody_connects_when_nothing_is_encrypted(secured: Stack) -> None:
    async def connect() -> None:
        async with open_admin(f"127.0.0.1:{secured.ports['KAFKA_PORT']}", limit=5) as admin:
            await admin.topics()

    with pytest.raises(Unavailable):
        asyncio.run(connect())
