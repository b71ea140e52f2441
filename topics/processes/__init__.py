"""Processes: what there are, how one is composed, and how all of them run on one machine."""
