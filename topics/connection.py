"""Kafka's address as settings give it, and what a client needs to connect there.

    kafka:9092,kafka-2:9092                                               in plain text
    sasl_ssl://intake@kafka:9093,kafka-2:9093?ca=CA.pem&keys=KEYS.json    encrypted, as the principal `intake`

CA.pem: whom to trust that it is Kafka. KEYS.json: the passwords of the principals that a process may be, by their name.
An address holds no secret, so that it may be logged.
"""

import json
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import parse_qs

import msgspec

from topics.errors import ConfigurationError

SECURED: Final = "sasl_ssl"
_EXPECTED: Final = f"expected host:port, or {SECURED}://PRINCIPAL@host:port?ca=CA.pem&keys=KEYS.json"


class Connection(TypedDict, total=False):
    """Arguments of every client of aiokafka."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str
    ssl_context: ssl.SSLContext


class Secured(msgspec.Struct, frozen=True):
    """An address with encryption, as it stands in settings: who connects where, and by which files."""

    principal: str
    servers: str
    ca: Path
    keys: Path


def connection(bootstrap: str) -> Connection:
    """What a client needs for `bootstrap`; files are read anew each time, so that a new client has new keys. The file of
    the CA is read anew for every connection of the client, too.

    Raises ConfigurationError when the address or a file is not as above, or the principal has no password there.
    """
    found = secured(bootstrap)
    if found is None:
        return Connection(bootstrap_servers=bootstrap)
    return Connection(
        bootstrap_servers=found.servers,
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        sasl_plain_username=found.principal,
        sasl_plain_password=_password(found.keys, found.principal),
        ssl_context=_Trust.of(found.ca),
    )


def secured(bootstrap: str) -> Secured | None:
    """None for an address in plain text. Reads no file. Raises ConfigurationError when the address is not as above."""
    if "://" not in bootstrap:
        return None
    # by hand: a scheme with an underscore is none for urllib
    scheme, _, rest = bootstrap.partition("://")
    where, _, query = rest.partition("?")
    principal, _, servers = where.rpartition("@")
    files = {name: values[-1] for name, values in parse_qs(query).items()}
    if ":" in principal:
        # a password, as other programs take it: what is logged of an address would show it
        raise ConfigurationError(f"Kafka's address: found more than a principal before the '@', {_EXPECTED}")
    if scheme != SECURED or not principal or not servers or files.keys() != {"ca", "keys"}:
        raise ConfigurationError(f"Kafka's address: found {bootstrap!r}, {_EXPECTED}")
    return Secured(principal, servers, Path(files["ca"]), Path(files["keys"]))


def trust(ca: Path) -> ssl.SSLContext:
    """For a connection with whom the certificates in the file `ca` vouch for. Raises ConfigurationError."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"Kafka's CA {ca}: {error}; expected certificates in PEM") from error


class _Trust(ssl.SSLContext):
    """Reads the file of the CA anew for every connection: a client connects again for ever by what it was made with, so
    that it would never trust a broker with a certificate of a new CA. A file that cannot be read leaves the former."""

    ca: Path
    last: ssl.SSLContext

    @classmethod
    def of(cls, ca: Path) -> "_Trust":
        """Raises ConfigurationError."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.ca, context.last = ca, trust(ca)
        return context

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """How an event loop begins a connection."""
        with suppress(ConfigurationError):
            self.last = trust(self.ca)
        return self.last.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def as_principal(bootstrap: str, name: str) -> str:
    """The same address for another principal; one in plain text knows none and stays as it is."""
    scheme, secured, rest = bootstrap.partition("://")
    where, _, query = rest.partition("?")
    return f"{scheme}://{name}@{where.rpartition('@')[2]}?{query}" if secured else bootstrap


def _password(path: Path, principal: str) -> str:
    expected = 'expected a JSON object {"principal": "password"}'
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Kafka's keys {path}: {error}; {expected}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ConfigurationError(f"Kafka's keys {path}: {expected}")
    if principal not in found:
        raise ConfigurationError(f"Kafka's keys {path}: found {sorted(found)}, expected one of {principal!r} as well")
    return str(found[principal])
