"""Plain writers: an utterance in a partner's own format, as text. Each is a template, not a library."""
