"""The processor runtime: steps in, transactions out, exactly once (DESIGN 6)."""
