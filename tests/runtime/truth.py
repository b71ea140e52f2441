"""What must come out of an input log, computed plainly from the log: nothing of the runtime or the Teller is used but
the words of its events. A release of the runtime that agrees with this on every run has lost and doubled nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from tests.runtime.teller import EVENTS, Event, derived_key, raises_on_tick
from topics.ids import derived_id
from topics.runtime.step import Record


@dataclass
class Key:
    """One key as it must be: ids in order, repeats among them, whether it is set apart."""

    ids: list[str] = field(default_factory=list)
    dubbel: int = 0
    geschorst: bool = False


@dataclass
class Truth:
    """keys: the state. outputs: per key its (id, n) in order. letters: (partition, offset) of every dead letter."""

    keys: dict[str, Key] = field(default_factory=dict)
    outputs: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    letters: list[tuple[int, int]] = field(default_factory=list)
    derived: list[tuple[str, str]] = field(default_factory=list)
    last: dict[int, int] = field(default_factory=dict)
    """The offset of the last record of each partition."""

    def _count(self, key: str, id_: str) -> None:
        known = self.keys.setdefault(key, Key())
        if id_ in known.ids:
            known.dubbel += 1
            return
        known.ids.append(id_)
        self.outputs.setdefault(key, []).append((id_, len(known.ids)))


def truth_of(log: Iterable[Record]) -> Truth:
    """`log`: all records of the input topic, in offset order within each partition."""
    truth = Truth()
    due: dict[int, dict[str, int]] = {}
    for record in log:
        truth.last[record.partition] = record.offset
        try:
            event = EVENTS.decode(record.value or b"")
        except msgspec.DecodeError:
            truth.letters.append((record.partition, record.offset))
            continue
        _apply(truth, due.setdefault(record.partition, {}), record, event)
    return truth


def _apply(truth: Truth, due: dict[str, int], record: Record, event: Event) -> None:
    do, _, argument = event.do.partition(":")
    key = record.key.decode()
    if do in ("raise", "big", "large", "bigstate", "elsewhere", "letter"):
        truth.letters.append((record.partition, record.offset))
    elif do == "many":
        for number in range(int(argument)):
            truth._count(f"{key}/{number}", f"{event.id}/{number}")
    elif do == "tick":
        for _, other in sorted((at, other) for other, at in due.items() if at <= int(argument)):
            del due[other]
            if raises_on_tick(other):
                truth.keys.setdefault(other, Key()).geschorst = True
            else:
                truth._count(other, f"{event.id}@{other}")
    elif do == "forget":
        truth.keys.pop(key, None)
        due.pop(key, None)
    else:
        truth._count(key, event.id)
        due.pop(key, None)
        if do == "due":
            due[key] = int(argument)
        if do == "derive":
            other = derived_key(key)
            truth.derived.append((other, derived_id(event.id, "derive", other)))
