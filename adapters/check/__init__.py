"""Checking a message without accepting it: by the very code of the adapter."""

from adapters.check.report import Deelrapport, Rapport, check, check_form

__all__ = ["Deelrapport", "Rapport", "check", "check_form"]
