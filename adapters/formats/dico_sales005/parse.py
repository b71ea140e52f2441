"""From a MaintenanceInstruction to a Bericht: one walk over the tree, after the XSD has accepted it.

The walk is flat. The XSD has fixed the order of elements, so the element that opens a part (a party, an attachment, a
line) says where the texts after it belong; `codes.ELEMENTS` says per element what to do with its text.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from adapters.formats import photos
from adapters.formats.attachments import Attachments
from adapters.formats.checks import check
from adapters.formats.dico_sales005 import codes
from adapters.formats.dico_sales005.codes import Part, path_of_element
from adapters.formats.dico_sales005.schema import OWN
from adapters.formats.findings import (
    MAX_FINDINGS,
    OWN_CHECK,
    bounded,
    fout,
    has_error,
    printable,
    quoted,
    refused,
    waarschuwing,
)
from adapters.formats.moments import WITH_ZONE, date_from_xsd, from_xsd, sentence
from adapters.formats.numbers import DECIMAL_EXPECTED, MAX_DECIMALS, WHOLE_EXPECTED, decimal_of, whole_of, year_of
from adapters.formats.payload import Payload
from adapters.formats.personal import noun_of, postcode4
from adapters.formats.xsd import Xsd, path_of
from adapters.message import Bericht, Deel, OpdrachtInhoud, Soort
from topics.blobs import blob_ref
from topics.documents import Bevinding, Moment, Reden
from topics.documents.onderhoud import Bijlage, Ledo, Locatie, Regel

_ELEMENTS: Final = codes.ELEMENTS | {f"{{{codes.NAMESPACE}}}{name}": what for name, what in codes.ELEMENTS.items()}
_FREE_TEXT, _PARTY, _CONTACT, _LINE, _OF_LINE = Part.FREE_TEXT, Part.PARTY, Part.CONTACT, Part.LINE, Part.OF_LINE
_ATTACHMENT, _CHARACTERISTIC = Part.ATTACHMENT, Part.CHARACTERISTIC
_LONGEST_KEY: Final = 64

Texts = dict[str, str]


_STEPS: Final = {
    name: None if part is Part.FIELD else canonical if part is Part.PERSON else ""
    for name, (part, canonical) in codes.ELEMENTS.items()
}
"""By element: None for a text of the part that is open, a name for personal data of it, "" for what opens a part."""


def parse(payload: Payload, xsd: Xsd) -> Deel:
    """The order in `payload`, or why it is none. Raises Unreadable when it is no XML."""
    own = xsd.path is OWN
    root = payload.plain_root() if own else None
    if root is None or not xsd.accepts_plain(root):
        root = payload.root
        errors = xsd.findings(root)
        if errors:
            return refused(Reden.ONGELDIG, [*errors, *payload.warnings], _key(root))
        warnings = [*payload.warnings, *([] if own else _without_unmapped(root))]
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
    else:
        warnings = payload.warnings
    order = _Order(warnings, payload.attachments)
    order.walk(root)
    inhoud = order.inhoud()
    bericht = order.bericht(inhoud)
    findings = order.findings
    if findings and has_error(findings):
        return refused(Reden.ONGELDIG, findings, _key(root))
    findings += check(bericht, order.where)
    return Deel(bericht=bericht, bevindingen=bounded(findings) if findings else ())


def _without_unmapped(root: etree._Element) -> list[Bevinding]:
    """Takes out the elements that a configured schema allows and that are not mapped: a warning for each."""
    found: list[Bevinding] = []
    for element in list(root.iter()):
        parent = element.getparent()
        if element.tag in _ELEMENTS or parent is None:
            continue
        name = printable(str(element.tag).rpartition("}")[2])
        if len(found) <= MAX_FINDINGS:
            tekst = f"Veld {name}: gevonden en door het schema toegestaan, maar niet in kaart; niet overgenomen."
            found.append(waarschuwing("element-niet-in-kaart", path_of(element), tekst))
        parent.remove(element)
    return found


def _key(root: etree._Element) -> tuple[str, str] | None:
    """GLN of the Buyer and order number, where a refused order still shows them."""
    gln, number = root.findtext("{*}Buyer/{*}GLN"), root.findtext("{*}InstructionData/{*}InstructionNumber")
    if not gln or not number or not number.strip() or max(len(gln), len(number)) > _LONGEST_KEY:
        return None
    return gln, number


class _Order:
    """What the walk gathered, and the Bericht made of it. Required texts are there and of their type by the XSD."""

    def __init__(self, warnings: Iterable[Bevinding], attached: Attachments) -> None:
        self.findings: list[Bevinding] = list(warnings)
        self.attached = attached
        self.blobs: dict[str, bytes] = {}
        self.personen: Texts = {}
        self.head: Texts = {}
        self.parties: dict[str, Texts] = {}
        self.attachments: list[tuple[int | None, Texts]] = []
        self.lines: list[Texts] = []

    def walk(self, root: etree._Element) -> None:
        """Reads a tree without namespaces."""
        personen, lines, attachments = self.personen, self.lines, self.attachments
        steps, texts, prefix, who = _STEPS, self.head, "", ""
        contacts = characteristics = 0
        for element in list(root.iter()):
            name = element.tag
            step = steps[name]
            if step is None:
                texts[name] = element.text or ""
            elif step:
                personen[prefix + step] = element.text or ""
            else:
                part, name = codes.ELEMENTS[name]
                if part is _OF_LINE:
                    texts, prefix = lines[-1], f"regel.{len(lines)}."
                elif part is _CONTACT:
                    contacts += 1
                    prefix = f"{who}.contact.{contacts}."
                elif part is _PARTY:
                    texts, prefix, who, contacts = {}, f"{name}.", name, 0
                    self.parties[name] = texts
                elif part is _FREE_TEXT:
                    personen[f"regel.{len(lines)}.tekst" if lines else "tekst"] = element.text or ""
                elif part is _ATTACHMENT:
                    texts, characteristics = {}, 0
                    attachments.append((len(lines) or None, texts))
                elif part is _CHARACTERISTIC:
                    characteristics += 1
                    prefix = f"bijlage.{len(attachments)}.kenmerk.{characteristics}."
                elif part is _LINE:
                    texts = {}
                    lines.append(texts)
                    prefix = f"regel.{len(lines)}."
                else:
                    texts, prefix = self.head, name
                    texts[name] = ""

    def bericht(self, inhoud: OpdrachtInhoud) -> Bericht:
        head, parties = self.head, self.parties
        return Bericht(
            soort=Soort.OPDRACHT,
            berichtnummer=head["MessageNumber"],
            opdrachtnummer=head["InstructionNumber"],
            opdrachtgever=parties["opdrachtgever"]["GLN"],
            inhoud=inhoud,
            aannemer=parties["aannemer"]["GLN"] if "aannemer" in parties else None,
            gelieerd=parties["gelieerd"]["GLN"] if "gelieerd" in parties else None,
            subnummer=head.get("InstructionSubNumber"),
            verzonden=self._moment("MessageDate", "MessageTime"),
            bijlagen=tuple([self._attachment(regel, texts) for regel, texts in self.attachments]),
            personen=self.personen,
            blobs=self.blobs,
        )

    def inhoud(self) -> OpdrachtInhoud:
        get = self.head.get
        verlegd, contract_day = get("ReverseChargeIndicator"), get("ContractDate")
        return OpdrachtInhoud(
            datum=self._moment("InstructionDate", "InstructionTime"),
            soort=get("InstructionType"),
            afspraak=get("InstructionAgreementMethod"),
            specificatie=get("InstructionTypeSpecification"),
            contract=get("ContractNumber"),
            contractdatum=None if contract_day is None else self._date("ContractDate", contract_day),
            btw_verlegd=None if verlegd is None else verlegd == "J",
            gereed_uiterlijk=self._moment("RequiredDeliveryDate", "RequiredDeliveryTime"),
            uitvoeren_vanaf=self._moment("DeliveryDateEarliest", "DeliveryTimeEarliest"),
            uitvoeren_tot=self._moment("DeliveryDateLatest", "DeliveryTimeLatest"),
            locatie=self._place() if "locatie." in self.head else None,
            regels=tuple([self._line(position, texts) for position, texts in enumerate(self.lines, 1)]),
        )

    def where(self, canonical: str) -> str:
        """The XPath of a canonical path, for the checks."""
        head, _, number = canonical.partition(".")
        return (
            codes.path_of_attachments(self.attachments[int(number) - 1][0])
            if head == "bijlage"
            else codes.path_of(canonical)
        )

    def _place(self) -> Locatie:
        get = self.head.get
        year = get("YearOfConstruction")
        return Locatie(
            complex=get("ComplexNumber"),
            pand=get("PremisesNumber"),
            eenheid=get("RealEstateUnitNumber"),
            postcode4=postcode4(self.personen["locatie.postcode"]),
            bouwjaar=None if year is None else self._year(year),
        )

    def _line(self, position: int, texts: Texts) -> Regel:
        get = texts.get
        price, units = get("Price"), get("NumberOfUnitsInPriceBasis")
        percentage, amount = get("VATPercentage"), get("VATBaseAmount")
        return Regel(
            nummer=self._whole(position, texts["LineNumber"]),
            aantal=self._number(position, "Quantity", texts["Quantity"]),
            eenheid=texts["MeasurementUnitQuantity"],
            prijscode=get("NormPriceCode"),
            ledo=self._ledo(f"regel.{position}.ledo.", get) if "LEDOInformation" in texts else None,
            prijs=None if price is None else self._number(position, "Price", price),
            prijsbasis=None if units is None else self._number(position, "NumberOfUnitsInPriceBasis", units),
            prijseenheid=get("MeasureUnitPriceBasis"),
            btw_code=get("VATRate"),
            btw_percentage=None if percentage is None else self._number(position, "VATPercentage", percentage),
            btw_grondslag=None if amount is None else self._number(position, "VATBaseAmount", amount),
        )

    def _ledo(self, at: str, get: Callable[[str], str | None]) -> Ledo:
        personen = self.personen
        return Ledo(
            noun_of(personen, at + "locatie", get("Location")),
            noun_of(personen, at + "element", get("Element")),
            noun_of(personen, at + "defect", get("Defect")),
            noun_of(personen, at + "oorzaak", get("Cause")),
        )

    def _attachment(self, regel: int | None, texts: Texts) -> Bijlage:
        name, url, data, filetype = texts["FileName"], texts.get("URL"), texts.get("AttachedData"), texts["FileType"]
        content = self.attached.beside(name) if data is None else self._inside(regel, data)
        ref = blob_ref(content) if content else None
        if content and ref:
            self.blobs[ref] = content
        return Bijlage(
            soort=photos.canonical(codes.VERSION, texts["DocumentType"], filetype),
            bestandssoort=filetype,
            naam=name,
            url=url,
            blob=ref,
            bytes=len(content) if content else None,
            regel=regel,
        )

    def _inside(self, regel: int | None, data: str) -> bytes | None:
        content = self.attached.inside(data)
        if content is None:
            tekst = "Veld AttachedData: gevonden tekens of een lengte die niet bij base64 horen, verwacht base64."
            self.findings.append(waarschuwing("bijlage-geen-base64", codes.path_of_attachments(regel), tekst))
        return content

    def _moment(self, day: str, time: str) -> Moment | None:
        """Of the elements named `day` and `time`."""
        on, at = self.head.get(day), self.head.get(time)
        if on is None:
            if at is not None:
                tekst = f"Veld {time}: gevonden '{at}' zonder datum, verwacht een datum erbij; niet overgenomen."
                self.findings.append(waarschuwing("tijd-zonder-datum", path_of_element(time), tekst, waarde=at))
            return None
        moment, oddities = from_xsd(on, at)
        for oddity in oddities:
            self._odd(oddity, day if at is None else time, on if at is None else f"{on} {at}")
        return moment

    def _date(self, name: str, day: str) -> date | None:
        found, oddities = date_from_xsd(day)
        for oddity in oddities:
            self._odd(oddity, name, day)
        return found

    def _odd(self, oddity: str, name: str, found: str) -> None:
        bron = codes.VERSION if oddity == WITH_ZONE else OWN_CHECK
        tekst = sentence(oddity, name, found)
        self.findings.append(waarschuwing(oddity, path_of_element(name), tekst, bron=bron, waarde=found))

    def _year(self, text: str) -> int | None:
        year = year_of(text)
        if year is not None:
            return year
        tekst = f"Veld YearOfConstruction: gevonden {quoted(text)}, verwacht een jaartal als 1974; niet overgenomen."
        self.findings.append(waarschuwing("bouwjaar-vorm", path_of_element("YearOfConstruction"), tekst, waarde=text))
        return None

    def _number(self, position: int, name: str, text: str) -> Decimal:
        number = Decimal(text) if len(text) <= MAX_DECIMALS else decimal_of(text)
        return Decimal(self._too_big(position, name, text, DECIMAL_EXPECTED)) if number is None else number

    def _whole(self, position: int, text: str) -> int:
        number = whole_of(text)
        return self._too_big(position, "LineNumber", text, WHOLE_EXPECTED) if number is None else number

    def _too_big(self, position: int, name: str, text: str, expected: str) -> int:
        """Refuses the message; the 0 that stands in for the number is never used."""
        tekst = f"Veld {name}: gevonden {quoted(text)}, verwacht {expected}."
        pad = path_of_element(name, position)
        self.findings.append(fout("getal-te-groot", pad, tekst, OWN_CHECK, waarde=text))
        return 0
