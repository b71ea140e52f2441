"""The folder intake's figures for Prometheus. Labels are kinds and outcomes, never partners or names of files."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from adapters.folder.look import Looks


class Figures:
    """An outcome is `aangenomen`, `herhaling`, or the code of what can never be accepted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._files = Counter(
            "ketenbus_folder_files_total",
            "Files handled, by kind of partner and outcome",
            ("kind", "outcome"),
            registry=registry,
        )
        self._looks: dict[str, Looks] = {}
        Gauge("ketenbus_folder_waiting", "Files that lie in the folders", registry=registry).set_function(
            lambda: sum(looks.waiting for looks in self._looks.values())
        )

    def counted(self, kind: str, outcome: str) -> None:
        self._files.labels(kind, outcome).inc()

    def watch(self, partner: str, looks: Looks) -> None:
        self._looks[partner] = looks
