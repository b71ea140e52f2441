"""From a Bericht to the message of the first map that writes it. Strict: what the map has no path for raises."""

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from lxml import etree

from adapters.formats import photos
from adapters.formats.dico_projectprofiel import codes
from adapters.formats.dico_projectprofiel.parse import parse
from adapters.formats.dico_projectprofiel.schema import OWN_MAP, Kaart, Soortkaart
from adapters.formats.elementmap import Opened, Place
from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.moments import is_ambiguous
from adapters.formats.payload import Payload
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, PlanningInhoud, StatusInhoud
from topics.accounts import AMSTERDAM
from topics.documents import Bevinding, Moment
from topics.documents.onderhoud import Bijlage, Slot

_NAME: Final = f"projectprofiel {codes.VERSION}"
_GROUP: Final = re.compile(r"((?:opdrachtgever|gelieerd|aannemer)\.contact|bijlage|slot)\.([1-9][0-9]{0,2})\.")
_INNER: Final = re.compile(r"(kenmerk)\.([1-9][0-9]{0,2})\.")


def render(bericht: Bericht, kaarten: Sequence[Kaart], xsd: Xsd) -> bytes:
    """UTF-8 XML, valid by `xsd` when our own map writes it. Raises CannotRender with a finding per field that does
    not fit."""
    kaart, soort = _map_for(bericht, kaarten)
    writer = _Writer(kaart, soort)
    try:
        root = writer.written(bericht)
    except ValueError as error:
        what = "gevonden een teken dat in XML niet bestaat, verwacht leesbare tekst"
        raise CannotRender(_NAME, [_misfit("/", what)]) from error
    errors = [*writer.misfits, *(xsd.findings(root) if kaart.label == OWN_MAP else ())]
    raw = _with_namespace(root, soort.namespace)
    errors = errors or _unread(raw, kaart, bericht)
    if errors:
        raise CannotRender(_NAME, errors)
    return raw


def _map_for(bericht: Bericht, kaarten: Sequence[Kaart]) -> tuple[Kaart, Soortkaart]:
    for kaart in kaarten:
        soort = kaart.writer(bericht.soort.value)
        if soort is not None:
            return kaart, soort
    what = f"gevonden een {bericht.soort.value}, verwacht een status of planning"
    raise CannotRender(_NAME, [_misfit("/soort", what)])


def _with_namespace(root: etree._Element, namespace: str) -> bytes:
    raw: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    tag = f"<{root.tag}".encode()
    return raw.replace(tag, tag + f' xmlns="{namespace}"'.encode(), 1) if namespace else raw


def _unread(raw: bytes, kaart: Kaart, bericht: Bericht) -> list[Bevinding]:
    """Why this format itself would refuse what was written, or would read something else."""
    _, delen = parse(Payload(raw), [kaart])
    if delen[0].bericht is None:
        return list(delen[0].bevindingen)
    return [] if delen[0].bericht == bericht else [_misfit("/", "het bericht wordt anders teruggelezen")]


def _misfit(pad: str, what: str) -> Bevinding:
    return fout("niet-uit-te-drukken", pad, f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}.", _NAME)


