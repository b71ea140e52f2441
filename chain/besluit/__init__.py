"""Forwards the decisions of people: each letter's first one, once confirmed where that is asked. See README.md."""
