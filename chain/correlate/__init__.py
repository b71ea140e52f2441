"""The correlator: the log of a keten becomes dossiers, measures and signals (DESIGN 2). See ../README.md."""

from chain.correlate.processor import Correlator

__all__ = ["Correlator"]
