"""Reading a foreign event log, row by row: CSV and XES, tolerant where it is certain what was meant."""

from chain.doorlooptijden.eventlog.bestand import Bestand
from chain.doorlooptijden.eventlog.lezen import Log, open_log
from chain.doorlooptijden.eventlog.rij import Afwijzing, Boek, Gebeurtenis, Kolommen

__all__ = ["Afwijzing", "Bestand", "Boek", "Gebeurtenis", "Kolommen", "Log", "open_log"]
