"""Checking a message without accepting it, by the very code of the adapter.

`report` says what would become of a message; `process` asks for it in a process of its own and imports nothing of that.
"""
