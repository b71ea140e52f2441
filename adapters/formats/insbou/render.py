"""From a Bericht to an Order or an OrderResponse. Strict: no deviation, and what has no place raises, nothing is cut."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, cast

from lxml import etree

from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.insbou.order import own_number
from adapters.formats.insbou.parse import parse
from adapters.formats.insbou.version import LEDO, ORDER, PARTIES, RESPONSE, WRAPPERS, Version
from adapters.formats.moments import is_ambiguous
from adapters.formats.payload import Payload
from adapters.formats.personal import postcode4
from adapters.formats.unreadable import Unreadable
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, OpdrachtInhoud, PlanningInhoud, StatusInhoud
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Locatie, Regel, Slot, Slotsoort

_CONTACT: Final = {"ContactPersonName": "naam", "PhoneNumber": "telefoon", "EmailAddress": "email"}
_ADDRESS: Final = ("straat", "huisnummer", "huisletter", "toevoeging")
_LATER: Final = {"City": "plaats", "PostalCode": "postcode", "Country": "land"}


def render(bericht: Bericht, version: Version, xsd: Xsd) -> bytes:
    """UTF-8 XML that `xsd` accepts. Raises CannotRender with a finding per field that does not fit."""
    writer = _Writer(version, bericht.personen)
    try:
        root = writer.message(bericht)
    except ValueError as error:
        tekst = "gevonden een teken dat in XML niet bestaat, verwacht leesbare tekst"
        raise CannotRender(version.version, [writer.misfit("/", tekst)]) from error
    raw: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    errors = [*writer.misfits, *writer.left(), *_unread(raw, version, xsd)]
    if errors:
        raise CannotRender(version.version, errors)
    return raw


def _unread(raw: bytes, version: Version, xsd: Xsd) -> Iterable[Bevinding]:
    """Why this format itself would refuse what was written, or read it as a dialect."""
    try:
        parts = parse(Payload(raw), version, xsd).delen
    except Unreadable as error:
        return (error.finding,)
    return [finding for part in parts if part.bericht is None or part.dialecten for finding in part.bevindingen]


class _Writer:
    def __init__(self, version: Version, personen: dict[str, str]) -> None:
        self._version = version
        self._left = dict(personen)
        self._space = ""
        self.misfits: list[Bevinding] = []

    def misfit(self, pad: str, what: str) -> Bevinding:
        tekst = f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}."
        return fout("niet-uit-te-drukken", pad, tekst, self._version.version)

    def left(self) -> list[Bevinding]:
        """Personal fields for which the standard has no place."""
        return [self.misfit(f"/personen/{path}", "hiervoor kent de standaard geen element") for path in self._left]

    def message(self, bericht: Bericht) -> etree._Element:
        refuse = self._refuse
        refuse("/proef", bericht.proef, "een proefbericht is in dit bericht niet te herkennen")
        refuse("/subnummer", bericht.subnummer is not None, "een subnummer kent de standaard niet")
        refuse("/gelieerd", bericht.gelieerd is not None, "een gelieerde partij kent de standaard niet")
        refuse("/aannemer", bericht.aannemer is None, "niet gevonden, verwacht de aannemer (Supplier)")
        refuse("/bijlagen", bool(bericht.bijlagen), "bijlagen kent de standaard niet")
        match bericht.inhoud:
            case OpdrachtInhoud() as inhoud:
                return self._order(bericht, inhoud)
            case StatusInhoud() | PlanningInhoud() as inhoud:
                return self._response(bericht, inhoud)
            case _:
                found = f"gevonden een {bericht.soort.value}, verwacht een opdracht, status of planning"
                raise CannotRender(self._version.version, [self.misfit("/soort", found)])

    def _root(self, document: str) -> etree._Element:
        space = self._version.namespaces[document]
        self._space = f"{{{space}}}" if space else ""
        nsmap = cast(dict[str, str], {None: space} if space else {})  # None is the default namespace
        return etree.Element(f"{self._space}{document}", nsmap=nsmap)

    def _order(self, bericht: Bericht, inhoud: OpdrachtInhoud) -> etree._Element:
        self._unknown(inhoud)
        root = self._root(ORDER)
        self._put(root, "OrderNumber", bericht.opdrachtnummer)
        self._moment(root, "OrderDate", inhoud.datum)
        made = {str(node.tag).removeprefix(self._space): node.text or "" for node in root}
        if "OrderDate" not in made or bericht.berichtnummer != own_number(made):
            self._put(root, "MessageNumber", bericht.berichtnummer)
        self._moment(root, "MessageDate", bericht.verzonden)
        self._put(root, "InstructionType", inhoud.soort)
        self._put(root, "InstructionAgreementMethod", inhoud.afspraak)
        self._put(root, "InstructionTypeSpecification", inhoud.specificatie)
        if inhoud.btw_verlegd is not None:
            self._put(root, "ReverseChargeIndicator", "J" if inhoud.btw_verlegd else "N")
        contractday = None if inhoud.contractdatum is None else inhoud.contractdatum.isoformat()
        self._wrapped(root, "ContractReference", (inhoud.contract, contractday))
        self._wrapped(root, "AdditionalInformation", (self._left.pop("tekst", None),))
        self._wish(root, inhoud)
        self._parties(root, bericht)
        self._place(root, inhoud.locatie)
        for position, regel in enumerate(inhoud.regels, 1):
            self._line(root, regel, f"regel.{position}")
        return root

    def _unknown(self, inhoud: OpdrachtInhoud) -> None:
        for field in ("urgentie", "gemeld_op", "mutatie", "leegstand_vanaf", "bovenliggend"):
            self._refuse(f"/{field}", getattr(inhoud, field) is not None, f"{field} kent de standaard niet")

    def _response(self, bericht: Bericht, inhoud: StatusInhoud | PlanningInhoud) -> etree._Element:
        apart = bericht.verzonden not in (None, inhoud.gebeurd)
        self._refuse("/verzonden", apart, "gevonden een ander moment dan dat van de gebeurtenis, verwacht hetzelfde")
        root = self._root(RESPONSE)
        self._put(root, "OrderResponseNumber", bericht.berichtnummer)
        self._moment(root, "OrderResponseDate", inhoud.gebeurd)
        if isinstance(inhoud, StatusInhoud):
            self._refuse("/bedrag", inhoud.bedrag is not None, "een bedrag bij een status kent de standaard niet")
            self._put(root, "StatusCode", inhoud.eigen)
            self._put(root, "StatusDetailCode", inhoud.eigen_detail)
        self._put(root, "BuyersOrderNumber", bericht.opdrachtnummer)
        for number, slot in enumerate(inhoud.sloten if isinstance(inhoud, PlanningInhoud) else (), 1):
            self._slot(root, slot, f"/sloten/{number}")
        self._parties(root, bericht)
        self._put(root, "FreeText", self._left.pop("tekst", None))
        return root

    def _slot(self, root: etree._Element, slot: Slot, at: str) -> None:
        offered = slot.soort is Slotsoort.AANGEBODEN
        self._refuse(f"{at}/soort", not offered, f"gevonden {slot.soort.value}, verwacht een aangeboden slot")
        told = slot.door is not None or slot.reden is not None or slot.vorig_begin is not None
        self._refuse(f"{at}/reden", told, "door wie, waarom en vanwaar kent de standaard niet")
        moment = self._sub(root, "DeliveryDateTimeInformation")
        begin, end = slot.begin.astimezone(AMSTERDAM), slot.eind.astimezone(AMSTERDAM)
        if _is_midnight(begin) and _is_midnight(end) and begin.date() + timedelta(days=1) == end.date():
            self._put(moment, "ScheduledDeliveryDate", begin.date().isoformat())
            return
        frame = self._sub(moment, "DeliveryTimeFrame")
        self._moment(frame, "DeliveryDateEarliest", Moment(slot.begin))
        self._moment(frame, "DeliveryDateLatest", Moment(slot.eind))

    def _refuse(self, pad: str, wrong: bool, what: str) -> None:
        if wrong:
            self.misfits.append(self.misfit(pad, what))

    def _parties(self, root: etree._Element, bericht: Bericht) -> None:
        for name, who in PARTIES.items():
            gln = bericht.opdrachtgever if who == "opdrachtgever" else bericht.aannemer
            party = self._sub(root, name)
            self._put(party, "GLN", gln)
            self._address(party, who)
            for number in range(1, 6):
                self._contact(party, f"{who}.contact.{number}", _CONTACT)

    def _address(self, parent: etree._Element, who: str) -> None:
        pop = self._left.pop
        self._put(parent, "Name", pop(f"{who}.naam", None))
        self._put(parent, "Name2", pop(f"{who}.naam2", None))
        street, number, letter, suffix = (pop(f"{who}.{field}", None) for field in _ADDRESS)
        numbered = f"{number or ''}{letter or ''}" + (f"-{suffix}" if suffix else "")
        self._put(parent, "StreetAndNumber", " ".join(part for part in (street, numbered) if part) or None)
        for name, field in _LATER.items():
            self._put(parent, name, pop(f"{who}.{field}", None))

    def _contact(self, parent: etree._Element, where: str, fields: dict[str, str]) -> None:
        found = {name: text for name, field in fields.items() if (text := self._left.pop(f"{where}.{field}", None))}
        if found:
            contact = self._sub(parent, "ContactInformation")
            for name, text in found.items():
                self._put(contact, name, text)

    def _place(self, root: etree._Element, locatie: Locatie | None) -> None:
        if locatie is None:
            return
        place = self._sub(root, "DeliveryParty")
        known = postcode4(self._left.get("locatie.postcode", ""))
        differs = f"gevonden {locatie.postcode4} naast een postcode met {known}, verwacht dezelfde vier cijfers"
        self._refuse("/locatie/postcode4", known != locatie.postcode4, differs)
        nameless = "locatie.contactpersoon" in self._left and "locatie.naam" not in self._left
        self._refuse("/locatie/contactpersoon", nameless, "gevonden zonder locatie.naam, verwacht dan locatie.naam")
        self._address(place, "locatie")
        self._put(place, "LocationDescription", self._left.pop("locatie.omschrijving", None))
        self._contact(place, "locatie", {**_CONTACT, "ContactPersonName": "contactpersoon"})
        self._put(place, "ComplexNumber", locatie.complex)
        self._put(place, "PremisesNumber", locatie.pand)
        self._put(place, "RealEstateUnitNumber", locatie.eenheid)
        self._put(place, "YearOfConstruction", None if locatie.bouwjaar is None else f"{locatie.bouwjaar:04d}")

    def _wish(self, root: etree._Element, inhoud: OpdrachtInhoud) -> None:
        if inhoud.gereed_uiterlijk is None and inhoud.uitvoeren_vanaf is None and inhoud.uitvoeren_tot is None:
            return
        wish = self._sub(root, "DeliveryDateTimeInformation")
        self._moment(wish, "RequiredDeliveryDate", inhoud.gereed_uiterlijk)
        if inhoud.uitvoeren_vanaf is not None or inhoud.uitvoeren_tot is not None:
            frame = self._sub(wish, "DeliveryTimeFrame")
            self._moment(frame, "DeliveryDateEarliest", inhoud.uitvoeren_vanaf)
            self._moment(frame, "DeliveryDateLatest", inhoud.uitvoeren_tot)

    def _line(self, root: etree._Element, regel: Regel, where: str) -> None:
        put, pop = self._put, self._left.pop
        line = self._sub(root, "OrderLine")
        put(line, "LineNumber", str(regel.nummer))
        put(line, "OrderedQuantity", _plain(regel.aantal))
        put(line, "OrderedQuantityMeasureUnitCode", regel.eenheid)
        put(line, "LongDescription", pop(f"{where}.toelichting", None))
        short = pop(f"{where}.omschrijving", None)
        both = short is not None and regel.omschrijving is not None
        self._refuse("/regels/omschrijving", both, "gevonden twee korte omschrijvingen, verwacht een")
        short = regel.omschrijving if short is None else short
        if regel.prijscode is not None or short is not None:
            article = self._sub(line, "TradeItemIdentification")
            put(article, "SuppliersTradeItemIdentification", regel.prijscode)
            if short is not None:
                put(self._sub(article, "AdditionalItemIdentification"), "TradeItemDescription", short)
        self._wrapped(line, "AdditionalInformation", (pop(f"{where}.tekst", None),))
        self._ledo(line, regel, where)
        if regel.prijs is not None or regel.prijsbasis is not None or regel.prijseenheid is not None:
            price = self._sub(line, "PriceInformation")
            put(price, "Price", _plain(regel.prijs))
            base = self._sub(price, "PriceBase")
            put(base, "NumberOfUnitsInPriceBasis", _plain(regel.prijsbasis))
            put(base, "MeasureUnitPriceBasis", regel.prijseenheid)
            put(base, "PriceBaseDescription", pop(f"{where}.prijsomschrijving", None))
        if regel.btw_code is not None or regel.btw_percentage is not None or regel.btw_grondslag is not None:
            vat = self._sub(line, "VATInformation")
            put(vat, "VATRate", regel.btw_code)
            put(vat, "VATPercentage", _plain(regel.btw_percentage))
            put(vat, "VATBaseAmount", _plain(regel.btw_grondslag))

    def _ledo(self, line: etree._Element, regel: Regel, where: str) -> None:
        if regel.ledo is None:
            return
        ledo = self._sub(line, "LEDOInformation")
        for name, field in LEDO.items():
            noun: str | None = getattr(regel.ledo, field)
            free = self._left.pop(f"{where}.ledo.{field}", None)
            self._refuse(f"/{where}/ledo/{field}", free is not None and noun is not None, "gevonden twee teksten")
            self._put(ledo, name, free if noun is None else noun)

    def _wrapped(self, parent: etree._Element, wrapper: str, texts: tuple[str | None, ...]) -> None:
        """In the wrapper that INSBOU003 has around these."""
        if any(text is not None for text in texts):
            owner = self._sub(parent, wrapper) if self._version.wrapped else parent
            for name, text in zip(WRAPPERS[wrapper], texts, strict=True):
                self._put(owner, name, text)

    def _moment(self, parent: etree._Element, name: str, moment: Moment | None) -> None:
        """Local date, and time in the element beside it; with its offset only where the local time occurs twice."""
        if moment is None:
            return
        at: datetime = moment.op.astimezone(AMSTERDAM)
        self._put(parent, name, at.date().isoformat())
        if not moment.alleen_dag:
            offset = f"{at:%z}" if is_ambiguous(at) else ""
            zone = f"{offset[:3]}:{offset[3:]}" if offset else ""
            self._put(parent, name.replace("Date", "Time"), at.time().isoformat() + zone)

    def _sub(self, parent: etree._Element, name: str) -> etree._Element:
        return etree.SubElement(parent, f"{self._space}{self._version.own(name)}")

    def _put(self, parent: etree._Element, name: str, text: str | None) -> None:
        if text is not None:
            self._sub(parent, name).text = text


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
