"""A wrong account on a real worker, seen by a real Prometheus, told by a real Alertmanager, heard at a webhook; and the
worker's figures after it was killed."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from tests.integration.processes.conftest import Until
from topics.broker.machine import choose_port
from topics.catalogue.declarations import SPOOR
from topics.documents import Account, Posting, Reden, ce_type, encode
from topics.envelope import Envelope
from topics.kafka import open_sender
from topics.profile.samples import install
from topics.runtime.step import Output

ROOT: Final = Path(__file__).resolve().parents[3]
COMPOSE: Final = ROOT / "compose"
PARTNER: Final = "zilverlinde"
NOW: Final = datetime.now(UTC)
DAEMONS: Final = ("prometheus", "prometheus-alertmanager")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    lacking = [name for name in DAEMONS if shutil.which(name) is None]
    if lacking:
        if os.environ.get("CI") == "true":
            pytest.fail(f"not installed: {', '.join(lacking)}; .ci/run must install them")
        pytest.skip(f"not installed on this machine: {', '.join(lacking)}")


class Webhook:
    """Keeps what is told to it."""

    def __init__(self) -> None:
        told: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self.told = told
        self._server = ThreadingHTTPServer(("127.0.0.1", choose_port(())), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def names(self) -> set[str]:
        return {alert["labels"]["alertname"] for one in self.told for alert in one["alerts"]}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    found = Webhook()
    yield found
    found.close()


def configured(folder: Path, worker: int, alertmanager: int, webhook: str) -> None:
    """The files of compose, with this test's addresses and without their patience."""
    watch = yaml.safe_load((COMPOSE / "prometheus/prometheus.yml").read_text())
    watch["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    watch["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]}
    watch["scrape_configs"] = [{"job_name": "ledger", "static_configs": [{"targets": [f"127.0.0.1:{worker}"]}]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(watch))
    (folder / "rules").mkdir()
    for path in (COMPOSE / "prometheus/rules").glob("*.yml"):
        rules = yaml.safe_load(path.read_text())
        for rule in (rule for group in rules["groups"] for rule in group["rules"] if "for" in rule):
            rule["for"] = "1s"
        (folder / "rules" / path.name).write_text(yaml.safe_dump(rules))
    tell = yaml.safe_load((COMPOSE / "alertmanager/alertmanager.yml").read_text())
    for route in (tell["route"], *tell["route"]["routes"]):
        route |= {"group_wait": "1s", "group_interval": "1s"}
    for receiver in tell["receivers"]:
        receiver["webhook_configs"] = [{"url": f"{webhook}{receiver['name']}"}]
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(tell))


@contextmanager
def running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as words:
        process = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@asynccontextmanager
async def ledger(bus: str, data: Path, port: int) -> AsyncIterator[Process]:
    environment = {
        **os.environ,
        "KETENBUS_BOOTSTRAP": bus,
        "KETENBUS_DATA": str(data),
        "KETENBUS_PORT": str(port),
        "KETENBUS_INSTANCE": "ledger-0",
    }
    with (data / "ledger.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chain.ledger", cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def figures(port: int) -> dict[str, float]:
    """What the ledger knows of the account; ages left out."""
    with suppress(httpx.HTTPError):
        lines = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=2).text.splitlines()
        found = (line.rpartition(" ") for line in lines if line.startswith("ketenbus_") and not _other(line))
        return {name: float(value) for name, _, value in found}
    return {}


def _other(line: str) -> bool:
    return line.startswith(("ketenbus_task", "ketenbus_process")) or "_gsum" in line


async def posted(bus: str, *postings: Posting) -> None:
    async with open_sender(bus) as sender:
        for posting in postings:
            at = NOW - timedelta(days=3)
            envelope = Envelope(
                id=f"id-{posting.uit}", source=PARTNER, type=ce_type(Posting), time=at, recorded_time=at
            )
            await sender.send(Output(SPOOR, posting.ontvangst.encode(), encode(posting), envelope.headers()))


def opened(receipt: str) -> Posting:
    return Posting(
        ontvangst=receipt, deel="-", naar=Account.ONDERWEG, partner=PARTNER, dag=NOW.date(), uit=receipt, delen=1
    )


def move(receipt: str, van: Account, naar: Account, reden: Reden | None = None) -> Posting:
    return Posting(
        ontvangst=receipt,
        deel="1",
        van=van,
        naar=naar,
        partner=PARTNER,
        dag=NOW.date(),
        uit=f"{receipt}-e",
        reden=reden,
    )


async def test_a_wrong_account_reaches_the_webhook_and_a_kill_changes_no_figure(
    bus: str, tmp_path: Path, until: Until, webhook: Webhook
) -> None:
    data = tmp_path / "data"
    await asyncio.to_thread(install, data / "profielen")
    worker, watcher, teller = choose_port(()), choose_port(()), choose_port(())
    configured(tmp_path, worker, teller, webhook.url)
    wrong = f'ketenbus_rekening_fouten{{partner="{PARTNER}"}}'
    letter = f'ketenbus_uitval_open{{partner="{PARTNER}",reden="strijdig"}}'
    alertmanager = [
        DAEMONS[1],
        f"--config.file={tmp_path / 'alertmanager.yml'}",
        f"--storage.path={tmp_path / 'told'}",
        f"--web.listen-address=127.0.0.1:{teller}",
        "--cluster.listen-address=",
    ]
    prometheus = [
        DAEMONS[0],
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'seen'}",
        f"--web.listen-address=127.0.0.1:{watcher}",
    ]
    with running(alertmanager, tmp_path / "alertmanager.log"), running(prometheus, tmp_path / "prometheus.log"):
        async with ledger(bus, data, worker) as process:
            await posted(
                bus,
                *(opened(name) for name in "abc"),
                move("a", Account.ONDERWEG, Account.TOEGEPAST),
                move("b", Account.ONDERWEG, Account.UITVAL, Reden.STRIJDIG),
            )
            await until(lambda: figures(worker).get(letter) == 1)
            assert figures(worker)[wrong] == 0
            await until(lambda: "BerichtBlijftOnderweg" in webhook.names())
            assert "RekeningKloptNiet" not in webhook.names()
            await posted(bus, move("c", Account.WACHTEND, Account.TOEGEPAST))
            await until(lambda: "RekeningKloptNiet" in webhook.names())
            before = figures(worker)
            assert before[wrong] == 1
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with ledger(bus, data, worker):
            await until(lambda: figures(worker).get(wrong) == 1 and figures(worker).get(letter) == 1)
            assert figures(worker) == before
    (told,) = [
        alert for one in webhook.told for alert in one["alerts"] if alert["labels"]["alertname"] == "RekeningKloptNiet"
    ][:1]
    assert (told["labels"]["partner"], told["labels"]["severity"]) == (PARTNER, "page")
    assert told["annotations"]["summary"] == f"The account of {PARTNER} does not balance"
    assert {one["receiver"] for one in webhook.told} <= {"page", "ticket"}
