"""Captures of a bus: taken from its topics, played into another, and asserted on in the tests of who uses it."""
