"""From a Bericht to an Order, an OrderResponse or an Invoice. Strict: no deviation, and what has no place raises, nothing is cut."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lxml import etree

from adapters.formats.format import CannotRender
from adapters.formats.insbou.order import own_number
from adapters.formats.insbou.parse import parse
from adapters.formats.insbou.renderinvoice import Invoice, lost
from adapters.formats.insbou.version import LEDO, ORDER, PARTIES, RESPONSE, Version
from adapters.formats.insbou.writing import Writer, plain
from adapters.formats.payload import Payload
from adapters.formats.personal import postcode4
from adapters.formats.unreadable import Unreadable
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, FactuurInhoud, OpdrachtInhoud, PlanningInhoud, StatusInhoud
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Locatie, Regel, Slot, Slotsoort


def render(bericht: Bericht, version: Version, xsd: Xsd) -> bytes:
    """UTF-8 XML that `xsd` accepts. Raises CannotRender with a finding per field that does not fit."""
    writer = _Writer(version, bericht.personen)
    try:
        root = writer.message(bericht)
    except ValueError as error:
        tekst = "gevonden een teken dat in XML niet bestaat, verwacht leesbare tekst"
        raise CannotRender(version.version, [writer.misfit("/", tekst)]) from error
    raw: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    errors = [*writer.misfits, *writer.unplaced(), *_unread(raw, bericht, writer, xsd)]
    if errors:
        raise CannotRender(version.version, errors)
    return raw


def _unread(raw: bytes, bericht: Bericht, writer: Writer, xsd: Xsd) -> Iterable[Bevinding]:
    """Why this format itself would refuse what was written, or read it as a dialect, or an invoice as another one."""
    try:
        parts = parse(Payload(raw), writer.version, xsd).delen
    except Unreadable as error:
        return (error.finding,)
    wrong = [finding for part in parts if part.bericht is None or part.dialecten for finding in part.bevindingen]
    back = parts[0].bericht
    if wrong or back is None or not isinstance(bericht.inhoud, FactuurInhoud):
        return wrong
    what = "gevonden iets dat de standaard niet kan zeggen, verwacht wat hij wel kan zeggen"
    return [writer.misfit(pad, what) for pad in lost(bericht, back)]


class _Writer(Writer):
    def message(self, bericht: Bericht) -> etree._Element:
        refuse = self.refuse
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
            case FactuurInhoud() as inhoud:
                return Invoice(self, bericht, inhoud).root()
            case _:
                found = f"gevonden een {bericht.soort.value}, verwacht een opdracht, status, planning of factuur"
                raise CannotRender(self.version.version, [self.misfit("/soort", found)])

    def _order(self, bericht: Bericht, inhoud: OpdrachtInhoud) -> etree._Element:
        self._unknown(inhoud)
        root = self.root(ORDER)
        self.put(root, "OrderNumber", bericht.opdrachtnummer)
        self.moment(root, "OrderDate", inhoud.datum)
        made = {str(node.tag).removeprefix(self.space): node.text or "" for node in root}
        if "OrderDate" not in made or bericht.berichtnummer != own_number(made):
            self.put(root, "MessageNumber", bericht.berichtnummer)
        self.moment(root, "MessageDate", bericht.verzonden)
        self.put(root, "InstructionType", inhoud.soort)
        self.put(root, "InstructionAgreementMethod", inhoud.afspraak)
        self.put(root, "InstructionTypeSpecification", inhoud.specificatie)
        self.flag(root, "ReverseChargeIndicator", inhoud.btw_verlegd)
        contractday = None if inhoud.contractdatum is None else inhoud.contractdatum.isoformat()
        self.wrapped(root, "ContractReference", (inhoud.contract, contractday))
        self.wrapped(root, "AdditionalInformation", (self.left.pop("tekst", None),))
        self._wish(root, inhoud)
        self._parties(root, bericht)
        self._place(root, inhoud.locatie)
        for position, regel in enumerate(inhoud.regels, 1):
            self._line(root, regel, f"regel.{position}")
        return root

    def _unknown(self, inhoud: OpdrachtInhoud) -> None:
        for field in ("urgentie", "gemeld_op", "mutatie", "leegstand_vanaf", "bovenliggend"):
            self.refuse(f"/{field}", getattr(inhoud, field) is not None, f"{field} kent de standaard niet")

    def _response(self, bericht: Bericht, inhoud: StatusInhoud | PlanningInhoud) -> etree._Element:
        apart = bericht.verzonden not in (None, inhoud.gebeurd)
        self.refuse("/verzonden", apart, "gevonden een ander moment dan dat van de gebeurtenis, verwacht hetzelfde")
        root = self.root(RESPONSE)
        self.put(root, "OrderResponseNumber", bericht.berichtnummer)
        self.moment(root, "OrderResponseDate", inhoud.gebeurd)
        if isinstance(inhoud, StatusInhoud):
            self.refuse("/bedrag", inhoud.bedrag is not None, "een bedrag bij een status kent de standaard niet")
            self.put(root, "StatusCode", inhoud.eigen)
            self.put(root, "StatusDetailCode", inhoud.eigen_detail)
        self.put(root, "BuyersOrderNumber", bericht.opdrachtnummer)
        for number, slot in enumerate(inhoud.sloten if isinstance(inhoud, PlanningInhoud) else (), 1):
            self._slot(root, slot, f"/sloten/{number}")
        self._parties(root, bericht)
        self.put(root, "FreeText", self.left.pop("tekst", None))
        return root

    def _slot(self, root: etree._Element, slot: Slot, at: str) -> None:
        offered = slot.soort is Slotsoort.AANGEBODEN
        self.refuse(f"{at}/soort", not offered, f"gevonden {slot.soort.value}, verwacht een aangeboden slot")
        told = slot.door is not None or slot.reden is not None or slot.vorig_begin is not None
        self.refuse(f"{at}/reden", told, "door wie, waarom en vanwaar kent de standaard niet")
        moment = self.sub(root, "DeliveryDateTimeInformation")
        begin, end = slot.begin.astimezone(AMSTERDAM), slot.eind.astimezone(AMSTERDAM)
        if _is_midnight(begin) and _is_midnight(end) and begin.date() + timedelta(days=1) == end.date():
            self.put(moment, "ScheduledDeliveryDate", begin.date().isoformat())
            return
        frame = self.sub(moment, "DeliveryTimeFrame")
        self.moment(frame, "DeliveryDateEarliest", Moment(slot.begin))
        self.moment(frame, "DeliveryDateLatest", Moment(slot.eind))

    def _parties(self, root: etree._Element, bericht: Bericht) -> None:
        for name, who in PARTIES.items():
            gln = bericht.opdrachtgever if who == "opdrachtgever" else bericht.aannemer
            self.named(self.party(root, name, gln), who)

    def _place(self, root: etree._Element, locatie: Locatie | None) -> None:
        if locatie is None:
            return
        known = postcode4(self.left.get("locatie.postcode", ""))
        differs = f"gevonden {locatie.postcode4} naast een postcode met {known}, verwacht dezelfde vier cijfers"
        self.refuse("/locatie/postcode4", known != locatie.postcode4, differs)
        place = self.place(root)
        self.put(place, "ComplexNumber", locatie.complex)
        self.put(place, "PremisesNumber", locatie.pand)
        self.put(place, "RealEstateUnitNumber", locatie.eenheid)
        self.put(place, "YearOfConstruction", None if locatie.bouwjaar is None else f"{locatie.bouwjaar:04d}")

    def _wish(self, root: etree._Element, inhoud: OpdrachtInhoud) -> None:
        if inhoud.gereed_uiterlijk is None and inhoud.uitvoeren_vanaf is None and inhoud.uitvoeren_tot is None:
            return
        wish = self.sub(root, "DeliveryDateTimeInformation")
        self.moment(wish, "RequiredDeliveryDate", inhoud.gereed_uiterlijk)
        if inhoud.uitvoeren_vanaf is not None or inhoud.uitvoeren_tot is not None:
            frame = self.sub(wish, "DeliveryTimeFrame")
            self.moment(frame, "DeliveryDateEarliest", inhoud.uitvoeren_vanaf)
            self.moment(frame, "DeliveryDateLatest", inhoud.uitvoeren_tot)

    def _line(self, root: etree._Element, regel: Regel, where: str) -> None:
        put, pop = self.put, self.left.pop
        line = self.sub(root, "OrderLine")
        put(line, "LineNumber", str(regel.nummer))
        put(line, "OrderedQuantity", plain(regel.aantal))
        put(line, "OrderedQuantityMeasureUnitCode", regel.eenheid)
        put(line, "LongDescription", pop(f"{where}.toelichting", None))
        short = pop(f"{where}.omschrijving", None)
        both = short is not None and regel.omschrijving is not None
        self.refuse("/regels/omschrijving", both, "gevonden twee korte omschrijvingen, verwacht een")
        short = regel.omschrijving if short is None else short
        if regel.prijscode is not None or short is not None:
            article = self.sub(line, "TradeItemIdentification")
            put(article, "SuppliersTradeItemIdentification", regel.prijscode)
            if short is not None:
                put(self.sub(article, "AdditionalItemIdentification"), "TradeItemDescription", short)
        self.wrapped(line, "AdditionalInformation", (pop(f"{where}.tekst", None),))
        self._ledo(line, regel, where)
        if regel.prijs is not None or regel.prijsbasis is not None or regel.prijseenheid is not None:
            price = self.sub(line, "PriceInformation")
            put(price, "Price", plain(regel.prijs))
            base = self.sub(price, "PriceBase")
            put(base, "NumberOfUnitsInPriceBasis", plain(regel.prijsbasis))
            put(base, "MeasureUnitPriceBasis", regel.prijseenheid)
            put(base, "PriceBaseDescription", pop(f"{where}.prijsomschrijving", None))
        if regel.btw_code is not None or regel.btw_percentage is not None or regel.btw_grondslag is not None:
            vat = self.sub(line, "VATInformation")
            put(vat, "VATRate", regel.btw_code)
            put(vat, "VATPercentage", plain(regel.btw_percentage))
            put(vat, "VATBaseAmount", plain(regel.btw_grondslag))

    def _ledo(self, line: etree._Element, regel: Regel, where: str) -> None:
        if regel.ledo is None:
            return
        ledo = self.sub(line, "LEDOInformation")
        for name, field in LEDO.items():
            noun: str | None = getattr(regel.ledo, field)
            free = self.left.pop(f"{where}.ledo.{field}", None)
            self.refuse(f"/{where}/ledo/{field}", free is not None and noun is not None, "gevonden twee teksten")
            self.put(ledo, name, free if noun is None else noun)


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
