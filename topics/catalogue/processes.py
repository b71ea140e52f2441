"""The processes of the bus as Kafka sees them: who they are, and what they need beside topics."""

from enum import StrEnum
from typing import Final

import msgspec

from topics.catalogue.declarations import ADAPTERS, CORRELATORS, DECIDER, LEDGER


class Role(StrEnum):
    """processor: a consumer group and transactions, by the runtime. group: a consumer group only. reader: positions of
    its own, no group. faust: a group, and tables in topics that Faust makes itself. operator: sets up topics."""

    PROCESSOR = "processor"
    GROUP = "group"
    READER = "reader"
    FAUST = "faust"
    OPERATOR = "operator"


class Process(msgspec.Struct, frozen=True):
    name: str
    what: str
    role: Role


PROCESSES: Final = (
    Process("intake", "takes messages in and answers with a receipt", Role.READER),
    Process("clock", "writes the ticks that are time", Role.READER),
    *(Process(name, "turns what partners of its kind send into domain events", Role.PROCESSOR) for name in ADAPTERS),
    *(Process(name, "folds the log of its keten into dossiers", Role.PROCESSOR) for name in CORRELATORS),
    Process(LEDGER, "keeps the account that must balance", Role.PROCESSOR),
    Process(DECIDER, "forwards the decisions of people", Role.PROCESSOR),
    Process("measure", "indicators per period and partner pair", Role.FAUST),
    Process("delivery", "brings results to partners in their own standard", Role.GROUP),
    Process("review", "the desk where people decide", Role.READER),
    Process("view", "what can be queried, in SQL", Role.READER),
    Process("beheer", "the operator's `ketenbus topics apply`", Role.OPERATOR),
)

BY_NAME: Final = {process.name: process for process in PROCESSES}
