"""VERA's maintenance order, given or with a status (FACTS 2): JSON, every moment in UTC, GLNs where it was agreed."""

import json
from datetime import UTC, datetime
from typing import Final

from adapters.generator.bericht import PRIJS, Opdracht, Uiting
from adapters.generator.partners import Partner
from adapters.generator.waar import adres

SOORT: Final = {"REP": "REP", "MUT": "MUT", "INS": "INS", "PLM": "PLN", "REN": "WOV"}
AFREKENWIJZE: Final = {"AFK": "AFK", "EHP": "NCE", "REG": "NCR", "ANS": "VPR"}
Velden = dict[str, object]


def write(uiting: Uiting, partner: Partner) -> bytes:
    attributes = {"Referentienummer": uiting.berichtnummer}
    made: Velden = {
        "idExtern": uiting.nummer,
        "idOrganisatie": uiting.klant_als or uiting.klant,
        "code": uiting.nummer_als or uiting.nummer,
    }
    order = uiting.opdracht
    if order is not None:
        attributes["TijdstipBericht"] = _utc(uiting.gebeurd)
        made |= _order(uiting, order)
        if order.noemt_urgentie:
            attributes["Urgentie"] = order.urgentie
        named = uiting.aannemer_als or order.aannemer if order.noemt_aannemer else None
    else:
        attributes["TijdstipGebeurtenis"] = _utc(uiting.gebeurd)
        word, _ = partner.word(uiting.code or "", uiting.detail)
        made["status"] = {"code": uiting.woord_als or word}
        named = uiting.aannemer_als
    if named is not None:
        made["relaties"] = [{"idGegevensbeheerder": named}]
    if uiting.tekst is not None:
        made["omschrijving"] = uiting.tekst
    made["extra-attributen"] = [{"naam": name, "waarde": value} for name, value in attributes.items()]
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _order(uiting: Uiting, order: Opdracht) -> Velden:
    where = adres(uiting.nummer)
    defect: Velden = {"omschrijving": "Zie taak", "code": "1"}
    if order.eenheid is not None:
        defect["eenheid"] = {"code": order.eenheid}
    if order.element is not None:
        defect["bouwkundigElement"] = {"code": order.element}
    if order.gemeld_op is not None:
        defect["melddatum"] = _utc(order.gemeld_op)
    made: Velden = {
        "onderhoudSoort": {"code": SOORT[order.soort]},
        "status": {"code": "GUN"},
        "opdrachtdatum": _utc(order.datum),
        "afrekenwijze": {"code": AFREKENWIJZE[order.afspraak]},
        "afspraken": [{"locatie": {"straatnaam": where.straat, "postcode": where.postcode}}],
        "defecten": [defect],
        "onderhoudstaken": [_task(number, order) for number in range(1, order.regels + 1)],
    }
    if order.contract is not None:
        made["overeenkomst"] = {"code": order.contract}
    return made


def _task(number: int, order: Opdracht) -> Velden:
    price = {"code": f"PB-{number:03}", "aantal": 1, "bedrag": float(PRIJS), "meeteenheid": {"code": "STU"}}
    line = {"aantal": float(order.aantal), "meeteenheid": {"code": "STU"}, "standaardprijs": price}
    return {"code": str(number), "omschrijving": "Herstellen", "voorcalculaties": [line]}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
