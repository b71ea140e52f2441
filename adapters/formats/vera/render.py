"""From a Bericht to an object of VERA. Strict: moments in UTC, codes of VERA only, and it must read back the same."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC
from typing import Final

import msgspec

from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.gathering import is_midnight
from adapters.formats.payload import Payload
from adapters.formats.unreadable import Unreadable
from adapters.formats.vera import codes
from adapters.formats.vera.parse import parts
from adapters.message import Bericht, OpdrachtInhoud, PlanningInhoud, StatusInhoud
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Bijlage, Regel, Slotsoort

Json = dict[str, object]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_KINDS: Final = {dico: vera for vera, dico in codes.ONDERHOUDSOORT.items()}
_METHODS: Final = {dico: vera for vera, dico in codes.AFREKENWIJZE.items() if dico is not None}
_UNITS: Final = {dico: vera for vera, dico in codes.MEETEENHEID.items()}
_STATUSES: Final = {slot: vera for vera, slot in codes.AFSPRAAKSTATUS.items()}
_PLACE: Final = {
    "straat": "straatnaam",
    "huisnummer": "huisnummer",
    "huisletter": "huisletter",
    "toevoeging": "huisnummerToevoeging",
    "postcode": "postcode",
}


def render(bericht: Bericht) -> bytes:
    """UTF-8 JSON of one object. Raises CannotRender with a finding per field that does not fit."""
    writer = _Writer(bericht)
    message = _given(writer.message())
    try:
        raw = _ENCODER.encode(message)
    except UnicodeEncodeError as error:
        raise CannotRender(codes.SOURCE, [_misfit("/", "gevonden een half teken, verwacht leesbare tekst")]) from error
    errors = [*writer.misfits, *writer.left()] or _unread(raw, bericht)
    if errors:
        raise CannotRender(codes.SOURCE, errors)
    return raw


def _unread(raw: bytes, bericht: Bericht) -> list[Bevinding]:
    """Why this format itself would refuse what was written, or would read something else."""
    try:
        back = parts(Payload(raw))[0]
    except Unreadable as error:
        return [error.finding]
    if back.bericht is None:
        return list(back.bevindingen)
    return [] if back.bericht == bericht else [_misfit("/", "het bericht wordt anders teruggelezen")]


def _misfit(pad: str, what: str) -> Bevinding:
    return fout("niet-uit-te-drukken", pad, f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}.", codes.SOURCE)


def _given(fields: Json) -> Json:
    """Without what is absent or empty."""
    return {name: value for name, value in fields.items() if value is not None and value not in ([], {})}


class _Writer:
    def __init__(self, bericht: Bericht) -> None:
        self._bericht = bericht
        self._left = dict(bericht.personen)
        self.misfits: list[Bevinding] = []

    def left(self) -> list[Bevinding]:
        """Personal fields for which this object has no place."""
        return [_misfit(f"/personen/{path}", "hiervoor kent VERA geen veld") for path in self._left]

    def message(self) -> Json:
        bericht = self._bericht
        for name, value in (("gelieerd", bericht.gelieerd), ("subnummer", bericht.subnummer)):
            self._refuse(f"/{name}", value is not None, "hiervoor kent VERA geen veld")
        attributes: dict[str, str | None] = {codes.REFERENCE: bericht.berichtnummer}
        attributes[codes.SENT] = self._moment("verzonden", bericht.verzonden)
        attributes[codes.TEST] = "true" if bericht.proef else None
        contractor = [] if bericht.aannemer is None else [{"idGegevensbeheerder": bericht.aannemer}]
        keys = {"idOrganisatie": bericht.opdrachtgever, "code": bericht.opdrachtnummer}
        match bericht.inhoud:
            case OpdrachtInhoud() as inhoud:
                attributes[codes.URGENCY] = None if inhoud.urgentie is None else inhoud.urgentie.value
                made = {**keys, **self._order(inhoud), "relaties": contractor}
            case StatusInhoud() as inhoud:
                attributes[codes.HAPPENED] = self._moment("gebeurd", inhoud.gebeurd)
                self._refuse("/bedrag", inhoud.bedrag is not None, "hiervoor kent VERA geen veld")
                detail = None if inhoud.eigen_detail is None else [{"detailStatus": {"code": inhoud.eigen_detail}}]
                made = {**keys, "omschrijving": self._left.pop("tekst", None), "status": {"code": inhoud.eigen}}
                made |= {"onderhoudstaken": detail, "relaties": [*contractor, *self._person()]}
            case PlanningInhoud() as inhoud:
                attributes[codes.HAPPENED] = self._moment("gebeurd", inhoud.gebeurd)
                made = {
                    "onderwerp": self._left.pop("tekst", None),
                    **self._appointment(inhoud),
                    "onderhoudsorder": keys,
                }
                made |= {"adres": self._address(), "relaties": [*contractor, *self._person()]}
            case _:
                what = f"gevonden een {bericht.soort.value}, verwacht een opdracht, status of planning"
                raise CannotRender(codes.SOURCE, [_misfit("/soort", what)])
        extra = [{"naam": name, "waarde": text} for name, text in attributes.items() if text is not None]
        documents = [self._document(one) for one in bericht.bijlagen]
        return {**made, "extra-attributen": extra, "informatieobjecten": documents}

    def _refuse(self, pad: str, wrong: bool, what: str) -> None:
        if wrong:
            self.misfits.append(_misfit(pad, what))

    def _moment(self, field: str, moment: Moment | None, *, exact: bool = False) -> str | None:
        """In UTC; a day without a time is midnight in the Netherlands, so that midnight itself cannot be said."""
        if moment is None:
            return None
        if not exact:
            self._refuse(
                f"/{field}",
                not moment.alleen_dag and is_midnight(moment),
                "middernacht is van een dag niet te onderscheiden",
            )
        return moment.op.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _coded(self, field: str, value: str | None, table: Mapping[str, str]) -> Json | None:
        if value is None:
            return None
        self._refuse(f"/{field}", value not in table, f"gevonden {value}, verwacht een van {', '.join(table)}")
        return {"code": table.get(value)}

    def _order(self, inhoud: OpdrachtInhoud) -> Json:
        for name, value in (
            ("contractdatum", inhoud.contractdatum),
            ("mutatie", inhoud.mutatie),
            ("leegstand_vanaf", inhoud.leegstand_vanaf),
        ):
            self._refuse(f"/{name}", value is not None, "hiervoor kent VERA geen veld")
        method = self._coded("afspraak", inhoud.afspraak, _METHODS)
        if inhoud.specificatie is not None:
            both = inhoud.specificatie != codes.GARANTIE or method is not None
            self._refuse("/specificatie", both, "VERA kent alleen GAR, en dan geen andere afrekenwijze")
            method = {"code": codes.GARANTIE}
        above, locatie = inhoud.bovenliggend, inhoud.locatie
        if locatie is not None:
            self._refuse("/locatie/pand", locatie.pand is not None, "hiervoor kent VERA geen veld")
            self._refuse("/locatie/bouwjaar", locatie.bouwjaar is not None, "hiervoor kent VERA geen veld")
        visit = _given({"locatie": self._address(), "relaties": self._person()})
        return {
            "onderhoudSoort": self._coded("soort", inhoud.soort, _KINDS),
            "omschrijving": self._left.pop("tekst", None),
            "status": {"code": "GUN"},
            "opdrachtdatum": self._moment("datum", inhoud.datum),
            "uitersteGereeddatum": self._moment("gereed_uiterlijk", inhoud.gereed_uiterlijk),
            "begindatum": self._moment("uitvoeren_vanaf", inhoud.uitvoeren_vanaf),
            "einddatum": self._moment("uitvoeren_tot", inhoud.uitvoeren_tot),
            "afrekenwijze": method,
            "btwVerlegd": inhoud.btw_verlegd,
            "overeenkomst": None if inhoud.contract is None else {"code": inhoud.contract},
            "bovenliggendeOrder": None
            if above is None
            else {"idOrganisatie": above.opdrachtgever, "code": above.opdrachtnummer},
            "afspraken": [visit] if visit else [],
            "onderhoudstaken": [self._task(position, regel) for position, regel in enumerate(inhoud.regels, 1)],
            "defecten": self._defects(inhoud),
        }

    def _task(self, position: int, regel: Regel) -> Json:
        at = f"regel.{position}"
        for name, value in (
            ("btw_code", regel.btw_code),
            ("btw_percentage", regel.btw_percentage),
            ("btw_grondslag", regel.btw_grondslag),
            ("omschrijving", regel.omschrijving),
        ):
            self._refuse(f"/regels/{position}/{name}", value is not None, "hiervoor kent VERA geen veld")
        price = _given(
            {
                "code": regel.prijscode,
                "omschrijving": self._left.pop(f"{at}.prijsomschrijving", None),
                "aantal": regel.prijsbasis,
                "bedrag": regel.prijs,
                "meeteenheid": self._coded(f"regels/{position}/prijseenheid", regel.prijseenheid, _UNITS),
            }
        )
        estimate: Json = {
            "omschrijving": self._left.pop(f"{at}.omschrijving", None),
            "aantal": regel.aantal,
            "meeteenheid": self._coded(f"regels/{position}/eenheid", regel.eenheid, _UNITS),
            "standaardprijs": price,
        }
        said = self._left.pop(f"{at}.toelichting", None)
        return _given({"code": str(regel.nummer), "omschrijving": said, "voorcalculaties": [_given(estimate)]})

    def _defects(self, inhoud: OpdrachtInhoud) -> list[Json]:
        """One per line with LEDO, named by its line; unit, complex and day of report stand in each."""
        locatie, made = inhoud.locatie, []
        for position, regel in enumerate(inhoud.regels, 1):
            if regel.ledo is None:
                continue
            at = f"regel.{position}"
            parts = {
                name: getattr(regel.ledo, name) or self._left.pop(f"{at}.ledo.{name}", None)
                for name in ("locatie", "element", "defect", "oorzaak")
            }
            coded = {name: None if text is None else {"code": text} for name, text in parts.items()}
            said = self._left.pop(f"{at}.tekst", None)
            made.append({"code": str(regel.nummer), "omschrijving": said, "locatie": coded["locatie"], "bouwkundigElement": coded["element"], "soort": coded["defect"], "oorzaak": coded["oorzaak"]})  # fmt: skip
        around = _given(
            {
                "melddatum": self._moment("gemeld_op", inhoud.gemeld_op),
                "eenheid": {"code": locatie.eenheid} if locatie and locatie.eenheid else None,
                "cluster": {"code": locatie.complex} if locatie and locatie.complex else None,
            }
        )
        self._refuse(
            "/locatie/eenheid", bool(around) and not made, "VERA kent plaats en melddatum alleen bij een defect"
        )
        return [_given({**one, **around}) for one in made]

    def _address(self) -> Json:
        town = self._left.pop("locatie.plaats", None)
        fields: Json = {name: self._left.pop(f"locatie.{field}", None) for field, name in _PLACE.items()}
        return _given({**fields, "woonplaats": None if town is None else {"naam": town}})

    def _person(self) -> list[Json]:
        name = self._left.pop("locatie.naam", None)
        if name is None:
            return []
        values = [self._left.pop(f"locatie.{field}", None) for field in ("telefoon", "telefoon2", "email", "email2")]
        return [
            _given({"aanschrijfnaam": name, "contactgegevens": [{"waarde": one} for one in values if one is not None]})
        ]

    def _appointment(self, inhoud: PlanningInhoud) -> Json:
        if len(inhoud.sloten) != 1:
            raise CannotRender(
                codes.SOURCE,
                [_misfit("/sloten", f"gevonden {len(inhoud.sloten)}, verwacht een per {codes.APPOINTMENT}")],
            )
        (slot,) = inhoud.sloten
        for name, value in (("door", slot.door), ("reden", slot.reden), ("vorig_begin", slot.vorig_begin)):
            self._refuse(f"/sloten/{name}", value is not None, "hiervoor kent VERA geen veld")
        offered = slot.soort is Slotsoort.AANGEBODEN
        begin, eind = ("bloktijdBegin", "bloktijdEind") if offered else ("begindatum", "einddatum")
        times = (self._moment(begin, Moment(at), exact=True) for at in (slot.begin, slot.eind))
        self._refuse(
            "/sloten/soort", slot.soort not in _STATUSES, f"gevonden {slot.soort.value}, daarvoor kent VERA geen status"
        )
        return {"status": {"code": _STATUSES.get(slot.soort)}, **dict(zip((begin, eind), times, strict=True))}

    def _document(self, bijlage: Bijlage) -> Json:
        content = self._bericht.blobs.get(bijlage.blob or "")
        self._refuse(
            "/bijlagen/blob",
            content is None and bool(bijlage.blob or bijlage.bytes),
            "de inhoud van de bijlage is hier niet",
        )
        self._refuse("/bijlagen/regel", bijlage.regel is not None, "regels kent VERA hier niet")
        return _given(
            {
                "bestand": None if content is None else b64encode(content).decode(),
                "bestandslocatie": bijlage.url,
                "bestandsnaam": bijlage.naam or None,
                "formaat": {"code": bijlage.bestandssoort},
            }
        )
