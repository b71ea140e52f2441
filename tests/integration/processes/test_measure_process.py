"""Measure as a process, asked for its page from its first answer to its last."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.processes.conftest import LIMIT_SECONDS
from topics.metrics.measure import STAND_PER

pytestmark = pytest.mark.timeout(300)


def test_every_page_from_start_to_end_is_whole_and_figures_stay_until_the_last(
    bus: str, tmp_path: Path, unused_port: int
) -> None:
    log = tmp_path / "measure.log"
    environment = {
        **os.environ,
        "KETENBUS_DATA": str(tmp_path),
        "KETENBUS_BOOTSTRAP": bus,
        "KETENBUS_PORT": str(unused_port),
        "KETENBUS_BEURT": "0.1",
    }
    pages: list[httpx.Response] = []
    with log.open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "chain.measure"], env=environment, stderr=said)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{unused_port}", timeout=10) as client:
            end, asked_to_stop = time.monotonic() + LIMIT_SECONDS, False
            while process.poll() is None:
                assert time.monotonic() < end, log.read_text()
                try:
                    pages.append(client.get("/metrics"))
                except httpx.HTTPError:
                    continue
                if not asked_to_stop and STAND_PER.name in pages[-1].text:
                    process.send_signal(signal.SIGTERM)
                    asked_to_stop = True
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, log.read_text()
    assert {page.status_code for page in pages} == {200}
    with_figures = [STAND_PER.name in page.text for page in pages]
    assert with_figures == sorted(with_figures)
