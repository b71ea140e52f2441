"""What the processes of a demo say of themselves on `/metrics`, as they last said it while they ran."""

import threading
from collections.abc import Mapping

import httpx


class Pages:
    """Asks each of `targets` (address per process) once a second while the block runs; `found`: the last answers."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = targets
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.found: dict[str, str] = {}

    def __enter__(self) -> "Pages":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(timeout=5) as client:
            while not self._stop.wait(1.0):
                for name, address in self._targets.items():
                    try:
                        answer = client.get(f"http://{address}/metrics")
                    except httpx.HTTPError:
                        continue
                    if answer.status_code == 200:
                        self.found[name] = answer.text
