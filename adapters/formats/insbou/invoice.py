"""From the texts of an Invoice to a Bericht. Amounts come out signed: those of a credit are negative.

A credit note (381) says its amounts without a sign, as the credit that it is; one that says them with a minus is taken as
well, by a dialect. A corrected invoice (384) and an invoice (380) say their amounts signed.
"""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from adapters.formats.findings import OWN_CHECK, fout, quoted, waarschuwing
from adapters.formats.insbou import places
from adapters.formats.insbou.repair import Repairs
from adapters.formats.insbou.values import Values
from adapters.formats.insbou.version import (
    BLOCKED,
    CHARACTERISTIC,
    CHARGES,
    INVOICER,
    TOTALS,
    VAT_TOTALS,
)
from adapters.formats.insbou.walk import Texts, Walk
from adapters.message import Bericht, FactuurInhoud, Soort
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag, Kostensoort

CREDIT: Final = "381"
NEGATIVE: Final = "credit-met-min"
CHARGED: Final = "S"
LABOUR, MISSPELT, MATERIAL = "ARBEID", "ABREID", "MATERIAAL"
KINDS: Final = {LABOUR: Kostensoort.ARBEID, MATERIAL: Kostensoort.MATERIAAL}
EXTRA: Final = "MEERWERK"
BUYER_NUMBERS: Final = {"btw": "VATRegistrationNumber", "kvk": "ChamberOfCommerceNumber"}
"""Schemes of the buyer's other identifiers, and their elements."""

SUPPLIER_NUMBERS: Final = tuple(f"{who}/{name}" for name in BUYER_NUMBERS.values() for who in ("Supplier", "Invoicer"))
"""Where the number by which a supplier is known stands, the first that is there before the next."""

_ZERO: Final = Decimal(0)


