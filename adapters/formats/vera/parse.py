"""From an Onderhoudsorder or Afspraak of VERA to parts: one object is one part, and an order's appointments one more."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import msgspec
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from adapters.formats.checks import check
from adapters.formats.findings import MAX_FINDINGS, bounded, fout, has_error, quoted, refused
from adapters.formats.gathering import Gathering, unknown
from adapters.formats.jsonvalue import unfit
from adapters.formats.modelerrors import findings_of, shown
from adapters.formats.modeltypes import as_time
from adapters.formats.moments import amsterdam
from adapters.formats.payload import Payload
from adapters.formats.vera import codes, schema
from adapters.formats.veraorder import Content, attachments, contact, place_of_work
from adapters.message import Bericht, Deel, Inhoud, OpdrachtInhoud, PlanningInhoud, Soort, StatusInhoud
from topics.documents import Moment, Reden
from topics.documents.onderhoud import Bovenliggend, Slot

MAX_PARTS: Final = 10_000
_LONGEST_KEY: Final = 64
_WHERE: Final = {"opdrachtgever": "idOrganisatie", "aannemer": "relaties", "regels": "onderhoudstaken", "tekst": "omschrijving", "bijlage": "informatieobjecten", "regel": "onderhoudstaken", "uitvoeren_tot": "einddatum", "locatie": "afspraken"}  # fmt: skip
_CONTENT: Final = tuple(name for name, field in schema.Order.model_fields.items() if field.alias in codes.CONTENT)
NEVER: Final = Moment(amsterdam(datetime(1970, 1, 1, tzinfo=UTC)))
"""Stands for a moment in a message that is refused."""


def recognised(value: object) -> bool:
    """Whether the value, or an item of it, is an object of VERA: by its fields, as VERA has no other mark."""
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and "formaat" not in item and not codes.MARKS.isdisjoint(item) for item in items)


def document(value: object) -> str:
    """The names of the objects in the value, as 'Onderhoudsorder' or 'Afspraak+Onderhoudsorder'."""
    items = value if isinstance(value, list) else [value]
    return "+".join(sorted({_name(item) for item in items if isinstance(item, dict)}))


def parts(payload: Payload) -> tuple[Deel, ...]:
    """The parts of a payload that `recognised` knew. A wrong part never refuses another."""
    value = payload.value
    if not isinstance(value, list):
        return _parts(value, "", payload)
    if len(value) > MAX_PARTS:
        tekst = f"Het bericht telt {len(value)} delen; verwacht ten hoogste {MAX_PARTS}. Stuur het in stukken."
        return (refused(Reden.TE_GROOT, [fout("te-groot", "/", tekst, codes.SOURCE)]),)
    return tuple([deel for index, item in enumerate(value) for deel in _parts(item, f"/{index}", payload)])


def _name(item: dict[str, object]) -> str:
    if "onderhoudsorder" in item:
        return codes.APPOINTMENT
    return next((name for mark, name in codes.OTHERS.items() if mark in item), codes.ORDER)


def _parts(item: object, at: str, payload: Payload) -> tuple[Deel, ...]:
    if not isinstance(item, dict):
        tekst = f"Deel {at or '/'}: gevonden {shown(item)}, verwacht een object."
        loose = fout("waarde-soort", at or "/", tekst, codes.SOURCE, persoonlijk=True)
        return (refused(Reden.ONGELDIG, [loose, *payload.warnings]),)
    key, name = _key(item), _name(item)
    found = list(islice(unfit(item, at, codes.SOURCE), MAX_FINDINGS + 1)) if payload.dirty else []
    if found:
        return (refused(Reden.ONGELDIG, [*found, *payload.warnings], key),)
    if name not in (codes.ORDER, codes.APPOINTMENT):
        tekst = f"Deel {at or '/'}: gevonden een {name}, niet in kaart; verwacht {codes.ORDER} of {codes.APPOINTMENT}."
        unmapped = fout("niet-in-kaart", at or "/", tekst, codes.SOURCE)
        return (refused(Reden.NIET_IN_KAART, [unmapped, *payload.warnings]),)
    try:
        if name == codes.APPOINTMENT:
            appointment = schema.Afspraak.model_validate(item)
            return _Mapped(appointment, item, at, payload).of_appointment(appointment)
        order = schema.Order.model_validate(item)
        return _Mapped(order, item, at, payload).of_order(order)
    except ValidationError as error:
        errors = findings_of(error, at, codes.SOURCE, codes.PERSONAL)
        return (refused(Reden.ONGELDIG, [*errors, *payload.warnings], key),)


def _key(item: dict[str, object]) -> tuple[str, str] | None:
    """GLN of the opdrachtgever and order number, where a refused part still shows them."""
    order = item.get("onderhoudsorder", item)
    gln, number = (order.get("idOrganisatie"), order.get("code") or order.get("idExtern")) if isinstance(order, dict) else (None, None)  # fmt: skip
    if not isinstance(gln, str) or not isinstance(number, str) or max(len(gln), len(number)) > _LONGEST_KEY:
        return None
    return (gln, number) if gln.isprintable() and number.isprintable() and number.strip() else None


class _Mapped:
    """One validated object as Berichten."""

    def __init__(self, message: schema.Bericht, item: dict[str, object], at: str, payload: Payload) -> None:
        self._message, self._item, self._attached = message, item, payload.attachments
        self._found = Gathering(at, codes.SOURCE, payload.warnings)
        self._attributes: dict[str, str] = {}
        self._blobs: dict[str, bytes] = {}
        for number, attribute in enumerate(message.extra_attributen or ()):
            if attribute.naam in codes.ATTRIBUTES:
                self._attributes[attribute.naam] = attribute.waarde
            else:
                self._found.missed(f"extra-attributen/{number}/naam")
        shape = schema.AFSPRAAK_SHAPE if isinstance(message, schema.Afspraak) else schema.ORDER_SHAPE
        for path in unknown(item, shape):
            self._found.missed(path)
        self._sent, self._said = (self._attribute_time(name) for name in (codes.SENT, codes.HAPPENED))

    def of_order(self, order: schema.Order) -> tuple[Deel, ...]:
        """The order, or a status of it; of an order with appointments one more part, their planning."""
        found, status = self._found, order.status.code if order.status else None
        number = self._number("code", order.code, order.id_extern)
        found.person("tekst", order.omschrijving)
        given = any(getattr(order, name) is not None for name in _CONTENT) or any(
            task.voorcalculaties for task in order.onderhoudstaken or ()
        )
        inhoud: Inhoud
        if given and (status is None or status in codes.PLACED):
            inhoud = self._given(order)
            bericht = self._around(Soort.OPDRACHT, inhoud, order.id_organisatie, number, order.relaties)
            first = self._deel(bericht)
            sloten = [(at, one) for at, one in enumerate(order.afspraken or ()) if one.begindatum or one.bloktijd_begin]
            return (first,) if not sloten or first.bericht is None else (first, self._planned(bericht, inhoud, sloten))
        if given:
            what = f"gevonden {quoted(status or '')} bij een opdracht, verwacht alleen de status; de opdracht is niet overgenomen."
            found.odd("opdracht-niet-overgenomen", "status", what)
        inhoud = self._status(order, status)
        return (self._deel(self._around(Soort.STATUS, inhoud, order.id_organisatie, number, order.relaties)),)

    def of_appointment(self, appointment: schema.Afspraak) -> tuple[Deel, ...]:
        order = appointment.onderhoudsorder
        number = self._number("onderhoudsorder/code", order.code, order.id_extern)
        self._found.person("tekst", appointment.onderwerp)
        place_of_work(self._found, appointment.adres)
        slot = self._slot("", appointment)
        inhoud = PlanningInhoud(gebeurd=self._happened(None), sloten=(slot,) if slot else ())
        return (self._deel(self._around(Soort.PLANNING, inhoud, order.id_organisatie, number, appointment.relaties)),)

    def _deel(self, bericht: Bericht) -> Deel:
        found = self._found
        if has_error(found.findings):
            reden = Reden.ONBEKENDE_CODE if found.unknown_code else Reden.ONGELDIG
            return refused(reden, found.findings, _key(self._item))
        findings = [*found.findings, *check(bericht, self._where)]
        return Deel(bericht=bericht, bevindingen=bounded(findings), dialecten=tuple(found.dialects))

    def _where(self, canonical: str) -> str:
        head = canonical.partition(".")[0]
        return f"{self._found.at}/{_WHERE.get(head, head)}"

    def _around(
        self, soort: Soort, inhoud: Inhoud, gln: str, number: str, relaties: list[schema.Relatie] | None
    ) -> Bericht:
        aannemer = self._contractor(relaties)
        bijlagen = attachments(self._found, self._message.informatieobjecten or (), self._attached, self._blobs)
        proef = self._found.coded("extra-attributen", self._attributes.get(codes.TEST), codes.TEST_WORDS)
        return Bericht(
            soort=soort,
            berichtnummer=self._attributes.get(codes.REFERENCE) or self._derived(),
            opdrachtnummer=number,
            opdrachtgever=gln,
            inhoud=inhoud,
            aannemer=aannemer,
            verzonden=self._sent,
            proef=bool(proef),
            bijlagen=bijlagen,
            personen=self._found.personen,
            blobs=self._blobs,
        )

    def _derived(self) -> str:
        """A message number of the content, where the sender gave none: the same object again has the same."""
        canonical = json.dumps(self._item, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
        what = f"niet gevonden, verwacht {codes.REFERENCE}; het nummer is van de inhoud afgeleid."
        self._found.odd("berichtnummer-afgeleid", "extra-attributen", what)
        return f"inhoud-{hashlib.sha256(canonical).hexdigest()[:32]}"

    def _number(self, path: str, code: str | None, extern: str | None) -> str:
        if code is None and extern is None:
            self._found.wrong("veld-ontbreekt", path, "niet gevonden, verwacht het nummer van de order.")
        elif code is None:
            what = "niet gevonden, verwacht het nummer van de order; idExtern is genomen."
            self._found.odd("ordernummer-is-idextern", path, what)
        return code or extern or ""

    def _contractor(self, relaties: list[schema.Relatie] | None) -> str | None:
        """The one relation with a GLN; of the others the first is the contact at the place of work."""
        glns = {one.id_gegevensbeheerder for one in relaties or () if one.id_gegevensbeheerder}
        if len(glns) > 1:
            what = f"gevonden {len(glns)} partijen met idGegevensbeheerder, verwacht hoogstens een: de uitvoerende."
            self._found.wrong("uitvoerende-meerduidig", "relaties", what)
        gln = next(iter(glns), None)
        if gln is not None and not (len(gln) == 13 and gln.isascii() and gln.isdigit()):
            what = f"gevonden {quoted(gln)}, verwacht een GLN van 13 cijfers."
            self._found.wrong("waarde-vorm", "relaties", what, gln, personal=True)
        contact(self._found, [one for one in relaties or () if not one.id_gegevensbeheerder])
        return gln

    def _status(self, order: schema.Order, status: str | None) -> StatusInhoud:
        if status is None:
            self._found.wrong("veld-ontbreekt", "status", "niet gevonden, verwacht een opdracht of een status.")
        details = {self._detail(task) for task in order.onderhoudstaken or ()} - {None}
        if len(details) > 1:
            what = f"gevonden {len(details)} verschillende statussen van taken, verwacht een."
            self._found.wrong("detail-meerduidig", "onderhoudstaken", what)
        ready = codes.READY.get(status or "")
        happened = {
            "technischGereeddatum": order.technisch_gereeddatum,
            "financieelGereeddatum": order.financieel_gereeddatum,
        }
        return StatusInhoud(
            eigen=status or "",
            gebeurd=self._happened(None if ready is None else self._found.day_or_time(ready, happened[ready])),
            eigen_detail=next(iter(details), None),
        )

    @staticmethod
    def _detail(task: schema.Taak) -> str | None:
        detail, status = (one.code if one else None for one in (task.detail_status, task.status))
        return detail or (status if status in codes.TASK_AS_DETAIL else None)

    def _happened(self, ready: Moment | None) -> Moment:
        """When it happened: as said, else when the order became ready, else when it was sent."""
        happened = self._said or ready or self._sent
        if happened is None:
            self._found.wrong(
                "veld-ontbreekt", "extra-attributen", f"niet gevonden, verwacht {codes.HAPPENED} of {codes.SENT}."
            )
        return happened or NEVER

    def _attribute_time(self, name: str) -> Moment | None:
        text = self._attributes.get(name)
        if text is None:
            return None
        try:
            found = as_time(text)
        except PydanticCustomError:
            self._found.wrong(
                "tijd-vorm",
                "extra-attributen",
                f"gevonden {quoted(text)} bij {name}, verwacht een tijd als 2026-03-02T08:30:00Z.",
                text,
            )
            return None
        return self._found.day_or_time("extra-attributen", found)

    def _given(self, order: schema.Order) -> OpdrachtInhoud:
        found, above, contract = self._found, order.bovenliggende_order, order.overeenkomst
        content = Content(found, order)
        return OpdrachtInhoud(
            datum=found.day_or_time("opdrachtdatum", order.opdrachtdatum),
            soort=found.coded("onderhoudSoort", _code(order.onderhoud_soort), codes.ONDERHOUDSOORT),
            afspraak=found.coded("afrekenwijze", _code(order.afrekenwijze), codes.AFREKENWIJZE),
            specificatie=codes.GARANTIE if _code(order.afrekenwijze) == codes.GARANTIE else None,
            urgentie=found.coded("extra-attributen", self._attributes.get(codes.URGENCY), codes.URGENTIE),
            contract=None if contract is None else contract.code or contract.id_extern,
            btw_verlegd=order.btw_verlegd,
            gemeld_op=content.reported(),
            gereed_uiterlijk=found.day_or_time("uitersteGereeddatum", order.uiterste_gereeddatum),
            uitvoeren_vanaf=found.day_or_time("begindatum", order.begindatum),
            uitvoeren_tot=found.day_or_time("einddatum", order.einddatum),
            locatie=content.place(),
            regels=content.lines(),
            bovenliggend=None if above is None else self._above(above),
        )

    def _above(self, above: schema.Sleutels) -> Bovenliggend:
        number, gln = above.code or above.id_extern, above.id_organisatie
        if not number or not gln:
            self._found.wrong("veld-ontbreekt", "bovenliggendeOrder", "niet gevonden, verwacht idOrganisatie en code.")
        return Bovenliggend(gln or "", number or "")

    def _planned(self, bericht: Bericht, inhoud: OpdrachtInhoud, sloten: Sequence[tuple[int, schema.Tijdvak]]) -> Deel:
        """The appointments inside an order, as a planning with a number of its own."""
        self._found = Gathering(self._found.at, codes.SOURCE, ())
        happened = bericht.verzonden or inhoud.datum
        if happened is None:
            self._found.wrong(
                "veld-ontbreekt", "opdrachtdatum", f"niet gevonden, verwacht opdrachtdatum of {codes.SENT}."
            )
        made = [self._slot(f"afspraken/{at}/", one) for at, one in sloten]
        planning = PlanningInhoud(gebeurd=happened or NEVER, sloten=tuple([slot for slot in made if slot is not None]))
        number = f"{bericht.berichtnummer}/afspraak"
        return self._deel(
            msgspec.structs.replace(
                bericht, soort=Soort.PLANNING, berichtnummer=number, inhoud=planning, bijlagen=(), personen={}, blobs={}
            )
        )

    def _slot(self, path: str, one: schema.Tijdvak) -> Slot | None:
        """The slot; None when it has no times or a status without counterpart, which is an error."""
        soort = self._found.coded(f"{path}status", one.status.code if one.status else "", codes.AFSPRAAKSTATUS)
        if one.begindatum is not None and one.bloktijd_begin is not None:
            self._found.missed(f"{path}bloktijdBegin")
        first, last = ("begindatum", "einddatum") if one.begindatum is not None else ("bloktijdBegin", "bloktijdEind")
        begin = self._found.time(f"{path}{first}", one.begindatum or one.bloktijd_begin)
        eind = self._found.time(f"{path}{last}", one.einddatum if one.begindatum is not None else one.bloktijd_eind)
        if begin is None or eind is None or begin.alleen_dag or eind.alleen_dag:
            self._found.wrong(
                "veld-ontbreekt", f"{path}{last}", "niet gevonden, verwacht een begin en een eind met een tijd."
            )
            return None
        if eind.op <= begin.op:
            self._found.wrong("slot-omgekeerd", f"{path}{last}", "gevonden niet later dan het begin, verwacht later.")
        return None if soort is None else Slot(soort=soort, begin=begin.op, eind=eind.op)


def _code(one: schema.Referentie | None) -> str | None:
    return None if one is None else one.code
