"""The process table: every process of the bus, in the order in which they start."""

from typing import Final

import msgspec


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One process. `offset`: its health and metrics port is the base port plus this. `what`: for people."""

    name: str
    module: str
    offset: int
    what: str


INTAKE: Final = "intake"

PROCESSES: Final = (
    Process(name="adapters", module="adapters.worker", offset=1, what="bytes of partners become domain events"),
    Process(name="correlate", module="chain.correlate", offset=2, what="events become dossiers, measures and signals"),
    Process(name="ledger", module="chain.ledger", offset=3, what="keeps the account of every message"),
    Process(name="view", module="topics.view", offset=4, what="fills the queryable view"),
    Process(name="clock", module="topics.clock", offset=5, what="ticks, and the watermark of the chain"),
    Process(name="folder", module="adapters.folder", offset=6, what="receives messages in folders"),
    Process(name="besluit", module="chain.besluit", offset=7, what="forwards the decisions of people"),
    Process(
        name="measure", module="chain.measure", offset=8, what="counts lead times: key figures per pair and period"
    ),
    Process(name=INTAKE, module="adapters.intake", offset=0, what="receives messages over HTTP"),
)

OFFSETS: Final = tuple(process.offset for process in PROCESSES)
