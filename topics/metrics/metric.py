"""What a metric is: name, kind, meaning, labels, and which process shows it. Declared once, in `declarations`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily

# else every counter has a second series, which says when this process began
disable_created_metrics()  # type: ignore[no-untyped-call]  # the client does not type it


class Kind(StrEnum):
    """GAUGE_HISTOGRAM: how a stock is spread now; its buckets go up and down, so they are read without `rate`."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE_HISTOGRAM = "gauge histogram"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric. `name` as it is scraped, of a counter with `_total`; of a histogram without its suffixes.

    labels: their names; what bounds their values stands in `declarations.BOUNDS`. process: which shows it. source: where
    the figure comes from. buckets: upper bounds, in the unit of the name.
    """

    name: str
    help: str
    process: str
    source: str
    kind: Kind = Kind.GAUGE
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def counter(self, registry: CollectorRegistry) -> Counter:
        return Counter(self.name, self.help, self.labels, registry=registry)

    def gauge(self, registry: CollectorRegistry, value: Callable[[], float] | None = None) -> Gauge:
        """`value`: asked when Prometheus asks; only without labels."""
        gauge = Gauge(self.name, self.help, self.labels, registry=registry)
        if value is not None:
            gauge.set_function(value)
        return gauge

    def histogram(self, registry: CollectorRegistry) -> Histogram:
        return Histogram(self.name, self.help, self.labels, buckets=self.buckets, registry=registry)

    def family(self) -> GaugeMetricFamily:
        """For a collector: samples are added at every scrape."""
        return GaugeMetricFamily(self.name, self.help, labels=self.labels)

    def histogram_family(self) -> GaugeHistogramMetricFamily:
        """For a collector, as `family`."""
        return GaugeHistogramMetricFamily(self.name, self.help, labels=self.labels)


UUR: Final = 3600.0
DAG: Final = 24 * UUR
