"""A generated working week: what partners would send, in their own formats and with their own faults, and a ledger of
what is right. It knows neither the adapters' code nor the chain's, so that its ledger can contradict them."""
