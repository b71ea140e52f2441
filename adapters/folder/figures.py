"""The folder intake's figures for Prometheus. Labels are kinds and outcomes, never partners or names of files."""

from prometheus_client import CollectorRegistry

from adapters.folder.look import Looks
from topics.metrics import declarations as declared


class Figures:
    """An outcome is `aangenomen`, `herhaling`, or the code of what can never be accepted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._files = declared.FOLDER_FILES.counter(registry)
        self._looks: dict[str, Looks] = {}
        # a copy, for whoever asks is another thread than whoever adds
        declared.FOLDER_WAITING.gauge(registry, lambda: sum(looks.waiting for looks in tuple(self._looks.values())))

    def counted(self, kind: str, outcome: str) -> None:
        self._files.labels(kind, outcome).inc()

    def watch(self, partner: str, looks: Looks) -> None:
        self._looks[partner] = looks
