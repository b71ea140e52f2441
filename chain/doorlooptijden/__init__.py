"""`ketenbus doorlooptijden`: lead times from the measures on the bus, or from a foreign event log (see README)."""
