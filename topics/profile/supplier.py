"""Legal entities and accounts by number, in one form, so that they can be compared and be part of a key."""

import re
from typing import Final

from topics.keys import normalise_number

_SPECIAL: Final = re.compile(r"[\s.\-/]+")
_KVK: Final = re.compile(r"[0-9]{8}")
_DUTCH: Final = re.compile(r"[0-9]{9}B[0-9]{2}")


def legal_number(number: str) -> str | None:
    """`number` without what people put between its digits, as it counts in a key: a KvK number of 8 digits, or a VAT
    number with its country, where a Dutch one may leave that out. None when nothing is left, or more than a key holds.
    Check digits are not looked at."""
    try:
        # what is normalised may show a dot that it was not, and what stood apart may combine: once more after both
        bare = normalise_number(_SPECIAL.sub("", normalise_number(number)))
        return normalise_number(f"NL{bare}") if _DUTCH.fullmatch(bare) else bare
    except ValueError:
        return None


def is_kvk(number: str) -> bool:
    """Whether a normalised `number` has the form of a KvK number."""
    return _KVK.fullmatch(number) is not None


def account_number(number: str) -> str:
    """An IBAN without white space and hyphens, in upper case; check digits are not looked at."""
    return "".join(number.split()).replace("-", "").upper()
