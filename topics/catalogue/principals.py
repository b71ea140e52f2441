"""Who talks to Kafka: the names that declarations know, and what each needs beside topics.

One process may run several of them (`adapters` runs an adapter for every kind); rights are given to each alone.
"""

from enum import StrEnum
from typing import Final

import msgspec

from topics.catalogue.declarations import ADAPTERS, CORRELATORS, DECIDER, LEDGER, OPERATOR


class Role(StrEnum):
    """processor: a consumer group and transactions, by the runtime. group: a consumer group only. reader: positions of
    its own, no group. operator: sets up topics.
    archive: reads what is archived."""

    PROCESSOR = "processor"
    GROUP = "group"
    READER = "reader"
    OPERATOR = "operator"
    ARCHIVE = "archive"


class Principal(msgspec.Struct, frozen=True):
    name: str
    what: str
    role: Role


PRINCIPALS: Final = (
    Principal("intake", "takes messages in and answers with a receipt", Role.READER),
    Principal("clock", "writes the ticks that are time", Role.READER),
    *(Principal(name, "turns what partners of its kind send into domain events", Role.PROCESSOR) for name in ADAPTERS),
    *(Principal(name, "folds the log of its keten into dossiers", Role.PROCESSOR) for name in CORRELATORS),
    Principal(LEDGER, "keeps the account that must balance", Role.PROCESSOR),
    Principal(DECIDER, "forwards the decisions of people", Role.PROCESSOR),
    Principal("measure", "indicators per period and partner pair", Role.GROUP),
    Principal("delivery", "brings results to partners in their own standard", Role.GROUP),
    Principal("review", "the desk where people decide", Role.READER),
    Principal("view", "what can be queried, in SQL", Role.READER),
    Principal(OPERATOR, "a person at the command line: topics, decisions, recounting", Role.OPERATOR),
    Principal("archief", "copies what cannot be made again to the archive", Role.ARCHIVE),
)

BY_NAME: Final = {principal.name: principal for principal in PRINCIPALS}
