"""From a Bericht to a MaintenanceInstruction. Strict: what the standard cannot hold raises, nothing is cut or dropped."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

from lxml import etree

from adapters.formats import photos
from adapters.formats.dico_sales005 import codes
from adapters.formats.dico_sales005.parse import parse
from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.moments import is_ambiguous
from adapters.formats.payload import Payload
from adapters.formats.personal import postcode4
from adapters.formats.unreadable import Unreadable
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, OpdrachtInhoud
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Bijlage, Locatie, Regel

Q = f"{{{codes.NAMESPACE}}}"
_NSMAP = cast(dict[str, str], {None: codes.NAMESPACE})  # None is the default namespace; the stubs know strings only
_NAME = f"{codes.DOCUMENT} {codes.VERSION}"


def render(bericht: Bericht, xsd: Xsd) -> bytes:
    """UTF-8 XML that `xsd` accepts. Raises CannotRender with a finding per field that does not fit."""
    if not isinstance(bericht.inhoud, OpdrachtInhoud):
        raise CannotRender(_NAME, [_misfit("/soort", f"gevonden een {bericht.soort.value}, verwacht een opdracht")])
    writer = _Writer(bericht.personen, bericht.blobs)
    try:
        root = writer.message(bericht, bericht.inhoud)
    except ValueError as error:
        tekst = "gevonden een teken dat in XML niet bestaat, verwacht leesbare tekst"
        raise CannotRender(_NAME, [_misfit("/", tekst)]) from error
    raw: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    errors = [*writer.misfits, *writer.left(), *_unread(raw, xsd)]
    if errors:
        raise CannotRender(_NAME, errors)
    return raw


def _unread(raw: bytes, xsd: Xsd) -> Sequence[Bevinding]:
    """Why this format itself would refuse what was written."""
    try:
        back = parse(Payload(raw), xsd)
    except Unreadable as error:
        return (error.finding,)
    return back.bevindingen if back.bericht is None else ()


def _misfit(pad: str, what: str) -> Bevinding:
    return fout("niet-uit-te-drukken", pad, f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}.", codes.VERSION)


class _Writer:
    def __init__(self, personen: dict[str, str], blobs: Mapping[str, bytes]) -> None:
        self._left, self._blobs = dict(personen), blobs
        self.misfits: list[Bevinding] = []

    def left(self) -> list[Bevinding]:
        """Personal fields for which the standard has no place."""
        return [_misfit(f"/personen/{path}", "hiervoor kent de standaard geen element") for path in self._left]

    def message(self, bericht: Bericht, inhoud: OpdrachtInhoud) -> etree._Element:
        self._refuse("/proef", bericht.proef, "een proefbericht is in dit bericht niet te herkennen")
        self._refuse("/urgentie", inhoud.urgentie is not None, "urgentie kent de standaard niet")
        self._refuse("/gemeld_op", inhoud.gemeld_op is not None, "de datum van melding kent de standaard niet")
        root = etree.Element(f"{Q}{codes.DOCUMENT}", nsmap=_NSMAP)
        _put(root, "MessageNumber", bericht.berichtnummer)
        self._moment(root, "Message", "", bericht.verzonden)
        if inhoud.btw_verlegd is not None:
            _put(root, "ReverseChargeIndicator", "J" if inhoud.btw_verlegd else "N")
        self._party(root, "Buyer", bericht.opdrachtgever)
        self._party(root, "Affiliate", bericht.gelieerd)
        self._party(root, "Contractor", bericht.aannemer)
        self._attachments(root, bericht.bijlagen, None)
        data = etree.SubElement(root, f"{Q}InstructionData")
        _put(data, "InstructionNumber", bericht.opdrachtnummer)
        _put(data, "InstructionSubNumber", bericht.subnummer)
        self._moment(data, "Instruction", "", inhoud.datum)
        aard = etree.SubElement(data, f"{Q}InstructionInformation")
        _put(aard, "InstructionType", inhoud.soort)
        _put(aard, "InstructionAgreementMethod", inhoud.afspraak)
        _put(aard, "InstructionTypeSpecification", inhoud.specificatie)
        _put(data, "FreeText", self._left.pop("tekst", None))
        if inhoud.contract is not None or inhoud.contractdatum is not None:
            contract = etree.SubElement(data, f"{Q}ContractReference")
            _put(contract, "ContractNumber", inhoud.contract)
            _put(contract, "ContractDate", None if inhoud.contractdatum is None else inhoud.contractdatum.isoformat())
        self._place(data, inhoud.locatie)
        self._planned(data, inhoud)
        for position, regel in enumerate(inhoud.regels, 1):
            self._line(data, regel, position, bericht.bijlagen)
        last = len(inhoud.regels)
        for bijlage in bericht.bijlagen:
            beyond = bijlage.regel is not None and not 1 <= bijlage.regel <= last
            self._refuse("/bijlagen/regel", beyond, f"gevonden regel {bijlage.regel}, verwacht 1 tot en met {last}")
        return root

    def _refuse(self, pad: str, wrong: bool, what: str) -> None:
        if wrong:
            self.misfits.append(_misfit(pad, what))

    def _party(self, parent: etree._Element, name: str, gln: str | None) -> None:
        if gln is None:
            return
        party, who = etree.SubElement(parent, f"{Q}{name}"), codes.PARTIES[name]
        _put(party, "GLN", gln)
        self._texts(party, codes.PARTY_FIELDS, who)
        for number in range(1, 6):
            where = f"{who}.contact.{number}"
            if any(f"{where}.{field}" in self._left for field in codes.CONTACT_FIELDS.values()):
                self._texts(etree.SubElement(party, f"{Q}ContactInformation"), codes.CONTACT_FIELDS, where)

    def _texts(self, parent: etree._Element, names: dict[str, str], where: str) -> None:
        for name, field in names.items():
            _put(parent, name, self._left.pop(f"{where}.{field}", None))

    def _attachments(self, parent: etree._Element, bijlagen: tuple[Bijlage, ...], position: int | None) -> None:
        for number, bijlage in enumerate(bijlagen, 1):
            if bijlage.regel != position:
                continue
            content = self._blobs.get(bijlage.blob or "")
            self._refuse(
                "/bijlagen/blob",
                content is None and bool(bijlage.bytes or bijlage.blob),
                "de inhoud van de bijlage is hier niet; verwacht een url of de inhoud erbij",
            )
            attachment = etree.SubElement(parent, f"{Q}Attachment")
            _put(attachment, "URL", bijlage.url)
            _put(attachment, "AttachedData", None if content is None else b64encode(content).decode())
            _put(attachment, "DocumentType", photos.of_version(codes.VERSION, bijlage.soort))
            _put(attachment, "FileType", bijlage.bestandssoort)
            _put(attachment, "FileName", bijlage.naam)
            which = 1
            while (where := f"bijlage.{number}.kenmerk.{which}") + ".naam" in self._left:
                characteristic = etree.SubElement(attachment, f"{Q}AttachmentCharacteristics")
                _put(characteristic, "AttributeName", self._left.pop(f"{where}.naam"))
                _put(characteristic, "AttributeValue", self._left.pop(f"{where}.waarde", None))
                which += 1

    def _place(self, data: etree._Element, locatie: Locatie | None) -> None:
        if locatie is None:
            return
        place = etree.SubElement(data, f"{Q}MaintenanceLocation")
        _put(place, "ComplexNumber", locatie.complex)
        _put(place, "PremisesNumber", locatie.pand)
        _put(place, "RealEstateUnitNumber", locatie.eenheid)
        _put(place, "YearOfConstruction", None if locatie.bouwjaar is None else f"{locatie.bouwjaar:04d}")
        known = postcode4(self._left.get("locatie.postcode", ""))
        differs = f"gevonden {locatie.postcode4} naast een postcode met {known}, verwacht dezelfde vier cijfers"
        self._refuse("/locatie/postcode4", known != locatie.postcode4, differs)
        self._texts(place, codes.PLACE_FIELDS, "locatie")
        if any(f"locatie.{field}" in self._left for field in codes.COORDINATES.values()):
            self._texts(etree.SubElement(place, f"{Q}GeographicalCoordinates"), codes.COORDINATES, "locatie")

    def _planned(self, data: etree._Element, inhoud: OpdrachtInhoud) -> None:
        if inhoud.gereed_uiterlijk is None and inhoud.uitvoeren_vanaf is None and inhoud.uitvoeren_tot is None:
            return
        planned = etree.SubElement(data, f"{Q}AppointmentDateTimeInformation")
        self._moment(planned, "RequiredDelivery", "", inhoud.gereed_uiterlijk)
        if inhoud.uitvoeren_vanaf is not None or inhoud.uitvoeren_tot is not None:
            frame = etree.SubElement(planned, f"{Q}DeliveryTimeFrame")
            self._moment(frame, "Delivery", "Earliest", inhoud.uitvoeren_vanaf)
            self._moment(frame, "Delivery", "Latest", inhoud.uitvoeren_tot)

    def _line(self, data: etree._Element, regel: Regel, position: int, bijlagen: tuple[Bijlage, ...]) -> None:
        line, where = etree.SubElement(data, f"{Q}InstructionLine"), f"regel.{position}"
        _put(line, "LineNumber", str(regel.nummer))
        _put(line, "Quantity", _plain(regel.aantal))
        _put(line, "MeasurementUnitQuantity", regel.eenheid)
        _put(line, "NormPriceCode", regel.prijscode)
        short = self._left.pop(f"{where}.omschrijving", None)
        both = short is not None and regel.omschrijving is not None
        self._refuse("/regels/omschrijving", both, "gevonden twee korte omschrijvingen, verwacht een")
        _put(line, "ShortDescription", regel.omschrijving if short is None else short)
        _put(line, "LongDescription", self._left.pop(f"{where}.toelichting", None))
        self._ledo(line, regel, where)
        self._attachments(line, bijlagen, position)
        _put(line, "FreeText", self._left.pop(f"{where}.tekst", None))
        if regel.prijs is not None or regel.prijsbasis is not None or regel.prijseenheid is not None:
            price = etree.SubElement(line, f"{Q}PriceInformation")
            _put(price, "Price", _plain(regel.prijs))
            base = etree.SubElement(price, f"{Q}PriceBase")
            _put(base, "NumberOfUnitsInPriceBasis", _plain(regel.prijsbasis))
            _put(base, "MeasureUnitPriceBasis", regel.prijseenheid)
            _put(base, "PriceBaseDescription", self._left.pop(f"{where}.prijsomschrijving", None))
        if regel.btw_code is not None or regel.btw_percentage is not None or regel.btw_grondslag is not None:
            vat = etree.SubElement(line, f"{Q}VATInformation")
            _put(vat, "VATRate", regel.btw_code)
            _put(vat, "VATPercentage", _plain(regel.btw_percentage))
            _put(vat, "VATBaseAmount", _plain(regel.btw_grondslag))

    def _ledo(self, line: etree._Element, regel: Regel, where: str) -> None:
        if regel.ledo is None:
            return
        ledo = etree.SubElement(line, f"{Q}LEDOInformation")
        nouns = {name: getattr(regel.ledo, field) for name, field in codes.LEDO_FIELDS.items()}
        for name, field in codes.LEDO_FIELDS.items():
            free = self._left.pop(f"{where}.ledo.{field}", None)
            self._refuse(
                f"/{where}/ledo/{field}", free is not None and nouns[name] is not None, "gevonden twee teksten"
            )
            _put(ledo, name, free if nouns[name] is None else nouns[name])

    def _moment(self, parent: etree._Element, head: str, tail: str, moment: Moment | None) -> None:
        """Local date and time; with its offset only where the local time occurs twice."""
        if moment is None:
            return
        at: datetime = moment.op.astimezone(AMSTERDAM)
        _put(parent, f"{head}Date{tail}", at.date().isoformat())
        if not moment.alleen_dag:
            offset = f"{at:%z}" if is_ambiguous(at) else ""
            zone = f"{offset[:3]}:{offset[3:]}" if offset else ""
            _put(parent, f"{head}Time{tail}", at.time().isoformat() + zone)


def _put(parent: etree._Element, name: str, text: str | None) -> None:
    if text is not None:
        etree.SubElement(parent, f"{Q}{name}").text = text


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
