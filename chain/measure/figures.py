"""What Prometheus asks for: from the rows as they were last added up; ages against the time of the bus at the scrape."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from chain.kalender import SECONDE
from chain.measure.opname import Maat, Momentopname
from topics.metrics import measure as declared
from topics.metrics.metric import Metric


class MeasureFigures(Collector):
    """The metrics of this room. `opname`: None as long as another worker adds up. `lag`: by topic and partition.
    `unreadable`: by topic; `late`: None as long as another worker adds up. `now`: microseconds of the bus."""

    def __init__(
        self,
        opname: Callable[[], Momentopname | None],
        lag: Callable[[], Mapping[tuple[str, int], int]],
        unreadable: Callable[[], Mapping[str, int]],
        late: Callable[[], int | None],
        now: Callable[[], int],
        name: Callable[[str], str],
    ) -> None:
        self._opname, self._lag, self._unreadable, self._late = opname, lag, unreadable, late
        self._now, self._name = now, name

    def collect(self) -> Iterable[Family]:
        lag, unreadable = declared.LAG.family(), declared.ONLEESBAAR.family()
        for (topic, partition), behind in sorted(self._lag().items()):
            lag.add_metric([topic, str(partition)], behind)
        for topic, count in sorted(self._unreadable().items()):
            unreadable.add_metric([topic], count)
        yield lag
        yield unreadable
        if (came := self._late()) is not None:
            late = declared.LAAT.family()
            late.add_metric([], came)
            yield late
        found = self._opname()
        if found is None:
            return
        stand_per = declared.STAND_PER.family()
        stand_per.add_metric([], found.peil / SECONDE)
        yield stand_per
        yield from self._windows(found)
        yield from self._stock(found)

    def _labels(self, maat: Maat) -> list[str]:
        pair = [self._name(gln) if gln else "" for gln in (maat.opdrachtgever, maat.aannemer)]
        return [maat.keten, maat.maat, *pair]

    def _windows(self, found: Momentopname) -> Iterable[Family]:
        durations = declared.DOORLOOPTIJD.histogram_family()
        quantiles, deadlines, shares = (
            declared.KWANTIEL.family(), declared.DEADLINES.family(), declared.AAN_ZET.family()
        )  # fmt: skip
        for (maat, window), one in found.vensters.items():
            labels = [*self._labels(maat), window]
            durations.add_metric(labels, _buckets(one.duren, declared.DOORLOOPTIJD), sum(one.duren))
            for name, quantile in (("0.5", one.kwantielen.p50), ("0.9", one.kwantielen.p90)):
                if quantile is not None:
                    # not reached: more than has been observed, and a gauge has no sign for that but this one
                    quantiles.add_metric([*labels, name], quantile.value if quantile.reached else _BEYOND)
            deadlines.add_metric([*labels, "gehaald"], one.gehaald)
            deadlines.add_metric([*labels, "gemist"], one.gemist)
            for party, seconds in one.aan_zet.items():
                shares.add_metric([*labels, party.value], seconds)
        yield durations
        yield quantiles
        yield deadlines
        yield shares

    def _stock(self, found: Momentopname) -> Iterable[Family]:
        count, late, ages, signals = (
            declared.OPEN.family(),
            declared.OPEN_TE_LAAT.family(),
            declared.OPEN_LEEFTIJD.histogram_family(),
            declared.SIGNALEN.family(),
        )
        for maat, number in found.open.items():
            count.add_metric(self._labels(maat), number)
            late.add_metric(self._labels(maat), found.te_laat.get(maat, 0))
        now = self._now()
        for (keten, maat_name), begun in found.begin.items():
            old = sorted(max(0, now - at) // SECONDE for at in chain.from_iterable(begun))
            ages.add_metric([keten, maat_name], _buckets(old, declared.OPEN_LEEFTIJD), sum(old))
        for (keten, soort, client, contractor), number in sorted(found.signalen.items()):
            pair = [self._name(gln) if gln else "" for gln in (client, contractor)]
            signals.add_metric([keten, soort, *pair], number)
        yield count
        yield late
        yield ages
        yield signals


_BEYOND: Final = float("inf")


def _buckets(seconds: Sequence[int], metric: Metric) -> list[tuple[str, float]]:
    """Cumulative counts by upper bound, of sorted durations."""
    counted = [(f"{bound:.1f}", float(bisect_right(seconds, bound))) for bound in metric.buckets]
    return [*counted, ("+Inf", float(len(seconds)))]
