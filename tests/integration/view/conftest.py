"""The view on both databases: every test that takes `url` runs on SQLite and on a private PostgreSQL."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from topics.accounts import day_of
from topics.broker.machine import choose_port
from topics.catalogue.declarations import (
    DOORLOOPTIJD,
    DOSSIER,
    SIGNAAL,
    SPOOR,
    dead_letter_topic,
    log_topic,
    raw_topic,
)
from topics.deadletters import Letter
from topics.documents import Account, Bevinding, Document, Moment, Posting, Reden, ce_type, encode, keten, onderhoud
from topics.envelope import Envelope, Headers
from topics.runtime.step import Record
from topics.view.database import open_reader, open_writer
from topics.view.fill import View

BASE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DOSSIER_KEY = "onderhoud/opdracht/8712345000011/IN00001"


def _until_ready(url: str, server: "subprocess.Popen[bytes]", log: Path, limit: float = 60) -> None:
    end = time.monotonic() + limit
    while True:
        engine = create_engine(url)
        try:
            with engine.connect():
                return
        except OperationalError as error:
            if server.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"PostgreSQL did not start: {log.read_text()}") from error
            time.sleep(0.05)
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of the `postgres` database of a server of this test run, from Debian's binaries."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; CI installs Debian's package `postgresql`")
        pytest.skip("PostgreSQL is not installed (Debian package `postgresql`)")
    binaries = found[-1]
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="ketenbus-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    port = choose_port(())
    log = folder / "log"
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", "ketenbus", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            user=user,
            cwd=folder,
        )
        settings = [
            "-c",
            "fsync=off",
            "-c",
            f"port={port}",
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "shared_buffers=64MB",
        ]
        with log.open("wb") as out:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings],
                stdout=out,
                stderr=out,
                user=user,
                cwd=folder,
            )
        url = f"postgresql+psycopg://ketenbus@127.0.0.1:{port}/postgres"
        _until_ready(url, server, log)
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # without waiting for a test's connection
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


_number = iter(range(1, 1_000_000))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'view.db'}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"view_{next(_number)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    yield server.replace("/postgres", f"/{name}")


@pytest.fixture
def writer(url: str) -> Iterator[Engine]:
    engine = open_writer(url)
    yield engine
    engine.dispose()


@pytest.fixture
def view(writer: Engine) -> View:
    return View(writer)


@pytest.fixture
def reader(writer: Engine, url: str) -> Iterator[Engine]:
    engine = open_reader(url)
    yield engine
    engine.dispose()


class Log:
    """Makes records as the bus would write them, with rising offsets; `give` hands them to a view."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.records: list[Record] = []

    def record(self, topic: str, key: str, value: bytes | None, headers: Headers, at: datetime = BASE) -> Record:
        offset = self.offsets.get(topic, 0)
        self.offsets[topic] = offset + 1
        record = Record(topic, 0, offset, int(at.timestamp() * 1000), key.encode(), value, tuple(headers))
        self.records.append(record)
        return record

    def document(
        self,
        topic: str,
        key: str,
        document: Document,
        *,
        id: str,
        at: datetime = BASE,
        source: str = "bron",
        receipt: str = "",
        subject: str = "",
        sha256: str = "",
        position: str = "",
        part: str = "",
    ) -> Record:
        envelope = Envelope(
            id=id,
            source=source,
            type=ce_type(type(document)),
            time=at,
            recorded_time=at,
            subject=subject,
            correlation_id=receipt,
            sha256=sha256,
            position=position,
            part=part,
        )
        return self.record(topic, key, encode(document), envelope.headers(), at)

    def raw(self, receipt: str, partner: str = "wonen", *, sha256: str = "ab" * 32, at: datetime = BASE) -> Record:
        envelope = Envelope(
            id=receipt,
            source=partner,
            type="nl.ketenbus.bericht.v1",
            time=at,
            recorded_time=at,
            sha256=sha256,
            content_type="application/xml",
            channel="http",
        )
        return self.record(raw_topic("corporatie"), partner, b"<opdracht/>", envelope.headers(), at)

    def opened(self, receipt: str, parts: int, partner: str = "wonen", at: datetime = BASE) -> Record:
        posting = Posting(
            ontvangst=receipt,
            deel="-",
            naar=Account.ONDERWEG,
            partner=partner,
            dag=day_of(at),
            uit=receipt,
            delen=parts,
        )
        return self.document(SPOOR, receipt, posting, id=f"{receipt}-open", at=at)

    def moved(
        self,
        receipt: str,
        part: str,
        van: Account,
        naar: Account,
        partner: str = "wonen",
        *,
        at: datetime = BASE,
        dossier: str | None = None,
        reden: Reden | None = None,
        dag: date | None = None,
        bevindingen: tuple[Bevinding, ...] = (),
    ) -> Record:
        posting = Posting(
            ontvangst=receipt,
            deel=part,
            van=van,
            naar=naar,
            partner=partner,
            dag=dag or day_of(at),
            uit=f"{receipt}-{part}-{naar}",
            dossier=dossier,
            reden=reden,
            bevindingen=bevindingen,
        )
        return self.document(SPOOR, receipt, posting, id=f"{receipt}-{part}-{van}-{naar}", at=at)

    def dossier(self, **fields: object) -> Record:
        values: dict[str, object] = {
            "sleutel": DOSSIER_KEY,
            "keten": "onderhoud",
            "reeks": 1,
            "toestand": "geregistreerd",
            "bijgewerkt": BASE,
            "opdrachtgever": "8712345000011",
            "aannemer": "8712345000028",
            "opdrachtnummer": "in 00001",
        } | fields
        document = keten.Dossier(**values)  # type: ignore[arg-type]
        return self.document(
            DOSSIER, document.sleutel, document, id=f"dossier-{document.reeks}", subject=document.sleutel
        )

    def status(
        self, id: str, code: str, *, happened: datetime = BASE, known: datetime = BASE, receipt: str = ""
    ) -> Record:
        document = onderhoud.Status(
            berichtnummer=id,
            afzender="8712345000028",
            opdrachtgever="8712345000011",
            opdrachtnummer="IN00001",
            code=onderhoud.Statuscode(code),
            gebeurd=Moment(happened),
            eigen_status="Geaccepteerd",
        )
        return self.document(
            log_topic("onderhoud"),
            DOSSIER_KEY,
            document,
            id=id,
            at=known,
            source="bouw",
            receipt=receipt,
            subject=DOSSIER_KEY,
            sha256="cd" * 32,
            position="ruw.aannemer.v1/0/7",
            part="1",
        )

    def measure(self, maat: str, revisie: int, stand: str, **fields: object) -> Record:
        document = keten.Doorlooptijd(
            dossier=DOSSIER_KEY,
            keten="onderhoud",
            maat=maat,
            revisie=revisie,
            stand=keten.Stand(stand),
            opdrachtgever="8712345000011",
            aannemer="8712345000028",
            begin=BASE,
            **fields,  # type: ignore[arg-type]
        )
        return self.document(DOORLOOPTIJD, DOSSIER_KEY, document, id=f"{maat}-{revisie}", subject=DOSSIER_KEY)

    def signal(self, id: str, *, gone: bool = False, at: datetime = BASE) -> Record:
        document = keten.Signaal(
            id=id,
            dossier=DOSSIER_KEY,
            keten="onderhoud",
            soort="norm-overschreden",
            sinds=at,
            tekst="te laat",
            ingetrokken=gone,
        )
        return self.document(SIGNAAL, DOSSIER_KEY, document, id=f"{id}-{gone}", at=at)

    def letter(
        self,
        id: str,
        receipt: str,
        part: str = "",
        reden: Reden = Reden.ZONDER_SLEUTEL,
        dossier: str = "",
        partner: str = "wonen",
    ) -> Record:
        topic = raw_topic("corporatie")
        letter = Letter(
            id=id,
            topic=topic,
            partition=0,
            offset=3,
            timestamp=0,
            reden=reden,
            stage="adapter-corporatie",
            at=BASE,
            partner=partner,
            dossier=dossier,
            receipt=receipt,
            part=part,
            tekst="geen sleutel",
        )
        return self.record(dead_letter_topic(topic), partner, b"<opdracht/>", letter.headers())

    def give(self, view: View) -> None:
        """All records since the last call, as one batch with the positions behind them."""
        positions = {(topic, 0): offset for topic, offset in self.offsets.items()}
        view.apply(self.records, positions)
        self.records = []


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def later() -> Callable[[float], datetime]:
    """The base time plus so many minutes."""
    return lambda minutes: BASE + timedelta(minutes=minutes)
