"""The plain JSON form (`ketenbus-json/1`)."""

import base64
import json
from collections.abc import Mapping, Sequence

from adapters.generator.bericht import PRIJS, Opdracht, Slot, Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf import factuur_json
from adapters.generator.schrijf.tijden import day, written
from adapters.generator.waar import Adres, adres

Velden = dict[str, object]
FOTO = base64.b64encode(b"\xff\xd8\xff\xe0verzonnen\xff\xd9").decode()


def fields(uiting: Uiting, partner: Partner, klanten: Mapping[str, Partner]) -> Velden:
    """One message as it goes into the file; only what is there."""
    head: Velden = {
        "formaat": "ketenbus-json/1",
        "soort": uiting.soort,
        "berichtnummer": uiting.berichtnummer,
        "opdrachtgever": uiting.klant_als or uiting.klant,
    }
    if uiting.soort not in ("mutatie", "factuur", "factuurstatus"):
        head |= {"opdrachtnummer": uiting.nummer_als or uiting.nummer}
    if uiting.sub is not None:
        head["subnummer"] = uiting.sub
    if uiting.aannemer_als is not None:
        head["aannemer"] = uiting.aannemer_als
    if uiting.proef:
        head["proef"] = True
    if uiting.tekst is not None:
        head["tekst"] = uiting.tekst
    if uiting.opdracht is not None:
        return head | _order(uiting, uiting.opdracht, partner)
    if uiting.factuur is not None:
        return head | factuur_json.invoice(uiting.factuur, klanten[uiting.klant])
    if uiting.factuurstap is not None:
        return head | factuur_json.step(uiting, uiting.factuurstap, partner)
    head["gebeurd"] = _when(uiting, partner)
    if uiting.soort == "status":
        head |= _status(uiting, partner)
    elif uiting.soort == "planning":
        head["sloten"] = [_slot(slot, partner) for slot in uiting.sloten]
    elif uiting.soort == "offerte":
        head |= {"offertenummer": uiting.offerte, "stap": uiting.stap}
        if uiting.bedrag is not None:
            head["bedrag"] = str(uiting.bedrag)
    else:
        head |= {"stap": uiting.stap, "mutatie": uiting.mutatie}
        if uiting.eenheid is not None:
            head["eenheid"] = uiting.eenheid
    return head


def write(uitingen: Sequence[Uiting], partner: Partner, klanten: Mapping[str, Partner]) -> bytes:
    """One message as an object, several as a list."""
    made = [fields(uiting, partner, klanten) for uiting in uitingen]
    return json.dumps(made[0] if len(made) == 1 else made, ensure_ascii=False, indent=1).encode()


def _when(uiting: Uiting, partner: Partner) -> str:
    return day(uiting.gebeurd) if uiting.alleen_dag else written(uiting.gebeurd, partner.id)


def _status(uiting: Uiting, partner: Partner) -> Velden:
    word, detail = partner.word(uiting.code or "", uiting.detail)
    made: Velden = {"status": uiting.woord_als or word}
    if detail is not None and uiting.woord_als is None:
        made["detail"] = detail
    if uiting.bedrag is not None:
        made["bedrag"] = str(uiting.bedrag)
    if uiting.gevraagd is not None:
        made["gereed_gevraagd"] = written(uiting.gevraagd, partner.id)
    return made


def _slot(slot: Slot, partner: Partner) -> Velden:
    made: Velden = {
        "soort": slot.soort,
        "begin": written(slot.begin, partner.id),
        "eind": written(slot.eind, partner.id),
    }
    if slot.door is not None:
        made["door"] = slot.door
    if slot.reden is not None:
        made["reden"] = slot.reden
    if slot.vorig_begin is not None:
        made["vorig_begin"] = written(slot.vorig_begin, partner.id)
    return made


def _order(uiting: Uiting, order: Opdracht, partner: Partner) -> Velden:
    made: Velden = {
        "verzonden": written(uiting.gebeurd, partner.id),
        "datum": day(order.datum) if order.datum_alleen_dag else written(order.datum, partner.id),
        "opdrachtsoort": order.soort,
        "afspraak": order.afspraak,
        "specificatie": order.specificatie,
        "urgentie": order.urgentie if order.noemt_urgentie else None,
        "contract": order.contract,
        "gemeld_op": None if order.gemeld_op is None else written(order.gemeld_op, partner.id),
        "gereed_uiterlijk": None if order.gereed_uiterlijk is None else written(order.gereed_uiterlijk, partner.id),
        "locatie": _place(adres(uiting.nummer), order),
        "regels": [_line(number, order) for number in range(1, order.regels + 1)],
        "mutatie": order.mutatie,
        "bovenliggend": None
        if order.bovenliggend is None
        else {"opdrachtgever": order.bovenliggend[0], "opdrachtnummer": order.bovenliggend[1]},
    }
    if order.noemt_aannemer:
        made["aannemer"] = uiting.aannemer_als or order.aannemer
    if order.foto:
        made["bijlagen"] = [
            {"soort": "PHO", "bestandssoort": "image/jpeg", "naam": f"{uiting.nummer}.jpg", "data": FOTO}
        ]
    return {name: value for name, value in made.items() if value is not None}


def _place(where: Adres, order: Opdracht) -> Velden:
    made: Velden = {
        "straat": where.straat,
        "huisnummer": f"{where.huisnummer}{where.letter}",
        "postcode": where.postcode,
        "plaats": where.plaats,
        "naam": where.bewoner,
        "telefoon": where.telefoon,
    }
    return made if order.eenheid is None else {"eenheid": order.eenheid, **made}


def _line(number: int, order: Opdracht) -> Velden:
    made: Velden = {
        "nummer": number * 10,
        "aantal": order.aantal,
        "eenheid": "PCE",
        "prijscode": f"PB-{number:03}",
        "omschrijving": "Herstellen",
        "prijs": str(PRIJS),
        "btw_code": "S",
        "btw_percentage": 21,
    }
    if order.element is not None and number == 1:
        made["ledo"] = {"locatie": "Keuken", "element": order.element, "defect": "Lekt", "oorzaak": "Slijtage"}
    return made
