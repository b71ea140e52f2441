"""A Kafka test container, by testcontainers: an empty broker on loopback, gone when the block ends.

Any image that takes its settings as KAFKA_FOO_BAR (foo.bar) will do: the bus's own, or Apache's public one.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, cast

from chain.replay.owned import LABEL, locks, owner, remove_orphans
from chain.replay.target import LASTING
from topics.broker import machine
from topics.broker.settings import DEFAULTS
from topics.errors import Refused, Unavailable
from topics.kafka import open_admin

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

IMAGE: Final = "ketenbus/kafka:local"
_HOST: Final = "127.0.0.1"
_READY_SECONDS: Final = 90.0
_LOOK: Final = 0.1
_ATTEMPTS: Final = 5
_LAST: Final = 2_000


class NoContainer(Refused):
    """No Docker, no such image, or a container that did not become a broker."""

    code = "geen-container"


@contextmanager
def kafka_container(image: str = IMAGE) -> Iterator[str]:
    """The address of a broker in a container of `image`. Raises NoContainer, which says what to do."""
    with owner(locks()) as name:
        container, port = _started(image, name)
        try:
            bootstrap = f"{_HOST}:{port}"
            asyncio.run(_answers(bootstrap, container))
            yield bootstrap
        finally:
            container.stop()


def _started(image: str, owner_name: str) -> tuple["DockerContainer", int]:
    try:
        from docker.errors import APIError, DockerException, ImageNotFound
        from requests.exceptions import RequestException
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.container import DockerContainer
    except ImportError as error:
        raise NoContainer(f"{error}; a container needs `pip install 'ketenbus[replay]'`") from error
    # its own way to remove what a kill leaves is an image that would have to be pulled before ours
    testcontainers_config.ryuk_disabled = True
    refused: set[int] = set()
    while True:
        port = machine.choose_port(refused)
        try:
            container = DockerContainer(image)
        except (DockerException, RequestException) as error:
            raise NoContainer(f"no Docker here: {error}; start it, or give the address of a broker") from error
        if not refused:
            _remove_orphans(container)
        container.with_kwargs(labels={LABEL: owner_name})
        for name, value in _settings(port).items():
            container.with_env(name, value)
        # an address and a port, which docker takes and testcontainers' type does not know
        container.ports[f"{port}/tcp"] = cast(int, (_HOST, port))
        try:
            return container.start(), port
        except ImageNotFound as error:
            raise NoContainer(
                f"no image {image!r} here or in a registry; build it (compose/README.md), or name one by "
                "KETENBUS_KAFKA_IMAGE, as apache/kafka:4.1.1"
            ) from error
        except APIError as error:
            container.stop()
            refused.add(port)
            if "port is already allocated" not in str(error) or len(refused) == _ATTEMPTS:
                raise NoContainer(f"the container of {image!r} does not start: {error.explanation or error}") from error
        except (DockerException, RequestException) as error:
            container.stop()
            raise NoContainer(f"the container of {image!r} does not start: {error}") from error


def _remove_orphans(container: "DockerContainer") -> None:
    """Removes what processes that were killed have left."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    def remove(name: str) -> None:
        client = container.get_docker_client().client
        for left in client.containers.list(all=True, filters={"label": f"{LABEL}={name}"}):
            left.remove(force=True, v=True)

    # what could not be removed is for the next start
    with suppress(DockerException, RequestException):
        remove_orphans(locks(), remove)


def _settings(port: int) -> dict[str, str]:
    """One node that listens for clients under the address that they reach it by."""
    settings = {
        **DEFAULTS,
        **LASTING,
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.quorum.voters": "1@localhost:9094",
        "controller.listener.names": "CONTROLLER",
        # the same port inside: its coordinator of transactions calls the broker by the address that clients use
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:9094",
        "advertised.listeners": f"PLAINTEXT://{_HOST}:{port}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        # it has no predecessor that could be waited for, and a busy machine is no reason to fence it
        "broker.session.timeout.ms": "60000",
    }
    return {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in settings.items()}


async def _answers(bootstrap: str, container: "DockerContainer") -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + _READY_SECONDS
    while True:
        try:
            async with open_admin(bootstrap, limit=5) as admin:
                await admin.broker_configs()
                return
        except Unavailable as error:
            ended = container.status not in ("created", "running")
            if ended or loop.time() > until:
                out, err = container.get_logs()
                said = (out + err).decode(errors="replace")[-_LAST:].strip()
                raise NoContainer(f"the container became no broker: {error}; it said last:\n{said}") from error
        await asyncio.sleep(_LOOK)
