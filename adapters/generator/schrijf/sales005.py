"""A DICO maintenance order (SALES005 MaintenanceInstruction), from FACTS 1.2."""

from xml.sax.saxutils import escape

from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import clock, day
from adapters.generator.waar import adres

NAMESPACE = "http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"


def write(uiting: Uiting, partner: Partner) -> bytes:
    """Raises ValueError for an utterance that is no order: the standard has another message for it."""
    order = uiting.opdracht
    if order is None:
        raise ValueError(f"{uiting.soort}: expected an order")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<MaintenanceInstruction xmlns="{NAMESPACE}">',
        _element("MessageNumber", uiting.berichtnummer),
        _element("MessageDate", day(uiting.gebeurd)),
        _element("MessageTime", clock(uiting.gebeurd)),
        _element("ReverseChargeIndicator", "N"),
        f"<Buyer>{_element('GLN', uiting.klant_als or uiting.klant)}{_element('Name', partner.naam)}</Buyer>",
    ]
    if order.noemt_aannemer:
        lines.append(f"<Contractor>{_element('GLN', uiting.aannemer_als or order.aannemer)}</Contractor>")
    lines += ["<InstructionData>", *_instruction(uiting, order), "</InstructionData>", "</MaintenanceInstruction>", ""]
    return "\n".join(lines).encode()


def _instruction(uiting: Uiting, order: Opdracht) -> list[str]:
    made = [_element("InstructionNumber", uiting.nummer_als or uiting.nummer)]
    if uiting.sub is not None:
        made.append(_element("InstructionSubNumber", uiting.sub))
    made.append(_element("InstructionDate", day(order.datum)))
    if not order.datum_alleen_dag:
        made.append(_element("InstructionTime", clock(order.datum)))
    kind = _element("InstructionType", order.soort) + _element("InstructionAgreementMethod", order.afspraak)
    if order.specificatie is not None:
        kind += _element("InstructionTypeSpecification", order.specificatie)
    made.append(f"<InstructionInformation>{kind}</InstructionInformation>")
    if uiting.tekst is not None:
        made.append(_element("FreeText", uiting.tekst))
    if order.contract is not None:
        made.append(f"<ContractReference>{_element('ContractNumber', order.contract)}</ContractReference>")
    made.append(_place(uiting, order))
    if order.gereed_uiterlijk is not None:
        needed = _element("RequiredDeliveryDate", day(order.gereed_uiterlijk))
        needed += _element("RequiredDeliveryTime", clock(order.gereed_uiterlijk))
        made.append(f"<AppointmentDateTimeInformation>{needed}</AppointmentDateTimeInformation>")
    made += [_line(number, order) for number in range(1, order.regels + 1)]
    return made


def _place(uiting: Uiting, order: Opdracht) -> str:
    where = adres(uiting.nummer)
    made = "" if order.eenheid is None else _element("RealEstateUnitNumber", order.eenheid)
    made += _element("Street", where.straat) + _element("HouseNumber", str(where.huisnummer))
    if where.letter:
        made += _element("HouseLetter", where.letter)
    made += _element("PostalCode", where.postcode) + _element("City", where.plaats)
    made += _element("ContactPersonName", where.bewoner) + _element("PhoneNumber1", where.telefoon)
    return f"<MaintenanceLocation>{made}</MaintenanceLocation>"


def _line(number: int, order: Opdracht) -> str:
    made = _element("LineNumber", str(number * 10)) + _element("Quantity", order.aantal)
    made += _element("MeasurementUnitQuantity", "PCE") + _element("NormPriceCode", f"PB-{number:03}")
    made += _element("ShortDescription", "Herstellen")
    if order.element is not None and number == 1:
        ledo = _element("Location", "Keuken") + _element("Element", order.element)
        made += f"<LEDOInformation>{ledo}{_element('Defect', 'Lekt')}{_element('Cause', 'Slijtage')}</LEDOInformation>"
    if order.foto and number == 1:
        photo = _element("URL", "https://bijlagen.example/foto.jpg") + _element("DocumentType", "OTA")
        made += (
            f"<Attachment>{photo}{_element('FileType', 'image/jpeg')}{_element('FileName', 'foto.jpg')}</Attachment>"
        )
    return f"<InstructionLine>{made}</InstructionLine>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
