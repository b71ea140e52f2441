"""An attachment of 50 MB from a partner's request to the object store and the log, through the real processes."""

import asyncio
import hashlib
import json
import os
import sys
from asyncio.subprocess import Process
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

import adapters.demo
from adapters.bundle import LARGEST_FILE
from tests.intake_process import IntakeProcess, prepare, running
from tests.integration.processes.conftest import Until
from topics.blobs import blob_path
from topics.documents import decode
from topics.documents.onderhoud import Opdracht
from topics.kafka import open_reader
from topics.runtime.step import Record

ROOT = Path(__file__).resolve().parents[3]
LOG = "onderhoud.gebeurtenis.v1"
ORDER = json.loads((Path(adapters.demo.__file__).parent / "voorbeeld.json").read_bytes())
MIB = 1 << 20


@asynccontextmanager
async def worker(folder: Path, bootstrap: str) -> AsyncIterator[Process]:
    environment = {**os.environ, "KETENBUS_DATA": str(folder), "KETENBUS_BOOTSTRAP": bootstrap}
    with (folder / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.worker", cwd=ROOT, env=environment, stderr=log, stdout=log
        )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


def most(pid: int) -> int:
    """The most memory that a process ever held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 // MIB for line in status.splitlines() if line.startswith("VmHWM"))


def order(number: int, **bijlage: str) -> bytes:
    attached = {"soort": "PHO", "bestandssoort": "image/jpeg", "naam": "lekkage.jpg", **bijlage}
    own = {"berichtnummer": f"B-{number}", "opdrachtnummer": f"ZL-GROOT-{number}", "bijlagen": [attached]}
    return json.dumps({**ORDER, **own}).encode()


async def send_inside(intake: IntakeProcess, key: str, content: bytes) -> httpx.Response:
    async with intake.client(key) as client:
        body = order(1, data=b64encode(content).decode())
        return await client.post("/v1/berichten", content=body, headers={"Content-Type": "application/json"})


async def send_beside(intake: IntakeProcess, key: str, content: bytes) -> httpx.Response:
    files = [
        ("bericht", ("opdracht.json", order(2), "application/json")),
        ("bijlage", ("lekkage.jpg", content, "image/jpeg")),
    ]
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{intake.port}", headers=headers, timeout=60) as client:
        return await client.post("/v1/berichten", files=files)


async def events(bus: str) -> dict[str, tuple[Record, Opdracht]]:
    """Orders on the log by the number of their receipt."""
    found = {}
    async with open_reader(bus, [LOG]) as reader:
        async for record in reader.to_end():
            envelope = record.envelope()
            document = decode(envelope.type, record.value or b"") if "opdracht" in envelope.type else None
            if isinstance(document, Opdracht):
                found[envelope.correlation_id] = (record, document)
    return found


async def test_an_attachment_of_50_mb_comes_from_a_request_to_the_store_and_a_small_event(
    bus: str, tmp_path: Path, until: Until
) -> None:
    key = prepare(tmp_path)
    contents = [os.urandom(LARGEST_FILE) for _ in range(2)]
    async with running(tmp_path, bus, answer="60") as intake, worker(tmp_path, bus) as adapters_:
        before = most(intake.pid)
        inside = await send_inside(intake, key, contents[0])
        beside = await send_beside(intake, key, contents[1])
        assert (inside.status_code, beside.status_code) == (202, 202)
        paths = [tmp_path / "blobs" / blob_path(f"sha256:{hashlib.sha256(one).hexdigest()}") for one in contents]
        await until(lambda: all(path.exists() for path in paths))
        found: dict[str, tuple[Record, Opdracht]] = {}
        while not {inside.json()["id"], beside.json()["id"]} <= found.keys():
            found = await events(bus)
        held = {"intake before": before, "intake": most(intake.pid), "adapters": most(adapters_.pid)}
    print(held)
    for receipt, content, path in zip((inside, beside), contents, paths, strict=True):
        record, document = found[receipt.json()["id"]]
        (bijlage,) = document.bijlagen
        assert (bijlage.bytes, bijlage.blob) == (LARGEST_FILE, f"sha256:{path.name}")
        assert await asyncio.to_thread(path.read_bytes) == content
        assert len(record.value or b"") < 5000
    assert held["intake"] - held["intake before"] < 300
    assert held["adapters"] < 450
