"""Own checks on a message, beyond its standard: what a schema accepts and yet is seldom meant.

All are warnings, but for an invoice whose amounts contradict each other (`invoicechecks`). One list for every format; a format only says how it names a place. Codes: README.md of this folder.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from adapters.formats.findings import bounded, has_error, quoted, waarschuwing
from adapters.formats.gln import has_right_check_digit
from adapters.formats.invoicechecks import check_invoice
from adapters.formats.personal import postcode4
from adapters.message import Bericht, Deel, FactuurInhoud, Factuursleutel, OpdrachtInhoud
from topics.documents import Bevinding, Reden
from topics.documents.onderhoud import Ledo

Where = Callable[[str], str]
"""From a canonical path ('aannemer', 'regel.2.aantal', 'bijlage.1') to the path in the partner's message."""

_CHARGED: Final = "S"
_DAY: Final = timedelta(days=1)


def check(bericht: Bericht, where: Where) -> list[Bevinding]:
    """The findings on `bericht`: warnings, and of an invoice errors too (`judged` then refuses it)."""
    found: list[Bevinding] = []
    _parties(bericht, where, found)
    _persons(bericht.personen, where, found)
    if isinstance(bericht.inhoud, OpdrachtInhoud):
        _order(bericht, bericht.inhoud, where, found)
        _lines(bericht, bericht.inhoud, where, found)
    elif isinstance(bericht.inhoud, FactuurInhoud):
        found += check_invoice(bericht.inhoud, where)
    _attachments(bericht, where, found)
    return found


def judged(bericht: Bericht, findings: Sequence[Bevinding], dialecten: tuple[str, ...] = ()) -> Deel:
    """`bericht` as a part, with all its `findings`; an error among them refuses it, and then its dossier stays known
    where it is an invoice."""
    if not has_error(findings):
        return Deel(bericht=bericht, bevindingen=bounded(findings), dialecten=dialecten)
    key = invoice_named(bericht, bericht.inhoud) if isinstance(bericht.inhoud, FactuurInhoud) else None
    return Deel(reden=Reden.ONGELDIG, bevindingen=bounded(findings), dialecten=dialecten, sleutel=key)


def invoice_named(bericht: Bericht, inhoud: FactuurInhoud) -> Factuursleutel:
    """What names the dossier of the invoice in `bericht`."""
    return Factuursleutel(
        opdrachtgever=bericht.opdrachtgever,
        leverancier=inhoud.btw_nummer or inhoud.kvk_nummer or "",
        factuurnummer=inhoud.factuurnummer,
        koper=inhoud.koper,
        proef=bericht.proef,
    )


def _warn(
    found: list[Bevinding], code: str, pad: str, what: str, waarde: str | None = None, *, persoonlijk: bool = False
) -> None:
    tekst = f"Veld {pad.rpartition('/')[2]}: {what}"
    found.append(waarschuwing(code, pad, tekst, waarde=waarde, persoonlijk=persoonlijk))


def _parties(bericht: Bericht, where: Where, found: list[Bevinding]) -> None:
    aannemer, gelieerd = bericht.aannemer, bericht.gelieerd
    for who, gln in (("opdrachtgever", bericht.opdrachtgever), ("gelieerd", gelieerd), ("aannemer", aannemer)):
        if gln and not has_right_check_digit(gln):
            what = f"gevonden {quoted(gln)} ({who}), verwacht een GLN met een kloppend controlecijfer."
            _warn(found, "gln-controlecijfer", where(who), what, gln)
    if gelieerd is not None and gelieerd == aannemer:
        what = f"gevonden {quoted(gelieerd)} als gelieerde partij en als aannemer, verwacht twee verschillende."
        _warn(found, "gelieerd-is-aannemer", where("gelieerd"), what, gelieerd)


