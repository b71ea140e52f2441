"""From a Bericht to the plain JSON form. Strict: the models that read it must accept it, and nothing may be left over."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.json_v1 import codes
from adapters.formats.json_v1.parse import parts
from adapters.formats.jsoninvoicewriter import invoice_fields
from adapters.formats.payload import Payload
from adapters.formats.personal import CONTACT_FIELDS, LEDO_FIELDS, PARTIES, PARTY_FIELDS, PLACE_FIELDS, postcode4
from adapters.formats.unreadable import Unreadable
from adapters.message import (
    Bericht,
    FactuurInhoud,
    FactuurstatusInhoud,
    MutatieInhoud,
    OfferteInhoud,
    OpdrachtInhoud,
    PlanningInhoud,
    StatusInhoud,
)
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Bijlage, Ledo, Locatie, Regel, Slot

Json = dict[str, object]
_LINE_TEXTS: Final = ("omschrijving", "toelichting", "tekst", "prijsomschrijving")


def render(bericht: Bericht) -> bytes:
    """UTF-8 JSON of one object. Raises CannotRender with a finding per field that does not fit."""
    writer = _Writer(bericht.personen)
    message = _given(writer.message(bericht))
    raw = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    errors = [*writer.misfits, *writer.left(), *_unread(raw)]
    if errors:
        raise CannotRender(codes.FORMAAT, errors)
    return raw


def _unread(raw: bytes) -> Sequence[Bevinding]:
    """Why this format itself would refuse what was written."""
    try:
        (back,) = parts(Payload(raw))
    except Unreadable as error:
        return (error.finding,)
    return back.bevindingen if back.bericht is None else ()


def _misfit(pad: str, what: str) -> Bevinding:
    return fout("niet-uit-te-drukken", pad, f"Veld {pad.rpartition('/')[2]}: {what}.", codes.SOURCE)


def _given(fields: Json) -> Json:
    """Without what is absent or empty."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


