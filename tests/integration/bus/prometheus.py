"""A real Prometheus that looks at processes of the bus while they run, and is asked afterwards."""

import math
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import httpx
import msgspec
import yaml
from prometheus_client import CollectorRegistry, generate_latest

BINARY: Final = "prometheus"
LIMIT: Final = 60.0
EVERY: Final = "1s"
ROOT: Final = Path(__file__).resolve().parents[3]


class Series(msgspec.Struct):
    """`values`: a moment in seconds and a number as text, over time."""

    metric: dict[str, str]
    values: list[tuple[float, str]]

    @property
    def numbers(self) -> list[float]:
        """What is a number: an empty histogram has no quantile and says NaN."""
        found = [float(number) for _, number in self.values]
        return [number for number in found if not math.isnan(number)]


class _Found(msgspec.Struct):
    result: list[Series]


class _Answer(msgspec.Struct):
    data: _Found


class _Labels(msgspec.Struct):
    data: list[str]


class Prometheus:
    """`targets`: address per job. It keeps what it saw after the targets are gone."""

    def __init__(self, folder: Path, port: int, targets: Mapping[str, str]) -> None:
        self._folder, self._port, self._targets = folder, port, targets
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config()))
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    BINARY,
                    f"--config.file={config}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self._port}",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + LIMIT
        while not self._ready():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < until, "Prometheus is not ready"
            time.sleep(0.1)

    def stop(self) -> None:
        self._client.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def over(self, expr: str, begin: float, end: float, step: float) -> list[Series]:
        asked = {"query": expr, "start": str(begin), "end": str(end), "step": str(step)}
        return self._series("/api/v1/query_range", asked)

    def values(self, label: str, series: str) -> list[str]:
        """The values of a label of the series that match, as Grafana asks them for a choice."""
        answer = self._client.get(f"/api/v1/label/{label}/values", params={"match[]": series})
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=_Labels).data

    def _series(self, path: str, asked: Mapping[str, str]) -> list[Series]:
        answer = self._client.post(path, data=dict(asked))
        assert answer.status_code == 200, f"{asked['query']}: {answer.text}"
        return msgspec.json.decode(answer.content, type=_Answer).data.result

    def _ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def _config(self) -> Mapping[str, object]:
        rules: Sequence[str] = [str(path) for path in sorted((ROOT / "compose/prometheus/rules").glob("*.yml"))]
        return {
            "global": {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY},
            "rule_files": rules,
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in self._targets.items()
            ],
        }


class Fed:
    """A process that is not there: gives what a registry holds, for what rightly does not happen in a demo."""

    def __init__(self, registry: CollectorRegistry, port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                with suppress(BrokenPipeError):
                    self.wfile.write(generate_latest(registry))

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def installed() -> bool:
    return shutil.which(BINARY) is not None
