"""Personal data in what partners sent, replaced by masks: for captures that leave the organisation."""

from adapters.masking.masker import Masker, open_masker

__all__ = ["Masker", "open_masker"]
