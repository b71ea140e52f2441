"""The table of all metrics, as the README beside this module shows it."""

from collections.abc import Iterator

from topics.metrics import archive, declarations, measure
from topics.metrics.metric import Metric


def declared() -> tuple[Metric, ...]:
    """Every metric of the bus, in the order of its declaration. Raises ValueError when two have one name."""
    found = tuple(metric for module in (declarations, measure, archive) for metric in _of(vars(module)))
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"declared twice: {', '.join(twice)}")
    return found


def table() -> str:
    """Every metric, and what bounds the values of each label."""
    rows = ["| metric | kind | labels | says | shown by | from |", "|---|---|---|---|---|---|"]
    every = declared()
    rows += (
        f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.help} "
        f"| {one.process} | {one.source} |"
        for one in every
    )
    rows += ["", "| label | values |", "|---|---|"]
    used = sorted({label for one in every for label in one.labels})
    rows += (f"| `{label}` | {declarations.BOUNDS[label]} |" for label in used)
    return "\n".join(rows)


def _of(names: dict[str, object]) -> Iterator[Metric]:
    return (value for value in names.values() if isinstance(value, Metric))
