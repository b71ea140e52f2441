"""The two commands that a newcomer runs, as they are run: as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.bus.conftest import Played
from topics.broker.machine import choose_base
from topics.processes.table import OFFSETS

pytestmark = pytest.mark.timeout(1100)
LIMIT = 480.0
"""Seconds; on an idle machine the demo takes two minutes."""


def ketenbus(*arguments: str, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "topics.cli", *arguments],
        env={**os.environ, "KETENBUS_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_demo_ends_well_when_every_sample_came_out_as_its_companion_says(played: Played) -> None:
    assert played.status == 0, played.said
    assert "then a week of 500 orders as expected, the account balances" in played.said


def test_run_stops_in_order_and_goes_on_where_it_was(tmp_path: Path) -> None:
    delivered = _delivered_after_a_run(tmp_path)
    assert delivered > 0
    assert _delivered_after_a_run(tmp_path) == delivered


def _delivered_after_a_run(data: Path) -> int:
    """How many messages, of the samples and of the generated week, were delivered by a run that was interrupted then."""
    port = choose_base(OFFSETS)
    process = ketenbus("run", "--port", str(port), "--opdrachten", "20", data=data)
    until = time.monotonic() + LIMIT
    try:
        while not (data / "voorbeeld.env").exists() or (data / "tijd.json").exists() or not _answers(port):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < until, "the inbox was not delivered in time"
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        said, _out = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0, said
    assert "goes on where it was" in said
    return sum(len((data / name).read_bytes().splitlines()) for name in ("inbox.jsonl", "week.jsonl"))


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
