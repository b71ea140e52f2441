"""From the plain JSON form to parts: one object is one part, an array has a part per object."""

from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Final

from pydantic import ValidationError

from adapters.formats.attachments import Attachments
from adapters.formats.checks import check, judged
from adapters.formats.findings import MAX_FINDINGS, fout, has_error, quoted, refused, waarschuwing
from adapters.formats.json_v1 import codes, schema
from adapters.formats.jsonattachments import Attached
from adapters.formats.jsonhead import key_of
from adapters.formats.jsoninvoice import FactuurBericht, FactuurstatusBericht, content
from adapters.formats.jsonvalue import unfit
from adapters.formats.modelerrors import findings_of, shown
from adapters.formats.modeltypes import Tijd
from adapters.formats.moments import sentence
from adapters.formats.payload import Payload
from adapters.formats.personal import PARTIES, PARTY_FIELDS, PLACE_FIELDS, noun_of, postcode4
from adapters.message import (
    Bericht,
    Deel,
    FactuurstatusInhoud,
    Inhoud,
    MutatieInhoud,
    OfferteInhoud,
    OpdrachtInhoud,
    PlanningInhoud,
    Soort,
    StatusInhoud,
)
from topics.documents import Bevinding, Moment, Reden
from topics.documents.factuur import Factuurstap
from topics.documents.onderhoud import (
    Bijlage,
    Bovenliggend,
    Ledo,
    Locatie,
    Mutatiestap,
    Offertestap,
    Regel,
    Slot,
    Slotsoort,
    Urgentie,
)

MAX_PARTS: Final = 10_000
_LISTS: Final = {"regel": "regels", "bijlage": "bijlagen", "toeslag": "toeslagen"}
"""What a list is called in the message, by its canonical name."""


def parts(payload: Payload) -> tuple[Deel, ...]:
    """The parts of a payload that `recognised` knew. A wrong part never refuses another."""
    value, warnings = payload.value, tuple(payload.warnings)
    if not isinstance(value, list):
        return (_part(value, "", payload, warnings),)
    if len(value) > MAX_PARTS:
        tekst = f"Het bericht telt {len(value)} delen; verwacht ten hoogste {MAX_PARTS}. Stuur het in stukken."
        return (refused(Reden.TE_GROOT, [fout("te-groot", "/", tekst, codes.SOURCE)]),)
    return tuple([_part(item, f"/{index}", payload, warnings) for index, item in enumerate(value)])


def recognised(value: object) -> bool:
    """Whether the value, or an item of it, says that it is of this family."""
    items = value if isinstance(value, list) else [value]
    return any(str(item.get("formaat", "")).startswith(codes.FAMILY) for item in items if isinstance(item, dict))


def document(value: object) -> str:
    """The kinds of message in the value, as 'opdracht' or 'opdracht+status'."""
    items = value if isinstance(value, list) else [value]
    kinds = {str(item.get("soort")) for item in items if isinstance(item, dict)}
    return "+".join(sorted(kinds & schema.MODELS.keys()))


def _part(item: object, at: str, payload: Payload, warnings: tuple[Bevinding, ...]) -> Deel:
    if not isinstance(item, dict):
        tekst = f"Deel {at or '/'}: gevonden {shown(item)}, verwacht een object."
        loose = fout("waarde-soort", at or "/", tekst, codes.SOURCE, persoonlijk=isinstance(item, str | int | Decimal))
        return refused(Reden.ONGELDIG, [loose, *warnings])
    key = key_of(item)
    found = list(islice(unfit(item, at, codes.SOURCE), MAX_FINDINGS + 1)) if payload.dirty else []
    if found:
        return refused(Reden.ONGELDIG, [*found, *warnings], key)
    formaat, soort = item.get("formaat"), item.get("soort")
    if isinstance(formaat, str) and formaat.startswith(codes.FAMILY) and formaat != codes.FORMAAT:
        tekst = f"Veld formaat: gevonden {quoted(formaat)}, verwacht '{codes.FORMAAT}'."
        finding = fout("versie-onbekend", f"{at}/formaat", tekst, codes.SOURCE, waarde=formaat)
        return refused(Reden.NIET_IN_KAART, [finding, *warnings], key)
    model = schema.MODELS.get(soort) if isinstance(soort, str) else None
    if model is None:
        tekst = f"Veld soort: gevonden {shown(soort)}, verwacht {', '.join(schema.MODELS)}."
        return refused(Reden.ONGELDIG, [fout("code-onbekend", f"{at}/soort", tekst, codes.SOURCE), *warnings], key)
    try:
        message = model.model_validate(item)
    except ValidationError as error:
        return refused(Reden.ONGELDIG, [*findings_of(error, at, codes.SOURCE, codes.PERSONAL), *warnings], key)
    mapped = _Mapped(at, warnings, payload.attachments)
    bericht = mapped.bericht(message)
    if has_error(mapped.findings):
        return refused(Reden.ONGELDIG, mapped.findings, key)
    return judged(bericht, [*mapped.findings, *check(bericht, mapped.where)])