class _Writer:
    def __init__(self, personen: dict[str, str]) -> None:
        self._left = dict(personen)
        self.misfits: list[Bevinding] = []

    def left(self) -> list[Bevinding]:
        """Personal fields for which this message has no place."""
        return [_misfit(f"/personen/{path}", "hiervoor kent dit bericht geen veld") for path in self._left]

    def message(self, bericht: Bericht) -> Json:
        head: Json = {
            "formaat": codes.FORMAAT,
            "soort": bericht.soort.value,
            "berichtnummer": bericht.berichtnummer,
            "verzonden": _time(bericht.verzonden),
            "proef": bericht.proef or None,
            "opdrachtgever": bericht.opdrachtgever,
            "gelieerd": bericht.gelieerd,
            "aannemer": bericht.aannemer,
            "opdrachtnummer": bericht.opdrachtnummer or None,
            "subnummer": bericht.subnummer,
            "tekst": self._left.pop("tekst", None),
        }
        match bericht.inhoud:
            case OpdrachtInhoud() as inhoud:
                rest = self._opdracht(inhoud)
            case StatusInhoud() as inhoud:
                rest = {
                    "status": inhoud.eigen,
                    "detail": inhoud.eigen_detail,
                    "gebeurd": _time(inhoud.gebeurd),
                    "bedrag": _number(inhoud.bedrag),
                    "gereed_gevraagd": _time(inhoud.gereed_gevraagd),
                }
            case PlanningInhoud() as inhoud:
                rest = {
                    "gebeurd": _time(inhoud.gebeurd),
                    "sloten": [self._slot(position, slot) for position, slot in enumerate(inhoud.sloten, 1)],
                }
            case OfferteInhoud() as inhoud:
                rest = {
                    "offertenummer": inhoud.offertenummer,
                    "stap": inhoud.stap.value,
                    "gebeurd": _time(inhoud.gebeurd),
                    "bedrag": _number(inhoud.bedrag),
                    "reden": self._left.pop("offerte.reden", inhoud.reden),
                }
            case MutatieInhoud() as inhoud:
                rest = {
                    "stap": inhoud.stap.value,
                    "gebeurd": _time(inhoud.gebeurd),
                    "eenheid": inhoud.eenheid,
                    "mutatie": inhoud.mutatie,
                    "leegstand_vanaf": _day(inhoud.leegstand_vanaf),
                }
            case FactuurInhoud() as inhoud:
                rest = invoice_fields(bericht, inhoud, self._left, self.misfits, codes.SOURCE)
            case FactuurstatusInhoud() as inhoud:
                rest = {
                    "leverancier": inhoud.leverancier,
                    "factuurnummer": inhoud.factuurnummer,
                    "stap": inhoud.stap.value,
                    "gebeurd": _time(inhoud.gebeurd),
                    "bedrag": _number(inhoud.bedrag),
                }
        bijlagen = [self._bijlage(number, one, bericht.blobs) for number, one in enumerate(bericht.bijlagen, 1)]
        return {**head, **rest, "bijlagen": bijlagen}

    def _opdracht(self, inhoud: OpdrachtInhoud) -> Json:
        partijen = {who: party for who in PARTIES if (party := self._partij(who))}
        return {
            "partijen": partijen or None,
            "datum": _time(inhoud.datum),
            "opdrachtsoort": inhoud.soort,
            "afspraak": inhoud.afspraak,
            "specificatie": inhoud.specificatie,
            "urgentie": None if inhoud.urgentie is None else inhoud.urgentie.value,
            "contract": inhoud.contract,
            "contractdatum": _day(inhoud.contractdatum),
            "btw_verlegd": inhoud.btw_verlegd,
            "gemeld_op": _time(inhoud.gemeld_op),
            "gereed_uiterlijk": _time(inhoud.gereed_uiterlijk),
            "uitvoeren_vanaf": _time(inhoud.uitvoeren_vanaf),
            "uitvoeren_tot": _time(inhoud.uitvoeren_tot),
            "locatie": self._locatie(inhoud.locatie),
            "regels": [self._regel(position, regel) for position, regel in enumerate(inhoud.regels, 1)],
            "mutatie": inhoud.mutatie,
            "leegstand_vanaf": _day(inhoud.leegstand_vanaf),
            "bovenliggend": None
            if inhoud.bovenliggend is None
            else {
                "opdrachtgever": inhoud.bovenliggend.opdrachtgever,
                "opdrachtnummer": inhoud.bovenliggend.opdrachtnummer,
            },
        }

    def _partij(self, who: str) -> Json:
        contacts = [self._fields(f"{who}.contact.{number}", CONTACT_FIELDS) for number in range(1, 6)]
        while contacts and not contacts[-1]:
            contacts.pop()
        return _given({**self._fields(who, PARTY_FIELDS), "contact": contacts})

    def _fields(self, where: str, names: tuple[str, ...]) -> Json:
        return _given({name: self._left.pop(f"{where}.{name}", None) for name in names})

    def _locatie(self, locatie: Locatie | None) -> Json | None:
        if locatie is None:
            return None
        fields: Json = self._fields("locatie", PLACE_FIELDS)
        postcode = fields.get("postcode", locatie.postcode4)
        if isinstance(postcode, str) and postcode4(postcode) != locatie.postcode4:
            self.misfits.append(_misfit("/locatie/postcode", f"andere cijfers dan {locatie.postcode4} gevonden"))
        own = {"complex": locatie.complex, "pand": locatie.pand, "eenheid": locatie.eenheid}
        return _given({**own, "bouwjaar": locatie.bouwjaar, **fields, "postcode": postcode})

    def _regel(self, position: int, regel: Regel) -> Json:
        texts = self._fields(f"regel.{position}", _LINE_TEXTS)
        if regel.omschrijving is not None:
            if "omschrijving" in texts:
                self.misfits.append(_misfit(f"/regels/{position - 1}/omschrijving", "twee omschrijvingen gevonden"))
            texts["omschrijving"] = regel.omschrijving
        return _given(
            {
                "nummer": regel.nummer,
                "aantal": _number(regel.aantal),
                "eenheid": regel.eenheid,
                "prijscode": regel.prijscode,
                **texts,
                "ledo": self._ledo(position, regel.ledo),
                "prijs": _number(regel.prijs),
                "prijsbasis": _number(regel.prijsbasis),
                "prijseenheid": regel.prijseenheid,
                "btw_code": regel.btw_code,
                "btw_percentage": _number(regel.btw_percentage),
                "btw_grondslag": _number(regel.btw_grondslag),
            }
        )

    def _ledo(self, position: int, ledo: Ledo | None) -> Json | None:
        if ledo is None:
            return None
        free = self._fields(f"regel.{position}.ledo", LEDO_FIELDS)
        nouns = _given(
            {"locatie": ledo.locatie, "element": ledo.element, "defect": ledo.defect, "oorzaak": ledo.oorzaak}
        )
        for name in free.keys() & nouns.keys():
            self.misfits.append(_misfit(f"/regels/{position - 1}/ledo/{name}", "twee teksten gevonden"))
        return {**nouns, **free}

    def _slot(self, position: int, slot: Slot) -> Json:
        free = self._left.pop(f"slot.{position}.reden", None)
        if free is not None and slot.reden is not None:
            self.misfits.append(_misfit(f"/sloten/{position - 1}/reden", "twee redenen gevonden"))
        return _given(
            {
                "soort": slot.soort.value,
                "begin": slot.begin.isoformat(),
                "eind": slot.eind.isoformat(),
                "door": slot.door,
                "reden": free if slot.reden is None else slot.reden,
                "vorig_begin": None if slot.vorig_begin is None else slot.vorig_begin.isoformat(),
            }
        )

    def _bijlage(self, number: int, bijlage: Bijlage, blobs: Mapping[str, bytes]) -> Json:
        content = blobs.get(bijlage.blob or "")
        if content is None and (bijlage.bytes or bijlage.blob):
            what = "de inhoud van de bijlage is hier niet; verwacht een url of de inhoud erbij"
            self.misfits.append(_misfit(f"/bijlagen/{number - 1}/data", what))
        kenmerken: list[Json] = []
        while f"{(where := f'bijlage.{number}.kenmerk.{len(kenmerken) + 1}')}.naam" in self._left:
            kenmerken.append(self._fields(where, ("naam", "waarde")))
        return _given(
            {
                "soort": bijlage.soort,
                "bestandssoort": bijlage.bestandssoort,
                "naam": bijlage.naam,
                "url": bijlage.url,
                "data": None if content is None else b64encode(content).decode(),
                "regel": bijlage.regel,
                "kenmerken": kenmerken,
            }
        )


def _time(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    return moment.op.astimezone(AMSTERDAM).date().isoformat() if moment.alleen_dag else moment.op.isoformat()


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
