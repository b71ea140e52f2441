"""The check digit of a GLN (GS1 mod 10)."""

from functools import lru_cache

from stdnum import ean


@lru_cache(maxsize=4096)
def has_right_check_digit(gln: str) -> bool:
    """Whether the 13 digits of `gln` end in the right check digit. Partners are few, so answers are kept."""
    return bool(ean.is_valid(gln))
