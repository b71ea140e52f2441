"""The bus with encryption, names and rights: compose/compose.tls.yaml."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.container.stack import COMPOSE, PATIENCE, Stack, archived, docker, order, within
from topics.catalogue.declarations import BESLUIT, KINDS, OPSCHORTING, raw_topic
from topics.errors import Unavailable
from topics.kafka import open_admin, open_reader, open_sender
from topics.runtime.step import Output

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def secured(images: None) -> Iterator[Stack]:
    """A bus over TLS, with what a message needs on its way."""
    stack = Stack(f"kbs{os.getpid()}", TLS="1", ONLY="intake adapters correlate ledger clock view archief")
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


def test_a_message_is_archived_when_the_archiver_may_only_read_and_a_restore_gets_in(secured: Stack) -> None:
    archived(secured, secured.send("zilverlinde", order("ZL-26-9502")))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        secured.run("herstel")
    assert "is not empty" in refused.value.__notes__[0]


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


def days_left(bus: Stack, soort: str) -> float | None:
    """Of the certificate of the server, or of the CA that it trusts, as the intake sees it."""
    name = f'ketenbus_kafka_certificaat_geldig_seconds{{soort="{soort}"}} '
    found = [line for line in httpx.get(f"{bus.url}/metrics", timeout=30).text.splitlines() if line.startswith(name)]
    return float(found[0].removeprefix(name)) / 86_400 if found else None


def test_a_new_certificate_of_a_new_ca_is_taken_over_while_no_client_is_restarted(
    secured: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As compose/RUNBOOKS.md says it: written into the files, which the containers have open."""
    seen = partial(days_left, secured)
    within(PATIENCE, "the end of both is told", lambda: seen("server") is not None and seen("ca") is not None)
    # what make-keys made may be of an earlier run
    former, days = seen("ca") or 0, 700 if (seen("server") or 0) < 500 else 300
    folder, secrets = tmp_path_factory.mktemp("new"), COMPOSE / "secrets"
    for path in (secrets / "kafka_users", *secrets.glob("keys_*")):
        (folder / path.name).write_bytes(path.read_bytes())
    subprocess.run(
        [COMPOSE / "make-keys", folder], env={**os.environ, "DAYS": str(days)}, check=True, capture_output=True
    )
    authority, certificate = secrets / "kafka_ca", secrets / "kafka_tls"
    for path in (authority, certificate):
        path.chmod(0o644)
    (broker,) = secured.containers("kafka")

    authority.write_bytes(authority.read_bytes() + (folder / "kafka_ca").read_bytes())
    certificate.write_bytes((folder / "kafka_tls").read_bytes())
    docker("restart", "--time", "40", broker.name)
    within(PATIENCE, "the new certificate is told", lambda: days - 1 < (seen("server") or 0) <= days)
    receipt = secured.send("zilverlinde", order("ZL-26-9503"))
    assert secured.outcome("zilverlinde", receipt) in {"toegepast", "dubbel"}
    assert (seen("ca") or 0) <= min(former, days)
    authority.write_bytes((folder / "kafka_ca").read_bytes())
    assert days - 1 < (seen("ca") or 0) <= days
