"""Code lists of the plain JSON form: DICO's codes, wider where the order of SALES005 is narrower than DICO itself."""

from typing import Final

FORMAAT: Final = "ketenbus-json/1"
FAMILY: Final = "ketenbus-json/"
VERSION: Final = "1"
SOURCE: Final = FORMAAT

OPDRACHTSOORT: Final = {
    "INS": "inspectie",
    "MUT": "mutatie",
    "REP": "reparatie",
    "REN": "renovatie",
    "PLM": "planmatig",
    "PRE": "preventief",
}
AFSPRAAK: Final = {"AFK": "afkoop", "ANS": "aanneemsom", "EHP": "eenheidsprijs", "REG": "regie"}
SPECIFICATIE: Final = {"GAR": "garantie", "MAO": "onbekend", "ORG": "onbekend"}
BTW: Final = {"E": "vrijgesteld", "S": "belast", "AE": "verlegd", "Z": "nultarief"}
EENHEID: Final = {
    "CMT": "centimeter",
    "DAY": "dag",
    "GRM": "gram",
    "HUR": "uur",
    "KGM": "kilogram",
    "LTR": "liter",
    "MIN": "minuut",
    "MLT": "milliliter",
    "MMT": "millimeter",
    "MTK": "vierkante meter",
    "MTQ": "kubieke meter",
    "MTR": "meter",
    "PCE": "stuk",
    "TNE": "ton",
    "WEE": "week",
}
DOCUMENTSOORT: Final = (
    "CAD", "CHR", "FAC", "LOG", "LPP", "MAN", "MTE", "OTA", "PAR", "PHI", "PHO", "PPI", "PRT", "PVI", "SCH", "SOF",
    "STR",
)  # fmt: skip
"""PHO is a photo; SALES005 orders have no code for it."""

PERSONAL: Final = frozenset(
    {
        *("naam", "naam2", "straat", "huisnummer", "huisletter", "toevoeging", "postcode", "plaats", "land"),
        *("telefoon", "telefoon2", "email", "email2", "breedtegraad", "lengtegraad", "contact", "partijen"),
        "contactpersoon",
        *("tekst", "omschrijving", "toelichting", "prijsomschrijving", "waarde", "url", "data", "reden"),
        *("ledo", "element", "defect", "oorzaak"),
        *("iban", "g_iban"),
    }
)
"""Fields whose values are, or may hold, personal data: never shown outside the work list."""
