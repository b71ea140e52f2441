"""Why something of an invoice is not released: stable codes, and what each says to a person (ONDERHOUD 5).

`Regelbeoordeling.reden`, `Deeloordeel.reden` and `Factuurbeoordeling.redenen` are of these. Pure.
"""

from enum import StrEnum
from typing import Final


class Betwisting(StrEnum):
    """A reason to dispute."""

    AANTAL_HOGER = "aantal-hoger"
    PRIJS_HOGER = "prijs-hoger"
    CODE_ONBEKEND = "code-onbekend"
    PRIJS_ONBEKEND = "prijs-onbekend"
    EENHEID_ANDERS = "eenheid-anders"
    BOVEN_AANNEEMSOM = "boven-aanneemsom"
    BOVEN_PLAFOND = "boven-plafond"
    MEERWERK_NIET_AKKOORD = "meerwerk-niet-akkoord"
    GARANTIE = "garantie"
    AFKOOP = "afkoop"
    BOVEN_AFKOOP = "boven-afkoop"
    PERIODE_OVERLAPT = "periode-overlapt"
    PERIODE_ONBEKEND = "periode-onbekend"
    NIETS_AFGESPROKEN = "niets-afgesproken"
    NIET_GEREED = "niet-gereed"
    GEANNULEERD = "geannuleerd"
    GEWEIGERD = "geweigerd"
    DEEL_ONBEKEND = "deel-onbekend"
    LEVERANCIER_ONBEKEND = "leverancier-onbekend"
    AANNEMER_VERVANGEN = "aannemer-vervangen"
    MOGELIJK_DUBBEL = "mogelijk-dubbel"
    TE_VEEL_VRIJGEGEVEN = "te-veel-vrijgegeven"
    ORIGINEEL_ONBEKEND = "origineel-onbekend"
    BOVEN_ORIGINEEL = "boven-origineel"
    AFTREK_OPEN = "aftrek-open"
    TOESLAG_LOS = "toeslag-los"
    OPDRACHT_ONBEKEND = "opdracht-onbekend"
    IBAN_ONBEKEND = "iban-onbekend"
    CORRECTIE = "correctie"
    CREDIT_POSITIEF = "credit-positief"


UITLEG: Final[dict[Betwisting, str]] = {
    Betwisting.AANTAL_HOGER: "more of the price code than the order has, all its invoices together",
    Betwisting.PRIJS_HOGER: "a higher price than the order's line, else than the price book",
    Betwisting.CODE_ONBEKEND: "a price code (or none) that the order does not have",
    Betwisting.PRIJS_ONBEKEND: "neither the order nor the price book has a price of the code",
    Betwisting.EENHEID_ANDERS: "another unit than the order's line, and no price there to compare amounts by",
    Betwisting.BOVEN_AANNEEMSOM: "more than the agreed sum, all invoices of the order together",
    Betwisting.BOVEN_PLAFOND: "more than the ceiling of an order in regie",
    Betwisting.MEERWERK_NIET_AKKOORD: "extra work that nobody approved, or more than was approved",
    Betwisting.GARANTIE: "the order is guarantee: nothing is payable",
    Betwisting.AFKOOP: "the order is bought off by a contract: nothing is payable beside it but extra work",
    Betwisting.BOVEN_AFKOOP: "more than the contract's amount for the period",
    Betwisting.PERIODE_OVERLAPT: "the period overlaps one that was invoiced",
    Betwisting.PERIODE_ONBEKEND: "a periodic invoice without a period, or for anything but one whole period of its contract",
    Betwisting.NIETS_AFGESPROKEN: "there is no price, sum or ceiling to compare with",
    Betwisting.NIET_GEREED: "the order is not technically ready; released by itself once it is",
    Betwisting.GEANNULEERD: "the order is cancelled",
    Betwisting.GEWEIGERD: "the contractor refused the order",
    Betwisting.DEEL_ONBEKEND: "no sub-number while several parts stand, or one that no version of the order has",
    Betwisting.LEVERANCIER_ONBEKEND: "the legal entity is not one of the order's contractor",
    Betwisting.AANNEMER_VERVANGEN: "the order went to another contractor, and this one did not report it ready before",
    Betwisting.MOGELIJK_DUBBEL: "same supplier, amount, order and date as another invoice",
    Betwisting.TE_VEEL_VRIJGEGEVEN: "the order was lowered below what was released: first that is made up for",
    Betwisting.ORIGINEEL_ONBEKEND: "a credit of which the original is not known (yet)",
    Betwisting.BOVEN_ORIGINEEL: "a credit of more than is left of its original",
    Betwisting.AFTREK_OPEN: "as much as the invoice takes off elsewhere, where that is not settled",
    Betwisting.TOESLAG_LOS: "asked beside all lines: a charge at a VAT rate without any, a high rounding",
    Betwisting.OPDRACHT_ONBEKEND: "no order of this number within the waiting time",
    Betwisting.IBAN_ONBEKEND: "the client does not know the account: nothing is released",
    Betwisting.CORRECTIE: "a corrective invoice (384) that asks money: beside its original, or in its place; a person says",
    Betwisting.CREDIT_POSITIEF: "a credit note (381) that asks money",
}
