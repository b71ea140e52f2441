"""What reading an order costs beside the floor: lxml's parse and XSD validation alone, on the same bytes.

`python tests/bench/adapter.py` prints it. Floor and whole alternate within one run and the best round of each counts,
so that a busy machine spoils both alike.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from adapters.formats import read
from adapters.formats.dico_sales005.schema import OWN

ORDER = Path(__file__).parents[1] / "contract" / "golden" / "dico_sales005" / "opdracht-volledig.xml"
ROUNDS, TIMES = 200, 20


def _micros(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(TIMES):
        work()
    return (time.perf_counter() - start) / TIMES * 1e6


def bench() -> dict[str, float]:
    """Microseconds per order: `floor_us` parse and XSD alone, `whole_us` bytes to Bericht; `ratio`; `bytes`."""
    raw = ORDER.read_bytes()
    schema = etree.XMLSchema(etree.parse(str(OWN)))
    if not schema.validate(etree.fromstring(raw)) or read(raw).delen[0].bericht is None:
        raise ValueError(f"{ORDER.name} is refused; the figures would be of a refusal")
    floor, whole = [], []
    for _ in range(ROUNDS):
        floor.append(_micros(lambda: schema.validate(etree.fromstring(raw))))
        whole.append(_micros(lambda: read(raw)))
    return {
        "bytes": float(len(raw)),
        "floor_us": round(min(floor), 1),
        "whole_us": round(min(whole), 1),
        "ratio": round(min(whole) / min(floor), 2),
    }


if __name__ == "__main__":
    print(json.dumps(bench()))