def _day(time: Tijd | None) -> date | None:
    return None if time is None else date.fromisoformat(time.text)


class _Mapped:
    """One validated message as a Bericht; gathers findings and personal data on the way."""

    def __init__(self, at: str, warnings: tuple[Bevinding, ...], attached: Attachments) -> None:
        self._at = at
        self.findings: list[Bevinding] = list(warnings)
        self.personen: dict[str, str] = {}
        self._attached = Attached(at, attached, self.findings, self.personen, codes.SOURCE)

    def where(self, canonical: str) -> str:
        """The JSON pointer of a canonical path."""
        steps = canonical.split(".")
        if steps[0] in PARTIES and len(steps) > 1:
            steps.insert(0, "partijen")
        elif steps[0] in _LISTS:
            steps[0] = _LISTS[steps[0]]
        return f"{self._at}/" + "/".join(str(int(step) - 1) if step.isdecimal() else step for step in steps)

    def bericht(self, message: schema.Melding) -> Bericht:
        self._person("tekst", message.tekst)
        inhoud: Inhoud
        gelieerd: str | None = None
        bijlagen: tuple[Bijlage, ...] = ()
        match message:
            case schema.OpdrachtBericht():
                inhoud, gelieerd = self._opdracht(message), message.gelieerd
                bijlagen = self._attached.of(message.bijlagen, len(message.regels))
            case schema.StatusBericht():
                inhoud, bijlagen = self._status(message), self._attached.of(message.bijlagen)
            case schema.PlanningBericht():
                inhoud = self._planning(message)
            case schema.OfferteBericht():
                inhoud, bijlagen = self._offerte(message), self._attached.of(message.bijlagen)
            case schema.MutatieBericht():
                return self._about_vacancy(message)
            case FactuurBericht() | FactuurstatusBericht():
                return self._about_invoice(message)
        return Bericht(
            soort=Soort(message.soort),
            berichtnummer=message.berichtnummer,
            opdrachtnummer=message.opdrachtnummer,
            opdrachtgever=message.opdrachtgever,
            inhoud=inhoud,
            aannemer=message.aannemer,
            gelieerd=gelieerd,
            subnummer=message.subnummer,
            verzonden=self._moment("verzonden", message.verzonden),
            proef=message.proef,
            bijlagen=bijlagen,
            personen=self.personen,
            blobs=self._attached.blobs,
        )

    def _opdracht(self, message: schema.OpdrachtBericht) -> OpdrachtInhoud:
        if message.partijen is not None:
            for who in PARTIES:
                self._partij(who, getattr(message.partijen, who))
        above = message.bovenliggend
        return OpdrachtInhoud(
            datum=self._moment("datum", message.datum),
            soort=message.opdrachtsoort,
            afspraak=message.afspraak,
            specificatie=message.specificatie,
            urgentie=None if message.urgentie is None else Urgentie(message.urgentie),
            contract=message.contract,
            contractdatum=_day(message.contractdatum),
            btw_verlegd=message.btw_verlegd,
            gemeld_op=self._moment("gemeld_op", message.gemeld_op),
            gereed_uiterlijk=self._moment("gereed_uiterlijk", message.gereed_uiterlijk),
            uitvoeren_vanaf=self._moment("uitvoeren_vanaf", message.uitvoeren_vanaf),
            uitvoeren_tot=self._moment("uitvoeren_tot", message.uitvoeren_tot),
            locatie=self._locatie(message.locatie),
            regels=tuple(self._regel(position, regel) for position, regel in enumerate(message.regels, 1)),
            mutatie=message.mutatie,
            leegstand_vanaf=_day(message.leegstand_vanaf),
            bovenliggend=None if above is None else Bovenliggend(above.opdrachtgever, above.opdrachtnummer),
        )

    def _status(self, message: schema.StatusBericht) -> StatusInhoud:
        return StatusInhoud(
            eigen=message.status,
            gebeurd=self._required("gebeurd", message.gebeurd),
            eigen_detail=message.detail,
            bedrag=message.bedrag,
            gereed_gevraagd=self._moment("gereed_gevraagd", message.gereed_gevraagd),
        )

    def _planning(self, message: schema.PlanningBericht) -> PlanningInhoud:
        sloten = tuple(self._slot(position, slot) for position, slot in enumerate(message.sloten, 1))
        return PlanningInhoud(gebeurd=self._required("gebeurd", message.gebeurd), sloten=sloten)

    def _slot(self, position: int, slot: schema.Slot) -> Slot:
        at = f"sloten/{position - 1}"
        begin, eind = self._required(f"{at}/begin", slot.begin).op, self._required(f"{at}/eind", slot.eind).op
        if eind <= begin:
            tekst = f"Veld eind: gevonden '{slot.eind.text}', verwacht later dan het begin '{slot.begin.text}'."
            self.findings.append(
                fout("slot-omgekeerd", f"{self._at}/{at}/eind", tekst, codes.SOURCE, waarde=slot.eind.text)
            )
        before = self._moment(f"{at}/vorig_begin", slot.vorig_begin)
        return Slot(
            soort=Slotsoort(slot.soort),
            begin=begin,
            eind=eind,
            door=slot.door,
            reden=noun_of(self.personen, f"slot.{position}.reden", slot.reden),
            vorig_begin=None if before is None else before.op,
        )

    def _offerte(self, message: schema.OfferteBericht) -> OfferteInhoud:
        return OfferteInhoud(
            offertenummer=message.offertenummer,
            stap=Offertestap(message.stap),
            gebeurd=self._required("gebeurd", message.gebeurd),
            bedrag=message.bedrag,
            reden=noun_of(self.personen, "offerte.reden", message.reden),
        )

    def _about_vacancy(self, message: schema.MutatieBericht) -> Bericht:
        return Bericht(
            soort=Soort.MUTATIE,
            berichtnummer=message.berichtnummer,
            opdrachtnummer="",
            opdrachtgever=message.opdrachtgever,
            inhoud=MutatieInhoud(
                stap=Mutatiestap(message.stap),
                gebeurd=self._required("gebeurd", message.gebeurd),
                eenheid=message.eenheid,
                mutatie=message.mutatie,
                leegstand_vanaf=_day(message.leegstand_vanaf),
            ),
            verzonden=self._moment("verzonden", message.verzonden),
            proef=message.proef,
            personen=self.personen,
        )

    def _about_invoice(self, message: FactuurBericht | FactuurstatusBericht) -> Bericht:
        inhoud: Inhoud
        bijlagen: tuple[Bijlage, ...] = ()
        subnummer: str | None = None
        if isinstance(message, FactuurBericht):
            inhoud, subnummer = content(message, self.personen), message.subnummer
            bijlagen = self._attached.of(message.bijlagen, len(message.regels))
        else:
            inhoud = FactuurstatusInhoud(
                leverancier=message.leverancier,
                factuurnummer=message.factuurnummer,
                stap=Factuurstap(message.stap),
                gebeurd=self._required("gebeurd", message.gebeurd),
                bedrag=message.bedrag,
            )
        return Bericht(
            soort=Soort(message.soort),
            berichtnummer=message.berichtnummer,
            opdrachtnummer=message.opdrachtnummer or "",
            opdrachtgever=message.opdrachtgever or "",
            inhoud=inhoud,
            aannemer=message.aannemer,
            subnummer=subnummer,
            verzonden=self._moment("verzonden", message.verzonden),
            proef=message.proef,
            bijlagen=bijlagen,
            personen=self.personen,
            blobs=self._attached.blobs,
        )

    def _locatie(self, locatie: schema.Locatie | None) -> Locatie | None:
        if locatie is None:
            return None
        four = postcode4(locatie.postcode) if locatie.postcode is not None else None
        for field in PLACE_FIELDS:
            if field != "postcode" or locatie.postcode != four:
                self._person(f"locatie.{field}", getattr(locatie, field))
        return Locatie(
            complex=locatie.complex,
            pand=locatie.pand,
            eenheid=locatie.eenheid,
            postcode4=four,
            bouwjaar=locatie.bouwjaar,
        )

    def _partij(self, who: str, partij: schema.Partij | None) -> None:
        if partij is None:
            return
        for field in PARTY_FIELDS:
            self._person(f"{who}.{field}", getattr(partij, field))
        for number, contact in enumerate(partij.contact, 1):
            self._person(f"{who}.contact.{number}.naam", contact.naam)
            self._person(f"{who}.contact.{number}.telefoon", contact.telefoon)
            self._person(f"{who}.contact.{number}.email", contact.email)

    def _regel(self, position: int, regel: schema.Regel) -> Regel:
        at = f"regel.{position}"
        for field in ("omschrijving", "toelichting", "tekst", "prijsomschrijving"):
            self._person(f"{at}.{field}", getattr(regel, field))
        return Regel(
            nummer=regel.nummer,
            aantal=regel.aantal,
            eenheid=regel.eenheid,
            prijscode=regel.prijscode,
            ledo=self._ledo(at, regel.ledo),
            prijs=regel.prijs,
            prijsbasis=regel.prijsbasis,
            prijseenheid=regel.prijseenheid,
            btw_code=regel.btw_code,
            btw_percentage=regel.btw_percentage,
            btw_grondslag=regel.btw_grondslag,
        )

    def _ledo(self, at: str, ledo: schema.Ledo | None) -> Ledo | None:
        if ledo is None:
            return None
        texts = ledo.model_dump(exclude_none=True)
        return Ledo(**{field: noun_of(self.personen, f"{at}.ledo.{field}", text) for field, text in texts.items()})

    def _person(self, path: str, text: str | None) -> None:
        if text is not None:
            self.personen[path] = text

    def _moment(self, field: str, time: Tijd | None) -> Moment | None:
        return None if time is None else self._required(field, time)

    def _required(self, field: str, time: Tijd) -> Moment:
        for oddity in time.oddities:
            tekst = sentence(oddity, field.rpartition("/")[2], time.text)
            self.findings.append(waarschuwing(oddity, f"{self._at}/{field}", tekst, waarde=time.text))
        return time.moment
