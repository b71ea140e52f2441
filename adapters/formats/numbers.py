"""Numbers of XML texts that their schema has accepted, as far as they are exact and of a size that is meant."""

from decimal import Decimal
from typing import Final

MAX_DIGITS: Final = 15
MAX_DECIMALS: Final = 9
DECIMAL_EXPECTED: Final = f"ten hoogste {MAX_DIGITS} cijfers voor en {MAX_DECIMALS} na de punt"
WHOLE_EXPECTED: Final = f"ten hoogste {MAX_DIGITS} cijfers"


def decimal_of(text: str) -> Decimal | None:
    """The number of an xs:decimal; None for one of more digits than DECIMAL_EXPECTED says."""
    if len(text) <= MAX_DECIMALS:
        return Decimal(text)
    number = Decimal(text) if len(text) <= 100 else Decimal("Infinity")
    if number.is_finite() and number.adjusted() < MAX_DIGITS and int(number.as_tuple().exponent) >= -MAX_DECIMALS:
        return number
    return None


def whole_of(text: str) -> int | None:
    """The number of an xs:integer; None for one of more digits than WHOLE_EXPECTED says."""
    return int(text) if len(text.strip()) <= MAX_DIGITS else None


def year_of(text: str) -> int | None:
    """A year of four digits from 1000 on; None for anything else."""
    year = text.strip()
    return int(year) if len(year) == 4 and year.isdecimal() and year >= "1000" else None
