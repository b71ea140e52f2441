"""What this package runs, for a bus in memory (entry point group `ketenbus.processors`). Profiles are for the adapters."""

from chain.besluit.processor import Decider
from chain.correlate import Correlator
from chain.ledger.processor import Ledger
from topics.catalogue.declarations import ALL_KETENS
from topics.play.stage import Adds
from topics.profile.registry import Registry


def processors(stage: Adds, _registry: Registry) -> None:
    for keten in ALL_KETENS:
        stage.add(Correlator(keten))
    stage.add(Ledger())
    stage.add(Decider())
