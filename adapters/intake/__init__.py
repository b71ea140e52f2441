"""The intake: a partner hands over a message over HTTP, gets a receipt at once and can ask what became of it.

Never parses a body. The way of one message: `post` (authenticate, read) → `body` (limits, decoding, hash) →
`acceptance` (repeat or new, claim check, the record on `ruw.<kind>.v1`) → receipt. `pages` answers everything else.
"""
