"""What filling and asking the view costs, on SQLite or on the database of a given URL (it must be empty).

`python tests/bench/view.py [URL]` prints it. Records are those of a message's life: raw, opened, applied, the event on
the log, the dossier, and every third time a revision of a measure; batches of 2,000.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from topics.accounts import day_of
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SPOOR, log_topic, raw_topic
from topics.documents import Account, Document, Moment, Posting, ce_type, encode, keten, onderhoud
from topics.envelope import Envelope
from topics.runtime.step import Record
from topics.view import figures
from topics.view.database import open_reader, open_writer
from topics.view.fill import View
from topics.view.queries import Queries

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CLIENT, CONTRACTOR = "8712345000011", "8712345000028"
MESSAGES, BATCH, ASKED = 20_000, 2_000, 2_000


def _record(topic: str, offset: int, key: str, document: Document | bytes, **fields: str) -> Record:
    name = "nl.ketenbus.bericht.v1" if isinstance(document, bytes) else ce_type(type(document))
    envelope = Envelope(source="wonen", type=name, time=AT, recorded_time=AT, **fields)
    body = document if isinstance(document, bytes) else encode(document)
    return Record(topic, 0, offset, 0, key.encode(), body, envelope.headers())


def _life(number: int) -> Iterator[Record]:
    receipt, order = f"r{number:08d}", f"onderhoud/opdracht/{CLIENT}/{number // 5}"
    post = Posting(
        ontvangst=receipt, deel="-", naar=Account.ONDERWEG, partner="wonen", dag=day_of(AT), uit="u", delen=1
    )
    move = Posting(
        ontvangst=receipt,
        deel="1",
        van=Account.ONDERWEG,
        naar=Account.TOEGEPAST,
        partner="wonen",
        dag=day_of(AT),
        uit="e",
    )
    status = onderhoud.Status(
        berichtnummer=receipt, afzender=CONTRACTOR, opdrachtgever=CLIENT, opdrachtnummer=str(number // 5),
        code=onderhoud.Statuscode.ACC, gebeurd=Moment(AT),
    )  # fmt: skip
    dossier = keten.Dossier(
        sleutel=order, keten="onderhoud", reeks=number, toestand="geaccepteerd", bijgewerkt=AT, opdrachtgever=CLIENT,
        aannemer=CONTRACTOR, opdrachtnummer=str(number // 5),
    )  # fmt: skip
    yield _record(raw_topic("corporatie"), number, "wonen", b"<opdracht/>", id=receipt, sha256=f"{number:064x}")
    yield _record(SPOOR, 2 * number, receipt, post, id=f"{receipt}o")
    yield _record(SPOOR, 2 * number + 1, receipt, move, id=f"{receipt}m")
    yield _record(
        log_topic("onderhoud"), number, order, status, id=f"e{number}", subject=order, correlation_id=receipt, part="1"
    )
    yield _record(DOSSIER, number, order, dossier, id=f"d{number}", subject=order)
    if number % 3 == 0:
        measure = keten.Doorlooptijd(
            dossier=order, keten="onderhoud", maat="acceptatie", revisie=number % 5, stand=keten.Stand.OPEN,
            opdrachtgever=CLIENT, aannemer=CONTRACTOR, begin=AT,
        )  # fmt: skip
        yield _record(DOORLOOPTIJD, number, order, measure, id=f"m{number}", subject=order)


def _micros(ask: Callable[[int], object]) -> float:
    ask(0)
    start = time.perf_counter()
    for number in range(ASKED):
        ask(number * 7 % MESSAGES)
    return round((time.perf_counter() - start) / ASKED * 1e6, 1)


def bench(url: str) -> dict[str, float]:
    """Records per second, and microseconds per question of the intake; milliseconds for the figures of one scrape."""
    records = [record for number in range(MESSAGES) for record in _life(number)]
    engine = open_writer(url)
    view = View(engine)
    start = time.perf_counter()
    for first in range(0, len(records), BATCH):
        view.apply(records[first : first + BATCH], {("stand", 0): first + 1})
    filled = time.perf_counter() - start
    queries, reader = Queries(url), open_reader(url)
    week = AT - timedelta(days=7)
    found = {
        "records": float(len(records)),
        "records_per_second": round(len(records) / filled),
        "receipt_status_us": _micros(lambda number: queries.receipt_status(f"r{number:08d}", "wonen")),
        "first_receipt_us": _micros(lambda number: queries.first_receipt("wonen", f"{number:064x}", week)),
    }
    start = time.perf_counter()
    figures.backlog(reader)
    found["backlog_ms"] = round((time.perf_counter() - start) * 1000, 2)
    queries.close()
    reader.dispose()
    engine.dispose()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        target = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'view.db'}"
        print(json.dumps(bench(target)))
