"""The adapter: from a partner's message on `ruw.<kind>.v1` to events on the log of the keten."""
