"""How old the partners' keys are, and how long they still hold, at every scrape."""

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from topics.clock.source import TimeSource
from topics.metrics import declarations as declared
from topics.profile.credentials import Key

SOORT: Final = "sleutel"


class KeyFigures(Collector):
    """`keys`: all keys of each partner, as they stand now. A partner without any has no figure."""

    def __init__(self, keys: Callable[[], dict[str, tuple[Key, ...]]], time: TimeSource) -> None:
        self._keys, self._time = keys, time

    def collect(self) -> Iterable[GaugeMetricFamily]:
        left, old = declared.SLEUTEL_GELDIG.family(), declared.SLEUTEL_LEEFTIJD.family()
        now = self._time.now()
        for partner, keys in sorted(self._keys().items()):
            ends = [key.geldig_tot for key in keys if key.geldig_tot is not None]
            if len(ends) == len(keys):
                left.add_metric([partner, SOORT], (max(ends) - now).total_seconds())
            made = [key.gemaakt for key in keys if key.valid(now)]
            if made:
                old.add_metric([partner], max(0.0, (now - max(made)).total_seconds()))
        yield left
        yield old
