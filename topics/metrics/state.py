"""Figures from state: what the facets of a processor's keys come to, as metrics (DESIGN 6).

A facet is a short label that a step gives its key; the store counts them over all keys. Here stands how they become
samples: a pattern names the parts of a facet that are labels, and a part `@` that is a moment, whose age is taken at
the scrape. So a restart or a replay shows the same figures.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec
from prometheus_client.metrics_core import Metric as Family

from topics.metrics.metric import Metric

MOMENT: Final = "@"
ANY: Final = "*"
PARTIES: Final = frozenset({"opdrachtgever", "aannemer"})
"""Labels whose value in a facet is a GLN; shown as the partner's id where a profile names it."""

Labels = tuple[str, ...]


class How(StrEnum):
    """SUM of what the facets count; age of the OLDEST moment, 0 for a facet without one; AGES, in buckets."""

    SUM = "sum"
    OLDEST = "oldest"
    AGES = "ages"


class Facet(msgspec.Struct, frozen=True):
    """A pattern `word|{label}|*|@`: a word stands for itself, `{label}` for that label's value, `*` for anything, `@` for a
    moment in minutes since the epoch.

    labels: values that the facet does not tell. factor: what one of it counts for; 0 only makes the sample be there.
    """

    pattern: str
    labels: Mapping[str, str] = {}
    factor: int = 1


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A metric and the facets that it comes from. divisor: facets count in parts of the unit (cents: 100)."""

    metric: Metric
    facets: tuple[Facet, ...]
    how: How = How.SUM
    divisor: int = 1


class _Place(msgspec.Struct, frozen=True):
    """Where in a split facet the labels of one figure stand: an index into it, or the value itself."""

    figure: Figure
    words: tuple[tuple[int, str], ...]
    labels: tuple[int | str, ...]
    moment: int | None
    factor: int


class Found(msgspec.Struct):
    """One sample in the making. `ages`: (seconds, how many)."""

    total: int = 0
    oldest: float = 0.0
    ages: list[tuple[float, int]] = []


class StateFigures:
    """The figures of one processor. `constants`: label values that hold for all of it (its keten)."""

    def __init__(self, figures: Sequence[Figure], constants: Mapping[str, str] | None = None) -> None:
        """Raises ValueError for a label that neither the pattern nor a constant gives."""
        self._figures = tuple(figures)
        self._places: dict[int, list[_Place]] = {}
        self._always: list[tuple[Figure, Labels]] = []
        given = constants or {}
        for figure in figures:
            if set(figure.metric.labels) <= set(given):
                self._always.append((figure, tuple(given[name] for name in figure.metric.labels)))
            for facet in figure.facets:
                place = _place(figure, facet, given)
                self._places.setdefault(facet.pattern.count("|") + 1, []).append(place)

    def add(
        self,
        facets: Mapping[str, int],
        now: datetime,
        name: Callable[[str], str],
        into: dict[Metric, tuple[Figure, dict[Labels, Found]]],
    ) -> None:
        """The samples of `facets`, added to those of other processors. `name`: the partner's id of a GLN, else itself."""
        for figure in self._figures:
            into.setdefault(figure.metric, (figure, {}))
        for figure, labels in self._always:
            _sample(into, figure, labels)
        at = now.timestamp()
        for facet, count in facets.items():
            parts = facet.split("|")
            for place in self._places.get(len(parts), ()):
                if any(parts[index] != word for index, word in place.words):
                    continue
                labels = tuple(_value(one, label, parts, name) for one, label in _labelled(place))
                found = _sample(into, place.figure, labels)
                found.total += count * place.factor
                if place.moment is not None:
                    age = max(0.0, at - int(parts[place.moment]) * 60)
                    found.oldest = max(found.oldest, age)
                    found.ages.append((age, count))


def families(found: Mapping[Metric, tuple[Figure, Mapping[Labels, Found]]]) -> Iterable[Family]:
    """What `StateFigures.add` gathered, for Prometheus."""
    for metric, (figure, samples) in found.items():
        if figure.how is How.AGES:
            spread = metric.histogram_family()
            for labels, sample in sorted(samples.items()):
                spread.add_metric(labels, _buckets(metric.buckets, sample.ages), sum(a * n for a, n in sample.ages))
            yield spread
            continue
        family = metric.family()
        for labels, sample in sorted(samples.items()):
            value = sample.oldest if figure.how is How.OLDEST else sample.total / figure.divisor
            family.add_metric(labels, value)
        yield family


def minute(at: datetime) -> int:
    """A moment as a facet tells it: minutes since the epoch."""
    return int(at.timestamp()) // 60


def moment(minutes: int) -> datetime:
    """When a minute of a facet began."""
    return datetime.fromtimestamp(minutes * 60, UTC)


def _place(figure: Figure, facet: Facet, constants: Mapping[str, str]) -> _Place:
    parts = facet.pattern.split("|")
    named = {part[1:-1]: index for index, part in enumerate(parts) if part[:1] == "{"}
    given = {**constants, **facet.labels}
    words = tuple((index, part) for index, part in enumerate(parts) if part[:1] != "{" and part not in (MOMENT, ANY))
    lacking = [name for name in figure.metric.labels if name not in named and name not in given]
    if lacking or set(named) - set(figure.metric.labels):
        raise ValueError(f"{figure.metric.name}: pattern {facet.pattern!r} gives {sorted(named)}, lacks {lacking}")
    labels = tuple(named[name] if name in named else given[name] for name in figure.metric.labels)
    return _Place(figure, words, labels, parts.index(MOMENT) if MOMENT in parts else None, facet.factor)


def _labelled(place: _Place) -> Iterable[tuple[int | str, str]]:
    return zip(place.labels, place.figure.metric.labels, strict=True)


def _value(one: int | str, label: str, parts: Sequence[str], name: Callable[[str], str]) -> str:
    value = one if isinstance(one, str) else parts[one]
    return name(value) if label in PARTIES and value else value


def _sample(into: dict[Metric, tuple[Figure, dict[Labels, Found]]], figure: Figure, labels: Labels) -> Found:
    _, samples = into.setdefault(figure.metric, (figure, {}))
    return samples.setdefault(labels, Found())


def _buckets(bounds: Sequence[float], ages: Iterable[tuple[float, int]]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus reads them."""
    counts = [0] * (len(bounds) + 1)
    for age, count in ages:
        counts[bisect_left(bounds, age)] += count
    total = 0
    found = []
    for bound, count in zip([*(f"{one:.1f}" for one in bounds), "+Inf"], counts, strict=True):
        total += count
        found.append((bound, float(total)))
    return found
