"""When the certificates of Kafka's TLS end, as a process meets them: at every scrape, in real time, as TLS counts.

That of a server comes from a handshake, for which the file on the broker's machine does not do: a broker goes on with
what it read at its start. It is told also when it has ended and no client can connect any more.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from topics.connection import secured, trust
from topics.errors import ConfigurationError
from topics.metrics.declarations import KAFKA_CERTIFICAAT

CA: Final = "ca"
SERVER: Final = "server"

LOOK_SECONDS: Final = 15.0
_LIMIT: Final = 5.0
_NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python has no name for: a certificate that has ended is the one to tell of."""

log = structlog.get_logger(__name__)


class KafkaCertificates(Collector):
    """Of the address `bootstrap`: the first that ends of its CA's file, and of the servers that it names.

    A server that does not answer, or whom the CA does not vouch for, is left out; none when all are. No scrape waits for
    a server: it shows what was found before, and has them asked again when that is over `every` seconds ago.
    """

    def __init__(self, bootstrap: str, every: float = LOOK_SECONDS, now: Callable[[], float] = time.time) -> None:
        """`now`: seconds since the epoch. Raises ConfigurationError when the address is wrong."""
        self._address = secured(bootstrap)
        self._every, self._now = every, now
        self._looked = -every
        self._server_ends: float | None = None
        self._looking: threading.Thread | None = None

    def collect(self) -> Iterable[GaugeMetricFamily]:
        found = KAFKA_CERTIFICAAT.family()
        if self._address is not None:
            self._look()
            for soort, ends in ((CA, _first_of(self._address.ca)), (SERVER, self._server_ends)):
                if ends is not None:
                    found.add_metric([soort], ends - self._now())
        yield found

    def _look(self) -> None:
        if time.monotonic() - self._looked < self._every or (self._looking is not None and self._looking.is_alive()):
            return
        self._looked = time.monotonic()
        self._looking = threading.Thread(target=self._ask, name="kafka-certificates", daemon=True)
        self._looking.start()

    def _ask(self) -> None:
        if self._address is not None:
            self._server_ends = min(_answers(self._address.servers, self._address.ca), default=None)


def _first_of(ca: Path) -> float | None:
    """Seconds since the epoch. None when the file cannot be read: clients say so."""
    try:
        return min((_end(one) for one in trust(ca).get_ca_certs()), default=None)
    except ConfigurationError:
        return None


def _answers(servers: str, ca: Path) -> Iterator[float]:
    """When the certificate of each server ends that answers."""
    try:
        context = trust(ca)
    except ConfigurationError:
        return
    context.check_hostname = False
    context.verify_flags |= _NO_CHECK_TIME
    for server in servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            with (
                socket.create_connection((host, int(port)), _LIMIT) as plain,
                context.wrap_socket(plain, server_hostname=host) as encrypted,
            ):
                yield _end(encrypted.getpeercert() or {})
        except (OSError, ValueError) as error:
            log.info("certificate.unseen", server=server, error=str(error))


def _end(certificate: object) -> float:
    """Raises ValueError when it does not say."""
    ends = certificate.get("notAfter") if isinstance(certificate, dict) else None
    if not isinstance(ends, str):
        raise ValueError("found no end of a certificate, expected notAfter")
    return ssl.cert_time_to_seconds(ends)