def _persons(personen: dict[str, str], where: Where, found: list[Bevinding]) -> None:
    for path in [path for path in personen if "email" in path]:
        text = personen[path]
        if "@" not in text:
            what = f"gevonden {quoted(text)}, verwacht een e-mailadres met een @."
            _warn(found, "email-vorm", where(path), what, text, persoonlijk=True)
    postcode = personen.get("locatie.postcode")
    if postcode is not None and postcode4(postcode) is None:
        what = f"gevonden {quoted(postcode)}, verwacht een postcode als 6511AB."
        _warn(found, "postcode-vorm", where("locatie.postcode"), what, postcode, persoonlijk=True)


def _order(bericht: Bericht, inhoud: OpdrachtInhoud, where: Where, found: list[Bevinding]) -> None:
    if bericht.aannemer is None:
        what = "niet gevonden, verwacht de aannemer; die moet nu uit het contractnummer volgen."
        _warn(found, "aannemer-ontbreekt", where("aannemer"), what)
    start, end = inhoud.uitvoeren_vanaf, inhoud.uitvoeren_tot
    if start is not None and end is not None and start.op > (end.op + _DAY if end.alleen_dag else end.op):
        what = f"gevonden {end.op:%d-%m-%Y %H:%M}, verwacht een eind na het begin ({start.op:%d-%m-%Y %H:%M})."
        _warn(found, "venster-omgekeerd", where("uitvoeren_tot"), what)
    if not inhoud.regels and "tekst" not in bericht.personen:
        _warn(
            found, "opdracht-leeg", where("regels"), "geen regels en geen tekst gevonden, verwacht wat er te doen is."
        )


def _lines(bericht: Bericht, inhoud: OpdrachtInhoud, where: Where, found: list[Bevinding]) -> None:
    numbers: set[int] = set()
    for position, regel in enumerate(inhoud.regels, 1):
        if regel.nummer in numbers:
            what = f"gevonden {regel.nummer} bij meer dan een regel, verwacht elk nummer een keer."
            _warn(found, "regelnummer-dubbel", where(f"regel.{position}.nummer"), what, str(regel.nummer))
        numbers.add(regel.nummer)
        if regel.aantal.is_signed() and regel.aantal < 0:
            what = f"gevonden {regel.aantal}, verwacht 0 of meer."
            _warn(found, "aantal-negatief", where(f"regel.{position}.aantal"), what, str(regel.aantal))
        if regel.prijs is not None and regel.prijs.is_signed() and regel.prijs < 0:
            what = f"gevonden {regel.prijs}, verwacht 0 of meer."
            _warn(found, "prijs-negatief", where(f"regel.{position}.prijs"), what, str(regel.prijs))
        if regel.ledo is not None and _incomplete(bericht.personen, position, regel.ledo):
            what = "zonder element of zonder defect gevonden, verwacht beide."
            _warn(found, "ledo-onvolledig", where(f"regel.{position}.ledo"), what)
        if inhoud.btw_verlegd and regel.btw_code == _CHARGED and regel.btw_percentage:
            what = f"gevonden {_CHARGED} met {regel.btw_percentage} %, verwacht geen btw bij verlegde heffing."
            _warn(found, "btw-verlegd-met-tarief", where(f"regel.{position}.btw_code"), what, _CHARGED)


def _incomplete(personen: dict[str, str], position: int, ledo: Ledo) -> bool:
    element = ledo.element or f"regel.{position}.ledo.element" in personen
    defect = ledo.defect or f"regel.{position}.ledo.defect" in personen
    return not (element and defect)


def _attachments(bericht: Bericht, where: Where, found: list[Bevinding]) -> None:
    for number, bijlage in enumerate(bericht.bijlagen, 1):
        if bijlage.url is None and not bijlage.bytes:
            what = f"bijlage {quoted(bijlage.naam)} zonder adres en zonder inhoud gevonden, verwacht een van beide."
            _warn(found, "bijlage-zonder-inhoud", where(f"bijlage.{number}"), what, bijlage.naam, persoonlijk=True)
