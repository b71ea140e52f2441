"""The content of an order of VERA: what is to be done, where, and whom to ask there."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from adapters.formats import photos
from adapters.formats.attachments import Attachments
from adapters.formats.gathering import Gathering
from adapters.formats.personal import postcode4
from adapters.formats.vera import codes, schema
from topics.blobs import blob_ref
from topics.documents import Moment
from topics.documents.onderhoud import Bijlage, Ledo, Locatie, Regel

_ONE: Final = Decimal(1)


def contact(found: Gathering, persons: Iterable[schema.Relatie]) -> None:
    """Name and numbers of the first person that has a name; who is there already stays."""
    for one in persons:
        names = (one.voornaam or one.voorletters, one.tussenvoegsels, one.achternaam)
        name = one.aanschrijfnaam or " ".join(part for part in names if part)
        if not name or "locatie.naam" in found.personen:
            continue
        found.person("locatie.naam", name)
        values = [given.waarde for given in one.contactgegevens or () if given.waarde]
        mails, phones = ([value for value in values if ("@" in value) is at] for at in (True, False))
        for kind, known in (("email", mails), ("telefoon", phones)):
            for suffix, value in zip(("", "2"), known, strict=False):
                found.person(f"locatie.{kind}{suffix}", value)


def place_of_work(found: Gathering, adres: schema.Eenheidadres | None) -> None:
    """The first address given."""
    if adres is None or any(f"locatie.{field}" in found.personen for field in ("straat", "postcode", "plaats")):
        return
    found.person("locatie.straat", adres.straatnaam)
    found.person("locatie.huisnummer", adres.huisnummer)
    found.person("locatie.huisletter", adres.huisletter)
    found.person("locatie.toevoeging", adres.huisnummer_toevoeging)
    found.person("locatie.postcode", adres.postcode)
    found.person("locatie.plaats", adres.woonplaats.naam if adres.woonplaats else None)


def attachments(
    found: Gathering, documents: Sequence[schema.Informatieobject], attached: Attachments, blobs: dict[str, bytes]
) -> tuple[Bijlage, ...]:
    """The documents of a message, their content added to `blobs`. By its media type one is a photo or not, as VERA's
    kinds of documents are not mapped."""
    return tuple([_attachment(found, number, one, attached, blobs) for number, one in enumerate(documents)])


def _attachment(
    found: Gathering, number: int, one: schema.Informatieobject, attached: Attachments, blobs: dict[str, bytes]
) -> Bijlage:
    name, formaat = one.bestandsnaam or "", one.formaat
    filetype = (formaat.code or formaat.naam if formaat else None) or name.rpartition(".")[2]
    content = attached.beside(name) if one.bestand is None else attached.inside(one.bestand)
    if one.bestand is not None and content is None:
        what = "gevonden tekens of een lengte die niet bij base64 horen, verwacht base64."
        found.odd("bijlage-geen-base64", f"informatieobjecten/{number}/bestand", what)
    ref = blob_ref(content) if content else None
    if content and ref:
        blobs[ref] = content
    return Bijlage(
        soort=codes.PHOTO if photos.is_image(filetype) else codes.OTHER_DOCUMENT,
        bestandssoort=filetype,
        naam=name,
        url=one.bestandslocatie,
        blob=ref,
        bytes=len(content) if content else None,
    )


class Content:
    """Of `order`; findings and personal data go to `found`."""

    def __init__(self, found: Gathering, order: schema.Order) -> None:
        self._found = found
        self._defects: Sequence[schema.Defect] = order.defecten or ()
        self._tasks: Sequence[schema.Taak] = order.onderhoudstaken or ()
        self._afspraken: Sequence[schema.Orderafspraak] = order.afspraken or ()

    def reported(self) -> Moment | None:
        """The first of the moments at which a defect was reported."""
        moments = [
            self._found.day_or_time(f"defecten/{number}/melddatum", one.melddatum)
            for number, one in enumerate(self._defects)
        ]
        return min([one for one in moments if one is not None], key=lambda one: one.op, default=None)

    def place(self) -> Locatie | None:
        found = self._found
        for afspraak in self._afspraken:
            place_of_work(found, afspraak.locatie)
            contact(found, afspraak.relaties or ())
        for defect in self._defects:
            contact(found, defect.relaties or ())
        eenheid = self._one("eenheid", [one.eenheid for one in self._defects])
        cluster = self._one("cluster", [one.cluster for one in self._defects])
        if eenheid is None and cluster is None and not any(path.startswith("locatie.") for path in found.personen):
            return None
        return Locatie(
            complex=cluster, eenheid=eenheid, postcode4=postcode4(found.personen.get("locatie.postcode", ""))
        )

    def lines(self) -> tuple[Regel, ...]:
        """A line per estimate of a task, about the defect with the task's code; any other defect is a line of one
        piece. What a task says without an estimate joins the order's text."""
        free = {one.code: number for number, one in enumerate(self._defects) if one.code is not None}
        left = list(range(len(self._defects)))
        regels: list[Regel] = []
        for at, task in enumerate(self._tasks):
            estimates = task.voorcalculaties or ()
            if not estimates and task.omschrijving is not None:
                said = self._found.personen.get("tekst")
                self._found.person("tekst", task.omschrijving if said is None else f"{said}\n{task.omschrijving}")
            for which, estimate in enumerate(estimates):
                position = len(regels) + 1
                defect = free.pop(task.code, None) if task.code is not None else None
                if defect is not None:
                    left.remove(defect)
                number = task.code if task.code is not None and len(estimates) == 1 and _is_number(task.code) else None
                self._found.person(f"regel.{position}.toelichting", task.omschrijving)
                path = f"onderhoudstaken/{at}/voorcalculaties/{which}"
                regels.append(self._line(position, int(number or position), path, estimate, defect))
        for defect in left:
            position = len(regels) + 1
            regels.append(Regel(nummer=position, aantal=_ONE, eenheid="PCE", ledo=self._ledo(position, defect)))
        return tuple(regels)

    def _line(
        self, position: int, number: int, path: str, estimate: schema.Voorcalculatie, defect: int | None
    ) -> Regel:
        found, price = self._found, estimate.standaardprijs or schema.Standaardprijs()
        found.person(f"regel.{position}.omschrijving", estimate.omschrijving)
        found.person(f"regel.{position}.prijsomschrijving", price.omschrijving)
        if estimate.aantal is None or estimate.meeteenheid is None:
            found.wrong("veld-ontbreekt", path, "gevonden zonder aantal of meeteenheid, verwacht beide.")
        return Regel(
            nummer=number,
            aantal=estimate.aantal or Decimal(0),
            eenheid=self._unit(f"{path}/meeteenheid", estimate.meeteenheid) or "PCE",
            prijscode=price.code,
            ledo=None if defect is None else self._ledo(position, defect),
            prijs=price.bedrag,
            prijsbasis=price.aantal,
            prijseenheid=self._unit(f"{path}/standaardprijs/meeteenheid", price.meeteenheid),
        )

    def _unit(self, path: str, one: schema.Referentie | None) -> str | None:
        return None if one is None else self._found.coded(path, one.code or "", codes.MEETEENHEID)

    def _ledo(self, position: int, number: int) -> Ledo:
        one, at = self._defects[number], f"regel.{position}"
        self._found.person(f"{at}.tekst", one.omschrijving)
        element = one.bouwkundig_element
        return Ledo(
            locatie=self._found.noun(f"{at}.ledo.locatie", _text(one.locatie)),
            element=self._found.noun(
                f"{at}.ledo.element", None if element is None else element.code or element.id_extern
            ),
            defect=self._found.noun(f"{at}.ledo.defect", _text(one.soort)),
            oorzaak=self._found.noun(f"{at}.ledo.oorzaak", _text(one.oorzaak)),
        )

    def _one(self, name: str, keys: Iterable[schema.Sleutels | None]) -> str | None:
        """The object that all defects name; when they name several, none is taken."""
        named = {key.code or key.id_extern for key in keys if key is not None} - {None}
        if len(named) > 1:
            what = f"gevonden {len(named)} verschillende, verwacht een; niet overgenomen."
            self._found.odd("plaats-meerduidig", f"defecten/{name}", what)
        return next(iter(named)) if len(named) == 1 else None


def _is_number(code: str) -> bool:
    return code.isascii() and code.isdecimal() and len(code) <= 15 and code[0] != "0"


def _text(one: schema.Referentie | None) -> str | None:
    return None if one is None else one.code or one.naam
