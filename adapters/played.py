"""What this package runs, for a bus in memory (entry point group `ketenbus.processors`)."""

from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import KINDS
from adapters.worker.profiles import check_dialects
from topics.play.stage import Adds
from topics.profile.registry import Registry


def processors(stage: Adds, registry: Registry) -> None:
    """Raises ConfigurationError for a profile that an adapter's process refuses."""
    check_dialects(registry)
    for kind in KINDS.values():
        stage.add(AdapterProcessor(kind, registry))
