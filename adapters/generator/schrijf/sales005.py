"""A DICO maintenance order (SALES005 MaintenanceInstruction), from FACTS 1.2."""

from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import clock, day
from adapters.generator.schrijf.xml import document, element
from adapters.generator.waar import adres

NAMESPACE = "http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"


def write(uiting: Uiting, partner: Partner) -> bytes:
    """Raises ValueError for an utterance that is no order: the standard has another message for it."""
    order = uiting.opdracht
    if order is None:
        raise ValueError(f"{uiting.soort}: expected an order")
    lines = [
        element("MessageNumber", uiting.berichtnummer),
        element("MessageDate", day(uiting.gebeurd)),
        element("MessageTime", clock(uiting.gebeurd)),
        element("ReverseChargeIndicator", "N"),
        f"<Buyer>{element('GLN', uiting.klant_als or uiting.klant)}{element('Name', partner.naam)}</Buyer>",
    ]
    if order.noemt_aannemer:
        lines.append(f"<Contractor>{element('GLN', uiting.aannemer_als or order.aannemer)}</Contractor>")
    lines += ["<InstructionData>", *_instruction(uiting, order), "</InstructionData>"]
    return document("MaintenanceInstruction", lines, NAMESPACE)


def _instruction(uiting: Uiting, order: Opdracht) -> list[str]:
    made = [element("InstructionNumber", uiting.nummer_als or uiting.nummer)]
    if uiting.sub is not None:
        made.append(element("InstructionSubNumber", uiting.sub))
    made.append(element("InstructionDate", day(order.datum)))
    if not order.datum_alleen_dag:
        made.append(element("InstructionTime", clock(order.datum)))
    kind = element("InstructionType", order.soort) + element("InstructionAgreementMethod", order.afspraak)
    if order.specificatie is not None:
        kind += element("InstructionTypeSpecification", order.specificatie)
    made.append(f"<InstructionInformation>{kind}</InstructionInformation>")
    if uiting.tekst is not None:
        made.append(element("FreeText", uiting.tekst))
    if order.contract is not None:
        made.append(f"<ContractReference>{element('ContractNumber', order.contract)}</ContractReference>")
    made.append(_place(uiting, order))
    if order.gereed_uiterlijk is not None:
        needed = element("RequiredDeliveryDate", day(order.gereed_uiterlijk))
        needed += element("RequiredDeliveryTime", clock(order.gereed_uiterlijk))
        made.append(f"<AppointmentDateTimeInformation>{needed}</AppointmentDateTimeInformation>")
    made += [_line(number, order) for number in range(1, order.regels + 1)]
    return made


def _place(uiting: Uiting, order: Opdracht) -> str:
    where = adres(uiting.nummer)
    made = "" if order.eenheid is None else element("RealEstateUnitNumber", order.eenheid)
    made += element("Street", where.straat) + element("HouseNumber", str(where.huisnummer))
    if where.letter:
        made += element("HouseLetter", where.letter)
    made += element("PostalCode", where.postcode) + element("City", where.plaats)
    made += element("ContactPersonName", where.bewoner) + element("PhoneNumber1", where.telefoon)
    return f"<MaintenanceLocation>{made}</MaintenanceLocation>"


def _line(number: int, order: Opdracht) -> str:
    made = element("LineNumber", str(number * 10)) + element("Quantity", order.aantal)
    made += element("MeasurementUnitQuantity", "PCE") + element("NormPriceCode", f"PB-{number:03}")
    made += element("ShortDescription", "Herstellen")
    if order.element is not None and number == 1:
        ledo = element("Location", "Keuken") + element("Element", order.element)
        made += f"<LEDOInformation>{ledo}{element('Defect', 'Lekt')}{element('Cause', 'Slijtage')}</LEDOInformation>"
    if order.foto and number == 1:
        photo = element("URL", "https://bijlagen.example/foto.jpg") + element("DocumentType", "OTA")
        made += f"<Attachment>{photo}{element('FileType', 'image/jpeg')}{element('FileName', 'foto.jpg')}</Attachment>"
    return f"<InstructionLine>{made}</InstructionLine>"
