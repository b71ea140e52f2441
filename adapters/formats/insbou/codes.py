"""Code lists of invoices, the same in both versions."""

from typing import Final

FACTUURSOORT: Final = {"380": "factuur", "381": "creditnota", "384": "gecorrigeerde factuur"}
FACTUUR_BTW: Final = {
    "S": "belast",
    "E": "vrijgesteld",
    "AE": "verlegd",
    "Z": "nultarief",
    "G": "uitvoer",
    "K": "levering binnen de EU",
    "L": "Canarische Eilanden",
    "M": "Ceuta en Melilla",
    "O": "buiten de btw",
}
"""VATRateType of the code lists; orders allow E and S only."""
