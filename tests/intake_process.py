"""The intake as a process of its own, for integration tests and the bench: as in production, on a folder of its own."""

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

import topics.profile
from topics.profile.credentials import Credentials
from topics.view.database import open_writer

PARTNER: Final = "zilverlinde"
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 40.0
_ROOT: Final = Path(__file__).resolve().parents[1]


def prepare(folder: Path) -> str:
    """Makes a data folder with the sample partners, an empty view and a key of PARTNER, which is returned."""
    shutil.copytree(Path(topics.profile.__file__).parent / "samples", folder / "profielen")
    open_writer(f"sqlite:///{folder / 'view.db'}").dispose()
    return issue(folder)


def issue(folder: Path, partner: str = PARTNER) -> str:
    """A new key; former ones end at once."""
    now = datetime.now(UTC)
    credentials, key = Credentials.load(folder / "sleutels.json").issue(partner, now, now)
    credentials.save(folder / "sleutels.json")
    return key


class IntakeProcess:
    """One that is ready."""

    def __init__(self, process: Process, port: int, log: Path) -> None:
        self._process, self.port, self.log = process, port, log
        self.pid = process.pid

    def client(self, key: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/octet-stream"}
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit status. Raises TimeoutError."""
        return await asyncio.wait_for(self._process.wait(), STOP_SECONDS)

    def events(self) -> list[dict[str, object]]:
        """The lines of its log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@asynccontextmanager
async def running(folder: Path, bootstrap: str, **settings: str) -> AsyncIterator[IntakeProcess]:
    """On a free port; `settings` are the intake's own, by name. Killed when it does not end by itself after SIGTERM."""
    own = {f"KETENBUS_INTAKE_{name.upper()}": value for name, value in {"port": "0", **settings}.items()}
    environment = {**os.environ, "KETENBUS_DATA": str(folder), "KETENBUS_BOOTSTRAP": bootstrap, **own}
    log = _new_log(folder)
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.intake", cwd=_ROOT, env=environment, stderr=stderr
        )
    try:
        port = await asyncio.wait_for(_ready(process, log), READY_SECONDS)
        intake = IntakeProcess(process, port, log)
        yield intake
        if process.returncode is None:
            intake.terminate()
        await intake.ended()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ready(process: Process, log: Path) -> int:
    port = 0
    async with httpx.AsyncClient() as client:
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the intake ended with {process.returncode}: {_text(log)}")
            port = port or _port(log)
            if port and (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                return port
            await asyncio.sleep(0.05)


def _port(log: Path) -> int:
    for line in _text(log).splitlines():
        if "intake listens" in line and line.endswith("}"):
            return int(json.loads(line)["port"])
    return 0


def _new_log(folder: Path) -> Path:
    return folder / f"intake-{len(list(folder.glob('intake-*.log')))}.log"


def _text(log: Path) -> str:
    return log.read_text()
