"""From a status or planning to Berichten through a map: what the map does not know is never guessed (`niet-in-kaart`)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec
from lxml import etree

from adapters.formats import photos
from adapters.formats.checks import check
from adapters.formats.dico_projectprofiel import codes
from adapters.formats.dico_projectprofiel.schema import Kaart, Soortkaart
from adapters.formats.elementmap import Findings, Opened, Walk
from adapters.formats.findings import bounded, fout, has_error, quoted, refused
from adapters.formats.moments import amsterdam, from_xsd
from adapters.formats.payload import Payload
from adapters.formats.personal import noun_of
from adapters.formats.tolerances import amount, iso_day, iso_time, plain_moment
from adapters.message import Bericht, Deel, PlanningInhoud, Soort, StatusInhoud
from topics.blobs import blob_ref
from topics.documents import Bevinding, Moment, Reden
from topics.documents.onderhoud import Bijlage, Slot, Slotsoort

_LONGEST_KEY: Final = 64


def parse(payload: Payload, kaarten: Sequence[Kaart]) -> tuple[Kaart | None, tuple[Deel, ...]]:
    """The map that knows every element, and the parts read with it. Raises Unreadable when it is no XML."""
    root = payload.plain_root()
    if root is None:
        root = payload.root
    name = payload.name
    fitting = [(kaart, soort) for kaart in kaarten for soort in kaart.bericht if soort.root == name]
    if not fitting and name != codes.OFFICIAL_ROOT:
        return None, (refused(Reden.ONGELDIG, [_wrong_root(name, kaarten), *payload.warnings]),)
    nearest: _Reading | None = None
    for kaart, soort in fitting:
        reading = _Reading(kaart, soort, payload, root)
        if not reading.unmapped:
            return kaart, reading.delen()
        if nearest is None or len(reading.unmapped) < len(nearest.unmapped):
            nearest = reading
    if nearest is None:
        nearest = _Reading(_NO_MAP, _NO_FIELDS, payload, root)
    findings = [*nearest.unmapped.values(), *payload.warnings]
    return None, (refused(Reden.NIET_IN_KAART, findings, nearest.key()),)


_NO_MAP: Final = Kaart(naam="geen", versie=1, geverifieerd=False, codelijst="-", bericht=[])
_NEVER: Final = Moment(amsterdam(datetime(1970, 1, 1, tzinfo=UTC)))
"""Stands for a moment in a message that is refused."""

_NO_FIELDS: Final = Soortkaart.model_construct(
    document=codes.OFFICIAL_DOCUMENT, namespace=codes.OFFICIAL_NAMESPACE, soort="status", velden={}
)


def _wrong_root(name: str, kaarten: Sequence[Kaart]) -> Bevinding:
    namespace, _, local = name.rpartition("}")
    known = [soort.namespace for kaart in kaarten for soort in kaart.bericht if soort.document == local]
    expected = " of ".join(dict.fromkeys(known)) or codes.OFFICIAL_NAMESPACE
    tekst = f"Veld {local}: gevonden namespace {quoted(namespace.removeprefix('{'))}, verwacht '{expected}'."
    return fout("hoofdelement-onbekend", f"/{local}", tekst, codes.VERSION)


class _Reading:
    """One map held against one message."""

    def __init__(self, kaart: Kaart, soort: Soortkaart, payload: Payload, root: etree._Element) -> None:
        self._kaart, self._soort, self._attached = kaart, soort, payload.attachments
        self._found = Findings(f"kaart {kaart.label}", payload.warnings)
        walk = Walk(self._found)
        walk.read(root, soort.reading)
        self._message, self._personen, self.unmapped = walk.message, walk.personen, walk.unmapped
        self._blobs: dict[str, bytes] = {}
        self._sent = self._moment(self._message, "verzonden")

    def key(self) -> tuple[str, str] | None:
        """GLN of the opdrachtgever and order number, where a refused message still shows them."""
        gln, number = (self._message.texts.get(name, "").strip() for name in ("opdrachtgever", "opdrachtnummer"))
        return (gln, number) if gln and number and max(len(gln), len(number)) <= _LONGEST_KEY else None

    def delen(self) -> tuple[Deel, ...]:
        """The message, and as a part of its own the appointment inside a status."""
        texts = self._message.texts
        for name in codes.REQUIRED[self._soort.soort]:
            if name not in texts:
                self._lacks(name)
        berichten = [self._bericht()] if self._soort.soort == "planning" else self._status()
        found = self._found.all
        if has_error(found):
            return (refused(Reden.ONGELDIG, found, self.key()),)
        found += check(berichten[0], self._where)
        dialects = tuple(self._found.dialects)
        first = Deel(bericht=berichten[0], bevindingen=bounded(found) if found else (), dialecten=dialects)
        return (first, *(Deel(bericht=bericht, dialecten=dialects) for bericht in berichten[1:]))

    def _lacks(self, name: str) -> None:
        pad = self._soort.path(name)
        self._found.wrong("element-ontbreekt", pad, "niet gevonden, verwacht dit verplichte element.")

    def _where(self, canonical: str) -> str:
        steps = [step for step in canonical.split(".") if not step.isdecimal()]
        return self._soort.path(".".join(steps))

    def _status(self) -> list[Bericht]:
        texts = self._message.texts
        bedrag = texts.get("bedrag")
        inhoud = StatusInhoud(
            eigen=texts.get("status", ""),
            gebeurd=self._happened(),
            eigen_detail=texts.get("detail"),
            bedrag=None if bedrag is None else self._amount(bedrag),
        )
        bericht = self._around(Soort.STATUS, inhoud)
        sloten = self._slots("afspraak")
        if not sloten:
            return [bericht]
        appointment = msgspec.structs.replace(
            bericht,
            soort=Soort.PLANNING,
            berichtnummer=f"{bericht.berichtnummer}/afspraak",
            inhoud=PlanningInhoud(gebeurd=inhoud.gebeurd, sloten=sloten),
            bijlagen=(),
            personen={},
            blobs={},
        )
        return [bericht, appointment]

    def _bericht(self) -> Bericht:
        sloten = self._slots("slot")
        if not sloten:
            self._lacks("slot")
        return self._around(Soort.PLANNING, PlanningInhoud(gebeurd=self._happened(), sloten=sloten))

    def _around(self, soort: Soort, inhoud: StatusInhoud | PlanningInhoud) -> Bericht:
        texts = self._message.texts
        proef = texts.get("proef", "N").strip()
        if proef not in ("J", "N"):
            self._found.wrong(
                "code-onbekend", self._soort.path("proef"), f"gevonden {quoted(proef)}, verwacht J of N.", proef
            )
        return Bericht(
            soort=soort,
            berichtnummer=texts.get("berichtnummer", ""),
            opdrachtnummer=texts.get("opdrachtnummer", ""),
            opdrachtgever=self._gln("opdrachtgever") or "",
            inhoud=inhoud,
            aannemer=self._gln("aannemer"),
            gelieerd=self._gln("gelieerd"),
            subnummer=texts.get("subnummer"),
            verzonden=self._sent,
            proef=proef == "J",
            bijlagen=tuple([self._attachment(one) for one in self._message.groups.get("bijlage", ())]),
            personen=self._personen,
            blobs=self._blobs,
        )

    def _gln(self, who: str) -> str | None:
        gln = self._message.texts.get(who, "").strip()
        if gln and not (len(gln) == 13 and gln.isascii() and gln.isdigit()):
            self._found.wrong(
                "waarde-vorm", self._soort.path(who), f"gevonden {quoted(gln)}, verwacht 13 cijfers.", gln
            )
        return gln or None

    def _happened(self) -> Moment:
        """When it happened; of a message that says only when it was sent, then."""
        if "gebeurd.datum" in self._message.texts:
            return self._required(self._message, "gebeurd")
        if self._sent is None:
            self._lacks("gebeurd.datum")
            return _NEVER
        what = "niet gevonden, verwacht wanneer het gebeurde; de datum van verzending is aangehouden."
        self._found.odd("gebeurd-is-verzonden", self._soort.path("gebeurd.datum"), what)
        return self._sent

    def _required(self, opened: Opened, name: str, *, timed: bool = False) -> Moment:
        """The moment, or what stands for it in a message that is refused."""
        moment = self._moment(opened, name, needed=True)
        if moment is None and f"{name}.datum" not in opened.texts:
            self._lacks(f"{name}.datum")
        elif moment is not None and timed and moment.alleen_dag:
            self._lacks(f"{name}.tijd")
        return moment or _NEVER

    def _moment(self, opened: Opened, name: str, *, needed: bool = False) -> Moment | None:
        day, time = opened.texts.get(f"{name}.datum"), opened.texts.get(f"{name}.tijd")
        if day is None and time is None:
            return None
        moment = plain_moment(day, time)
        return self._odd_moment(name, day, time, needed) if moment is None else moment

    def _odd_moment(self, name: str, day: str | None, time: str | None, needed: bool) -> Moment | None:
        pad = self._soort.path(f"{name}.datum" if time is None or day is None else f"{name}.tijd")
        if day is None:
            what = f"gevonden {quoted(time or '')} zonder datum, verwacht een datum erbij; niet overgenomen."
            self._found.odd("tijd-zonder-datum", pad, what, time)
            return None
        shown = day if time is None else f"{day} {time}"
        try:
            on, day_first = iso_day(day)
            at, short = (None, None) if time is None else iso_time(time)
            moment, oddities = from_xsd(on, at)
        except ValueError:
            tekst = f"gevonden {quoted(shown)}, verwacht een datum als 2026-03-02 en een tijd als 09:30:00."
            self._found.wrong("waarde-soort", pad, tekst, shown)
            return None
        for deviation, expected in ((day_first, "2026-03-02"), (short, "09:30:00")):
            if deviation is not None:
                self._found.deviates(deviation, pad, f"gevonden {quoted(shown)}, verwacht de vorm {expected}.")
        for oddity in oddities:
            if needed and moment is None:
                what = f"gevonden {quoted(shown)}, verwacht een datum tussen 1970 en 2199."
                self._found.wrong("datum-buiten-bereik", pad, what, shown)
            else:
                self._found.moment(oddity, pad, shown)
        return moment

    def _amount(self, text: str) -> Decimal | None:
        pad = self._soort.path("bedrag")
        try:
            euro, deviation = amount(text)
        except ValueError:
            self._found.wrong("bedrag-vorm", pad, f"gevonden {quoted(text)}, verwacht een bedrag als 1234.50.", text)
            return None
        if deviation is not None:
            self._found.deviates(deviation, pad, f"gevonden {quoted(text)}, verwacht een punt voor de decimalen.")
        return euro

    def _slots(self, group: str) -> tuple[Slot, ...]:
        return tuple([self._slot(group, opened) for opened in self._message.groups.get(group, ())])

    def _slot(self, group: str, opened: Opened) -> Slot:
        begin = self._required(opened, f"{group}.begin", timed=True)
        eind = self._required(opened, f"{group}.eind", timed=True)
        if begin is not _NEVER and eind is not _NEVER and eind.op <= begin.op:
            tekst = f"gevonden {eind.op:%d-%m-%Y %H:%M}, verwacht later dan het begin {begin.op:%d-%m-%Y %H:%M}."
            self._found.wrong("slot-omgekeerd", self._soort.path(f"{group}.eind.datum"), tekst)
        before = self._moment(opened, f"{group}.vorig_begin")
        if before is not None and before.alleen_dag:
            self._lacks(f"{group}.vorig_begin.tijd")
        return Slot(
            soort=Slotsoort(self._word(f"{group}.soort", opened) or "afgesproken"),
            begin=begin.op,
            eind=eind.op,
            door=self._word(f"{group}.door", opened),
            reden=noun_of(self._personen, f"{opened.prefix}reden", opened.texts.get(f"{group}.reden")),
            vorig_begin=None if before is None else before.op,
        )

    def _word(self, field: str, opened: Opened) -> str | None:
        """The canonical word of a field by the map; None when it is not there."""
        text = opened.texts.get(field)
        if text is None:
            if field.endswith(".soort") and field not in self._soort.vast:
                self._lacks(field)
            return self._soort.vast.get(field)
        words = self._soort.woorden.get(field, {})
        if text.strip() not in words:
            expected = ", ".join(words) or "niets"
            self._found.wrong(
                "code-onbekend",
                self._soort.path(field),
                f"gevonden {quoted(text)}, verwacht een van {expected}.",
                text,
                personal=True,
            )
        return words.get(text.strip())

    def _attachment(self, opened: Opened) -> Bijlage:
        texts = self._soort.vast | opened.texts
        for name in ("bijlage.soort", "bijlage.bestandssoort"):
            if name not in texts:
                self._lacks(name)
        soort, naam = texts.get("bijlage.soort", "").strip(), texts.get("bijlage.naam", "")
        if soort and soort not in codes.DOCUMENTSOORT:
            tekst = f"gevonden {quoted(soort)}, verwacht een van {', '.join(codes.DOCUMENTSOORT)}."
            self._found.wrong("code-onbekend", self._soort.path("bijlage.soort"), tekst, soort)
        filetype, data = texts.get("bijlage.bestandssoort", ""), texts.get("bijlage.data")
        content = self._attached.beside(naam) if data is None else self._inside(data)
        ref = blob_ref(content) if content else None
        if content and ref:
            self._blobs[ref] = content
        return Bijlage(
            soort=photos.canonical(self._kaart.codelijst, soort, filetype),
            bestandssoort=filetype,
            naam=naam,
            url=texts.get("bijlage.url"),
            blob=ref,
            bytes=len(content) if content else None,
        )

    def _inside(self, data: str) -> bytes | None:
        content = self._attached.inside(data)
        if content is None:
            what = "gevonden tekens of een lengte die niet bij base64 horen, verwacht base64."
            self._found.odd("bijlage-geen-base64", self._soort.path("bijlage.data"), what)
        return content
