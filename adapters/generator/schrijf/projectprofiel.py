"""A DICO status and planning as the project profile lays them out (FACTS 1.4: the official layout is not public)."""

from typing import Final

from adapters.generator.bericht import Slot, Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import clock, day
from adapters.generator.schrijf.xml import document, element

STATUS: Final = "http://www.ketenstandaard.nl/onderhoudsstatus/SALES/005"
PLANNING: Final = "http://www.ketenstandaard.nl/onderhoudsplanning/SALES/005"
SLOTSOORT: Final = {
    "aangeboden": "OFFERED",
    "afgesproken": "AGREED",
    "verplaatst": "MOVED",
    "nagekomen": "KEPT",
    "gemist": "MISSED",
}
DOOR: Final = {"aannemer": "CONTRACTOR", "huurder": "TENANT", "opdrachtgever": "BUYER"}


def write(uiting: Uiting, partner: Partner) -> bytes:
    """Raises KeyError for an utterance that is neither status nor planning."""
    head = [
        element("MessageNumber", uiting.berichtnummer),
        element("MessageDate", day(uiting.gebeurd)),
        f"<Buyer>{element('GLN', uiting.klant_als or uiting.klant)}</Buyer>",
    ]
    if uiting.aannemer_als is not None:
        head.append(f"<Contractor>{element('GLN', uiting.aannemer_als)}</Contractor>")
    data = [element("InstructionNumber", uiting.nummer_als or uiting.nummer)]
    if uiting.sub is not None:
        data.append(element("InstructionSubNumber", uiting.sub))
    name, namespace, inside = {"status": _status, "planning": _planning}[uiting.soort](uiting, partner)
    block = f"<{inside[0]}>{''.join(data + inside[1])}</{inside[0]}>"
    return document(name, [*head, block], namespace)


Inside = tuple[str, list[str]]


def _status(uiting: Uiting, partner: Partner) -> tuple[str, str, Inside]:
    word, detail = partner.word(uiting.code or "", uiting.detail)
    made = [element("StatusCode", uiting.woord_als or word)]
    if detail is not None and uiting.woord_als is None:
        made.append(element("StatusDetailCode", detail))
    made += _when("Status", uiting)
    if uiting.bedrag is not None:
        made.append(element("Amount", f"{uiting.bedrag:.2f}"))
    if uiting.tekst is not None:
        made.append(element("FreeText", uiting.tekst))
    return "MaintenanceStatus", STATUS, ("StatusData", made)


def _planning(uiting: Uiting, _: Partner) -> tuple[str, str, Inside]:
    made = [*_when("Planning", uiting), *(_slot(slot) for slot in uiting.sloten)]
    return "MaintenancePlanningResponse", PLANNING, ("PlanningData", made)


def _when(name: str, uiting: Uiting) -> list[str]:
    made = [element(f"{name}Date", day(uiting.gebeurd))]
    return made if uiting.alleen_dag else [*made, element(f"{name}Time", clock(uiting.gebeurd))]


def _slot(slot: Slot) -> str:
    made = [
        element("SlotType", SLOTSOORT[slot.soort]),
        element("DeliveryDateEarliest", day(slot.begin)),
        element("DeliveryTimeEarliest", clock(slot.begin)),
        element("DeliveryDateLatest", day(slot.eind)),
        element("DeliveryTimeLatest", clock(slot.eind)),
    ]
    if slot.door is not None:
        made.append(element("Actor", DOOR[slot.door]))
    if slot.reden is not None:
        made.append(element("Reason", slot.reden))
    if slot.vorig_begin is not None:
        made += [element("PreviousDate", day(slot.vorig_begin)), element("PreviousTime", clock(slot.vorig_begin))]
    return f"<TimeSlot>{''.join(made)}</TimeSlot>"
