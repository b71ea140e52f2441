"""Kafka's address, and what a client needs for it."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from tests.unit.topics.tls import Authority, listening
from topics.connection import as_principal, connection
from topics.errors import ConfigurationError

PLAIN = "kafka:9092,kafka-2:9092"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ca")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout key -out ca"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "ca"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(json.dumps({"intake": "geheim", "clock": "ook"}), encoding="utf-8")
    return path


def test_nothing_but_the_servers_is_told_when_the_address_is_plain() -> None:
    assert connection(PLAIN) == {"bootstrap_servers": PLAIN}


def test_the_client_is_encrypted_and_proves_its_name_when_the_address_says_so(ca: Path, keys: Path) -> None:
    found = connection(f"sasl_ssl://intake@{PLAIN}?ca={ca}&keys={keys}")
    context = found.pop("ssl_context")
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert found == {
        "bootstrap_servers": PLAIN,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "intake",
        "sasl_plain_password": "geheim",
    }


def test_the_password_is_the_new_one_when_its_file_was_changed(ca: Path, keys: Path) -> None:
    address = f"sasl_ssl://intake@kafka:9092?ca={ca}&keys={keys}"
    assert connection(address)["sasl_plain_password"] == "geheim"
    keys.write_text(json.dumps({"intake": "nieuw"}), encoding="utf-8")
    assert connection(address)["sasl_plain_password"] == "nieuw"


def test_another_principal_has_its_own_password_when_a_process_runs_several(ca: Path, keys: Path) -> None:
    address = as_principal(f"sasl_ssl://intake@{PLAIN}?ca={ca}&keys={keys}", "clock")
    found = connection(address)
    assert (found["sasl_plain_username"], found["sasl_plain_password"]) == ("clock", "ook")
    assert found["bootstrap_servers"] == PLAIN


def test_a_plain_address_knows_no_principals_when_one_is_asked_for() -> None:
    assert as_principal(PLAIN, "clock") == PLAIN


@pytest.mark.parametrize(
    "address",
    [
        "ssl://intake@kafka:9092?ca=a&keys=b",
        "sasl_ssl://kafka:9092?ca=a&keys=b",
        "sasl_ssl://intake@?ca=a&keys=b",
        "sasl_ssl://intake@kafka:9092?ca=a",
        "sasl_ssl://intake@kafka:9092?ca=a&keys=b&insecure=1",
    ],
)
def test_the_form_is_told_when_an_address_is_neither(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"expected host:port, or sasl_ssl://PRINCIPAL@"):
        connection(address)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="more than a principal") as raised:
        connection("sasl_ssl://intake:geheim@kafka:9093?ca=ca.pem&keys=keys.json")
    assert "geheim" not in str(raised.value)


def test_the_principal_is_named_and_no_password_shown_when_it_has_none(ca: Path, keys: Path) -> None:
    with pytest.raises(ConfigurationError, match="'ledger'") as caught:
        connection(f"sasl_ssl://ledger@kafka:9092?ca={ca}&keys={keys}")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("content", ["no json", "[]", '{"intake": 1}'])
def test_the_file_is_named_when_it_does_not_hold_passwords(content: str, ca: Path, keys: Path) -> None:
    keys.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=str(keys)):
        connection(f"sasl_ssl://intake@kafka:9092?ca={ca}&keys={keys}")


def test_the_file_is_named_when_there_is_no_certificate_in_it(keys: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected certificates in PEM"):
        connection(f"sasl_ssl://intake@kafka:9092?ca={keys}&keys={keys}")


async def greeted(context: ssl.SSLContext, port: int) -> bool:
    """Whether a connection is made with the server there."""
    try:
        async with asyncio.timeout(30):
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="kafka")
    except ssl.SSLCertVerificationError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_client_trusts_whom_the_file_of_the_ca_vouches_for_when_it_connects_again(
    loop: Callable[[], asyncio.AbstractEventLoop], keys: Path, tmp_path: Path
) -> None:
    async def renewed() -> None:
        old, new, file = Authority(tmp_path / "old"), Authority(tmp_path / "new"), tmp_path / "ca.pem"
        file.write_bytes(old.file.read_bytes())
        context = connection(f"sasl_ssl://intake@{PLAIN}?ca={file}&keys={keys}")["ssl_context"]
        async with listening(old.server(ends=9)) as former, listening(new.server(ends=9)) as next_:
            assert (await greeted(context, former), await greeted(context, next_)) == (True, False)
            file.write_bytes(old.file.read_bytes() + new.file.read_bytes())
            assert (await greeted(context, former), await greeted(context, next_)) == (True, True)
            file.write_bytes(new.file.read_bytes())
            assert (await greeted(context, former), await greeted(context, next_)) == (False, True)
            file.write_text("no certificate")
            assert (await greeted(context, former), await greeted(context, next_)) == (False, True)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(renewed())