class Reader:
    """Reads the invoice of `walk`. `repairs` takes the dialect of a credit note with a minus."""

    def __init__(self, walk: Walk, values: Values, repairs: Repairs) -> None:
        self._walk, self._values, self._repairs, self._sign = walk, values, repairs, 1

    def bericht(self) -> Bericht:
        head, parties = self._walk.head, self._walk.parties
        inhoud = self._inhoud()
        return Bericht(
            soort=Soort.FACTUUR,
            berichtnummer=head.get("MessageNumber") or inhoud.factuurnummer,
            opdrachtnummer=order_of(inhoud),
            opdrachtgever=parties["opdrachtgever"]["GLN"],
            inhoud=inhoud,
            aannemer=parties["aannemer"]["GLN"],
            verzonden=self._values.moment(head, "MessageDate", "MessageTime", places.HEAD),
            personen=self._personen(),
        )

    def _personen(self) -> Texts:
        """Without the address of who sends the invoice: nobody needs it to judge the invoice."""
        personen = self._walk.personen
        if INVOICER not in self._walk.parties:
            return personen
        return {path: text for path, text in personen.items() if not path.startswith(f"{INVOICER}.")}

    def where(self, canonical: str) -> str:
        """The XPath of a canonical path, for the checks."""
        return places.place(canonical, self._walk.sections.get(CHARGES, ()))

    def _inhoud(self) -> FactuurInhoud:
        walk, values, head = self._walk, self._values, self._walk.head
        totals = walk.sections[TOTALS][0]
        payable = values.needed_number(totals, "TotalInvoiceAmount", places.TOTALS)
        if head["InvoiceType"] == CREDIT:
            if payable < 0:
                pad = f"{places.TOTALS}/TotalInvoiceAmount"
                self._repairs.told(NEGATIVE, pad, f"{payable} bij een creditnota (381)", "een bedrag zonder min")
            else:
                self._sign = -1
        blocked = walk.sections.get(BLOCKED, [{}])[0]
        indicator = head.get("ChainLiabilityIndicator")
        verlegd = head.get("ReverseChargeIndicator")
        buyer = walk.parties["opdrachtgever"]
        self._invoicer()
        return FactuurInhoud(
            factuurnummer=head["InvoiceNumber"],
            factuurdatum=self._day(),
            te_betalen=self._signed(payable),
            netto=self._needed(totals, "TotalNetLineAmount", places.TOTALS),
            btw_nummer=self._of_supplier("VATRegistrationNumber"),
            kvk_nummer=self._of_supplier("ChamberOfCommerceNumber"),
            koper=tuple((scheme, buyer[name]) for scheme, name in BUYER_NUMBERS.items() if name in buyer),
            typecode=head["InvoiceType"],
            munt=head["Currency"],
            regels=tuple([self._line(position, texts) for position, texts in enumerate(walk.lines, 1)]),
            toeslagen=tuple([self._charge(*one) for one in enumerate(walk.sections.get(CHARGES, ()), 1)]),
            btw=tuple([self._vat(*one) for one in enumerate(walk.sections.get(VAT_TOTALS, ()), 1)]),
            toeslag_totaal=self._amount(totals, "TotalAmountInvoiceChargeAllowance", places.TOTALS),
            btw_verlegd=None if verlegd is None else verlegd == "J",
            btw_totaal=self._amount(totals, "TotalVATAmount", places.TOTALS),
            iban=self._of_supplier("IBAN"),
            g_iban=blocked.get("IBAN"),
            g_bedrag=self._amount(blocked, "Amount", places.BLOCKED),
            ketenaansprakelijk=None if indicator is None else indicator == "J",
            verwijst_naar=head.get("InvoiceNumberToBeCorrected"),
            contract=head.get("ContractNumber"),
            periode_van=values.day(head, "PeriodStartDate", places.HEAD),
            periode_tot=values.day(head, "PeriodEndDate", places.HEAD),
            leverdatum=values.day(head, "DeliveryDate", places.HEAD),
            vervaldatum=values.day(head, "ExpirationDate", places.HEAD),
        )

    def _day(self) -> date:
        text = self._walk.head["InvoiceDate"]
        day = self._values.day(self._walk.head, "InvoiceDate", places.HEAD)
        if day is None:
            tekst = f"Veld InvoiceDate: gevonden {quoted(text)}, verwacht de datum van de factuur."
            self._values.findings.append(
                fout("factuur-zonder-datum", f"{places.HEAD}/InvoiceDate", tekst, self._values.bron)
            )
        return day or date.min  # which is never used: the error refuses the message

    def _signed(self, number: Decimal) -> Decimal:
        return -number if self._sign < 0 else number  # not times -1, which has a 0 with a sign

    def _amount(self, texts: Texts, name: str, at: str) -> Decimal | None:
        number = self._values.number(texts, name, at)
        return None if number is None else self._signed(number)

    def _needed(self, texts: Texts, name: str, at: str) -> Decimal:
        """Of an element that the schema requires."""
        return self._signed(self._values.needed_number(texts, name, at))

    def _sum(self, texts: Texts, name: str, at: str) -> Decimal:
        """Of what may be there more than once."""
        found = texts.get(name)
        if found is None:
            return _ZERO
        amounts = [self._needed({name: one}, name, at) for one in found.split("\n")]
        return sum(amounts, _ZERO)

    def _of_supplier(self, name: str) -> str | None:
        """Of the Supplier; where that has none, of the Invoicer."""
        parties = self._walk.parties
        return parties["aannemer"].get(name) or parties.get(INVOICER, {}).get(name)

    def _invoicer(self) -> None:
        """Who asks the money may be another than who did the work: a person should know. Two accounts are refused."""
        supplier, invoicer = self._walk.parties["aannemer"], self._walk.parties.get(INVOICER, {})
        for name in ("GLN", *BUYER_NUMBERS.values()):
            own, other = supplier.get(name), invoicer.get(name)
            if own is not None and other is not None and own != other:
                tekst = f"Veld {name}: gevonden '{other}' bij Invoicer en '{own}' bij Supplier, verwacht hetzelfde."
                pad = f"{places.INVOICER}/{name}"
                self._values.findings.append(waarschuwing("factureerder-is-ander", pad, tekst, waarde=other))
        own, other = supplier.get("IBAN"), invoicer.get("IBAN")
        if own is not None and other is not None and own != other:
            tekst = f"Veld IBAN: gevonden {quoted(other)} naast {quoted(own)} bij Supplier, verwacht een rekening."
            pad = f"{places.INVOICER}/AccountInformation/IBAN"
            found = fout("rekening-meerduidig", pad, tekst, OWN_CHECK, waarde=other, persoonlijk=True)
            self._values.findings.append(found)

    def _line(self, position: int, texts: Texts) -> Factuurregel:
        at, get, number = places.line(position), texts.get, self._values.number
        quantity = self._needed(texts, "DeliveredQuantity", at)
        counted = self._needed(texts, "NumberOfInvoicingUnits", at)
        unit = texts["DeliveredQuantityMeasureUnitCode"]
        priced = get("MeasureUnitPriceBasis", unit)
        apart = counted != quantity or priced != unit
        kind, extra = self._characteristics(texts, at)
        category, rate = self._rate(texts, at)
        regel = Factuurregel(
            nummer=str(self._values.whole(texts, "LineNumber", at)),
            bedrag=self._needed(texts, "NetLineAmount", at),
            btw_categorie=category,
            btw_percentage=rate,
            opdrachtnummer=get("BuyersOrderNumber") or self._walk.head.get("BuyersOrderNumber"),
            prijscode=get("SuppliersTradeItemIdentification"),
            aantal=quantity,
            eenheid=unit,
            prijs=number(texts, "Price", f"{at}/PriceInformation"),
            prijsbasis=number(texts, "NumberOfUnitsInPriceBasis", f"{at}/PriceInformation/PriceBase"),
            prijseenheid=priced if apart else None,
            prijsaantal=counted if apart else None,
            soort=kind,
            meerwerk=extra,
        )
        charge = self._sum(texts, "ChargeAmount", at) - self._sum(texts, "AllowanceAmount", at)
        return msgspec.structs.replace(regel, toeslag=charge) if charge else regel

    def _characteristics(self, texts: Texts, at: str) -> tuple[Kostensoort | None, bool]:
        kind: Kostensoort | None = None
        found = texts.get(CHARACTERISTIC)
        if found is None:
            return None, False
        words = [one.strip() for one in found.split("\n")]
        if MISSPELT in words:
            self._repairs.told("arbeid-spelfout", f"{at}/{CHARACTERISTIC}", MISSPELT, LABOUR)
            words = [LABOUR if word == MISSPELT else word for word in words]
        for word in words:
            other = KINDS.get(word)
            if (other is None and word != EXTRA) or (kind is not None and other not in (None, kind)):
                tekst = (
                    f"Veld {CHARACTERISTIC}: gevonden {quoted(word)}, verwacht ARBEID of MATERIAAL, en daarnaast MEERWERK; "
                    "niet overgenomen."
                )
                pad = f"{at}/{CHARACTERISTIC}"
                self._values.findings.append(
                    waarschuwing("kenmerk-onbekend", pad, tekst, waarde=word, persoonlijk=True)
                )
            else:
                kind = kind or other
        return kind, EXTRA in words

    def _rate(self, texts: Texts, at: str) -> tuple[str, Decimal]:
        """Category and percentage; only what is not charged at a rate may leave the percentage out."""
        category = texts["VATRate"]
        rate = self._values.number(texts, "VATPercentage", f"{at}/VATInformation")
        if rate is None and category == CHARGED:
            tekst = "Veld VATPercentage: niet gevonden, verwacht het percentage van tarief S."
            pad = f"{at}/VATInformation/VATPercentage"
            self._values.findings.append(fout("btw-percentage-ontbreekt", pad, tekst, self._values.bron))
        return category, _ZERO if rate is None else rate

    def _charge(self, position: int, texts: Texts) -> Factuurtoeslag:
        at = places.charge(position, self._walk.sections[CHARGES])
        category, rate = self._rate(texts, at)
        return Factuurtoeslag(
            bedrag=self._sum(texts, "ChargeAmount", at) - self._sum(texts, "AllowanceAmount", at),
            btw_categorie=category,
            btw_percentage=rate,
            reden=texts.get("ChargeTypeCode") or texts.get("AllowanceTypeCode"),
        )

    def _vat(self, position: int, texts: Texts) -> Btwbedrag:
        at = places.vat(position)
        category, rate = self._rate(texts, at)
        return Btwbedrag(
            categorie=category,
            percentage=rate,
            grondslag=self._needed(texts, "VATBaseAmount", f"{at}/VATInformation"),
            bedrag=self._needed(texts, "VATAmount", at),
        )


def order_of(inhoud: FactuurInhoud) -> str:
    """The one order that all lines are for; empty when there are several, or none."""
    named = {regel.opdrachtnummer or "" for regel in inhoud.regels}
    return named.pop() if len(named) == 1 else ""
