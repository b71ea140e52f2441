"""What an invoice costs the correlator: received, asked of its order, answered and released, in memory (DESIGN 11).

Orders stand ready first; then for each an invoice, by price codes and exact. What dossiers tell each other comes back as
events, so an invoice is several of them: itself, the question to its order and the answer. `python -m tests.bench.invoices`
prints it as JSON.
"""

import json
import sys
import time
from collections import Counter, deque
from decimal import Decimal

from chain.correlate import Correlator
from tests.bench.correlator import Frames
from tests.unit.chain import berichten as b
from tests.unit.chain.dossiers import Zending, status
from tests.unit.chain.factuurketen import Post, factuur, opdracht
from topics import documents
from topics.catalogue.declarations import FACTUURBEOORDELING
from topics.documents.keten import Factuurbeoordeling
from topics.runtime.step import Output, Record

_BATCH = 1_000


def bench(invoices: int = 5_000) -> dict[str, float]:
    """CPU per invoice and per event of it, µs; outputs and events per invoice. Raises RuntimeError when not every
    invoice was released to the cent: then it would measure something else."""
    numbers = [f"IN{number:06}" for number in range(invoices)]
    run = _Run()
    run.handle(run.records([opdracht(one, 0, afspraak="EHP") for one in numbers]))
    run.handle(run.records([status(one, "TGE", 5) for one in numbers]))
    sent = [factuur(f"F-{one}", 8, Post(one, "100.00", "1")) for one in numbers]
    records = run.records(sent)
    run.outputs.clear()
    run.released.clear()
    cpu = time.process_time()
    events = run.handle(records)
    cpu = time.process_time() - cpu
    if run.released != dict.fromkeys((one.sleutel for one in sent), Decimal("121.00")):
        raise RuntimeError("not every invoice was released to the cent")
    return {
        "invoices": invoices,
        "events_per_invoice": round(events / invoices, 2),
        "outputs_per_invoice": round(sum(run.outputs.values()) / invoices, 2),
        "cpu_microseconds_per_invoice": round(cpu / invoices * 1e6, 1),
        "cpu_microseconds_per_event": round(cpu / events * 1e6, 1),
    }


class _Run:
    """The correlator over a log that it also writes to."""

    def __init__(self) -> None:
        self._correlator = Correlator(b.KETEN)
        self._frames = Frames(self._correlator)
        self._offset = 0
        self.outputs: Counter[str] = Counter()
        self.released: dict[str, Decimal] = {}

    def records(self, sent: list[Zending]) -> list[Record]:
        self._offset += len(sent)
        first = self._offset - len(sent)
        return [b.record(one.bericht, first + number, one.sleutel) for number, one in enumerate(sent)]

    def handle(self, records: list[Record]) -> int:
        """Events until nothing more is told."""
        waiting = deque(records)
        events = 0
        while waiting:
            record = waiting.popleft()
            events += 1
            for step in self._correlator.process(record, self._frames, None):
                self._frames.take(step)
                for output in step.outputs:
                    self._took(output, waiting)
            if events % _BATCH == 0:
                self._frames.commit()
        self._frames.commit()
        return events

    def _took(self, output: Output, waiting: deque[Record]) -> None:
        self.outputs[output.topic] += 1
        if output.topic == b.TOPIC:
            self._offset += 1
            headers = tuple(output.headers)
            waiting.append(Record(b.TOPIC, 0, self._offset, 0, output.key, output.value, headers))
        elif output.topic == FACTUURBEOORDELING:
            document = documents.registry.decode("nl.ketenbus.factuurbeoordeling.v1", output.value or b"")
            if isinstance(document, Factuurbeoordeling):
                self.released[document.dossier] = document.vrijgegeven


if __name__ == "__main__":
    print(json.dumps(bench(*(int(number) for number in sys.argv[1:]))))
