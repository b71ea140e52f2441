"""Made-up places and people, the same for the same order number; also names with letters that old software breaks on."""

import zlib
from typing import Final

import msgspec

STRATEN: Final = ("Populierenhof", "Lindelaan", "Kanaalstraat", "Elsstraat", "Sint-Janskerkhof", "Molenpad", "Dreef")
PLAATSEN: Final = ("Molenwijk", "Havenstad", "Veenhuizen aan Zee", "Oud-Lindeveen")
BEWONERS: Final = (
    "M. Verzonnen",
    "A. Bedenksel-Pen",
    "familie Fictie",
    "J. van der Droom",
    "Chloé Denkbeeld",
    "Ö. Yılmaz",
)


class Adres(msgspec.Struct, frozen=True):
    straat: str
    huisnummer: int
    letter: str
    postcode: str
    plaats: str
    bewoner: str
    telefoon: str


def adres(nummer: str) -> Adres:
    seed = zlib.crc32(nummer.encode())
    return Adres(
        straat=STRATEN[seed % len(STRATEN)],
        huisnummer=1 + seed % 180,
        letter=("", "", "", "a", "b")[seed % 5],
        postcode=f"99{seed % 90 + 10}{chr(65 + seed % 26)}{chr(65 + seed // 26 % 26)}",
        plaats=PLAATSEN[seed % len(PLAATSEN)],
        bewoner=BEWONERS[seed // 7 % len(BEWONERS)],
        telefoon=f"06{seed % 100_000_000:08}",
    )
