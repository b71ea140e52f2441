"""What a case means: rules per keten, decide, correlate, ledger."""