class _Writer:
    """Lays the texts of a Bericht out as `Opened`, as parse gathers them, and writes them along the map."""

    def __init__(self, kaart: Kaart, soort: Soortkaart) -> None:
        self._kaart, self._soort = kaart, soort
        self.misfits: list[Bevinding] = []

    def written(self, bericht: Bericht) -> etree._Element:
        message = self._laid_out(bericht)
        root = etree.Element(self._soort.document)
        self._write(root, self._soort.writing, message)
        self._left(message, "")
        return root

    def _write(self, parent: etree._Element, place: Place, opened: Opened) -> None:
        for child in place.children.values():
            if child.field:
                text = opened.texts.pop(child.field, None)
                if text is None:
                    continue
                etree.SubElement(parent, child.name).text = text
                if not text.strip():
                    self.misfits.append(
                        _misfit(f"/{child.field}", "gevonden niets (leeg), verwacht een waarde of niets")
                    )
            elif child.group:
                for one in opened.groups.get(child.group, ()):
                    self._write(etree.SubElement(parent, child.name), child, one)
            else:
                container = etree.SubElement(parent, child.name)
                self._write(container, child, opened)
                if not len(container):
                    parent.remove(container)

    def _left(self, opened: Opened, where: str) -> None:
        """What was not written: no path in the map, unless the map holds it for fixed."""
        for field, text in opened.texts.items():
            if self._soort.vast.get(field) != text:
                self.misfits.append(_misfit(f"{where}/{field}", f"hiervoor heeft kaart {self._kaart.label} geen pad"))
        for group, found in opened.groups.items():
            known = group in self._soort.groepen
            for number, one in enumerate(found, 1):
                if known or one.texts:
                    self._left(one, f"{where}/{group}.{number}")

    def _laid_out(self, bericht: Bericht) -> Opened:
        message = Opened()
        self._put(message, "berichtnummer", bericht.berichtnummer)
        self._moment(message, "verzonden", bericht.verzonden)
        for who in codes.PARTIES:
            self._put(message, who, getattr(bericht, who))
        self._put(message, "opdrachtnummer", bericht.opdrachtnummer)
        self._put(message, "subnummer", bericht.subnummer)
        self._put(message, "proef", "J" if bericht.proef else None)
        match bericht.inhoud:
            case StatusInhoud(eigen=eigen, eigen_detail=detail, gebeurd=gebeurd, bedrag=bedrag):
                self._put(message, "status", eigen)
                self._put(message, "detail", detail)
                self._moment(message, "gebeurd", gebeurd)
                self._put(message, "bedrag", None if bedrag is None else f"{bedrag:f}")
            case PlanningInhoud(gebeurd=gebeurd, sloten=sloten):
                self._moment(message, "gebeurd", gebeurd)
                for slot in sloten:
                    self._slot(message.open("slot"), slot)
        for bijlage in bericht.bijlagen:
            self._attachment(message.open("bijlage"), bijlage, bericht)
        for path, text in bericht.personen.items():
            self._personal(message, path, text)
        return message

    @staticmethod
    def _put(opened: Opened, field: str, text: str | None) -> None:
        if text is not None:
            opened.texts[field] = text

    def _moment(self, opened: Opened, name: str, moment: Moment | None) -> None:
        """Local date and time; with its offset only where the local time occurs twice."""
        if moment is None:
            return
        at = moment.op.astimezone(AMSTERDAM)
        opened.texts[f"{name}.datum"] = at.date().isoformat()
        if not moment.alleen_dag:
            offset = f"{at:%z}" if is_ambiguous(at) else ""
            zone = f"{offset[:3]}:{offset[3:]}" if offset else ""
            opened.texts[f"{name}.tijd"] = at.time().isoformat() + zone

    def _slot(self, opened: Opened, slot: Slot) -> None:
        self._word(opened, "slot.soort", slot.soort.value)
        self._moment(opened, "slot.begin", Moment(slot.begin))
        self._moment(opened, "slot.eind", Moment(slot.eind))
        self._word(opened, "slot.door", slot.door)
        self._put(opened, "slot.reden", slot.reden)
        self._moment(opened, "slot.vorig_begin", None if slot.vorig_begin is None else Moment(slot.vorig_begin))

    def _word(self, opened: Opened, field: str, canonical: str | None) -> None:
        """The message's own word for a canonical one; the map may hold the canonical one for fixed."""
        words = {own: meant for own, meant in self._soort.woorden.get(field, {}).items() if meant == canonical}
        self._put(opened, field, next(iter(words), canonical))

    def _attachment(self, opened: Opened, bijlage: Bijlage, bericht: Bericht) -> None:
        content = bericht.blobs.get(bijlage.blob or "")
        if content is None and (bijlage.blob or bijlage.bytes):
            self.misfits.append(_misfit("/bijlagen/blob", "de inhoud van de bijlage is hier niet"))
        if bijlage.regel is not None:
            self.misfits.append(_misfit("/bijlagen/regel", "regels kent dit bericht niet"))
        self._put(opened, "bijlage.url", bijlage.url)
        self._put(opened, "bijlage.data", None if content is None else b64encode(content).decode())
        self._put(opened, "bijlage.soort", photos.of_version(self._kaart.codelijst, bijlage.soort))
        self._put(opened, "bijlage.bestandssoort", bijlage.bestandssoort)
        self._put(opened, "bijlage.naam", bijlage.naam or None)

    def _personal(self, message: Opened, path: str, text: str) -> None:
        """To the field of a canonical path: `aannemer.contact.2.naam`, `bijlage.1.kenmerk.1.waarde`."""
        opened, rest, group = message, path, ""
        while (numbered := (_INNER if group else _GROUP).match(rest)) is not None:
            group = f"{group}.{numbered[1]}" if group else numbered[1]
            while len(opened.groups.get(group, ())) < int(numbered[2]):
                opened.open(group)
            opened, rest = opened.groups[group][int(numbered[2]) - 1], rest[numbered.end() :]
        field = f"{group}.{rest}" if group else rest
        if field in opened.texts:
            self.misfits.append(_misfit(f"/personen/{path}", "gevonden twee teksten, verwacht een"))
        opened.texts[field] = text
