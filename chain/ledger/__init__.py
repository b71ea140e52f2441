"""The account that must balance: every part of every message is in exactly one place, and can be counted twice over."""
