"""From a Bericht to a UBL invoice or credit note that the official rules accept and that reads back the same.

Strict: what the standard cannot hold raises. Message number and time of sending belong to the transport and are not
written. NLCIUS, with the G-account extension where there is a part for the G-account.
"""

from decimal import Decimal
from typing import Final

from lxml import etree

from adapters.formats.einvoice.writer import Writer
from adapters.formats.findings import fout
from adapters.formats.format import CannotRender
from adapters.formats.payload import Payload
from adapters.formats.ubl import codes
from adapters.formats.ubl.parse import parse
from adapters.formats.unreadable import Unreadable
from adapters.formats.xsd import Xsd
from adapters.message import Bericht, FactuurInhoud
from adapters.schematron import Rules
from topics.documents import Bevinding

_NAME: Final = "UBL NLCIUS"
_FOLLOWS: Final = frozenset({"toeslag_totaal", "btw_totaal", "btw_verlegd", "ketenaansprakelijk", "koper"})
"""Fields that follow from others, or whose absence says the same; compared by `_differences` where it matters."""


def render(bericht: Bericht, xsd: Xsd, rules: Rules) -> bytes:
    """UTF-8 XML. Raises CannotRender with a finding per field that does not fit, Unavailable as reading does."""
    inhoud = bericht.inhoud
    if not isinstance(inhoud, FactuurInhoud):
        raise CannotRender(_NAME, [_misfit("/soort", f"gevonden een {bericht.soort.value}, verwacht een factuur")])
    misfits = list(_refused(bericht))
    writer = Writer(bericht, inhoud)
    try:
        raw: bytes = etree.tostring(writer.document(), encoding="UTF-8", xml_declaration=True, pretty_print=True)
    except ValueError as error:
        tekst = "gevonden een teken dat in XML niet bestaat, verwacht leesbare tekst"
        raise CannotRender(_NAME, [_misfit("/", tekst)]) from error
    misfits += [_misfit(f"/personen/{path}", "hiervoor kent de standaard geen element") for path in writer.left]
    misfits = misfits or _unread(raw, bericht, inhoud, xsd, rules)
    if misfits:
        raise CannotRender(_NAME, misfits)
    return raw


def _refused(bericht: Bericht) -> list[Bevinding]:
    found = []
    if bericht.proef:
        found.append(_misfit("/proef", "een proefbericht is in dit bericht niet te herkennen"))
    for position, one in enumerate(bericht.bijlagen, 1):
        if one.bytes and one.blob not in bericht.blobs:
            found.append(
                _misfit(f"/bijlagen/{position}/blob", "de inhoud van de bijlage is er niet, verwacht die erbij")
            )
    return found


def _unread(raw: bytes, bericht: Bericht, inhoud: FactuurInhoud, xsd: Xsd, rules: Rules) -> list[Bevinding]:
    """Why this format itself would refuse what was written, or would read something else in it."""
    try:
        _, back = parse(Payload(raw), xsd, rules)
    except Unreadable as error:
        return [error.finding]
    if back.bericht is None or not isinstance(back.bericht.inhoud, FactuurInhoud):
        return list(back.bevindingen)
    read = back.bericht
    named = {
        "opdrachtgever": read.opdrachtgever == bericht.opdrachtgever,
        "aannemer": read.aannemer == bericht.aannemer,
    }
    named["bijlagen"] = read.bijlagen == bericht.bijlagen and read.blobs == bericht.blobs
    differs = [name for name, same in named.items() if not same]
    differs += [path for path, text in bericht.personen.items() if read.personen.get(path) != text]
    differs += _differences(inhoud, back.bericht.inhoud)
    return [_misfit(f"/{name}", "de standaard kan dit niet zeggen zoals het hier staat") for name in differs]


def _differences(written: FactuurInhoud, read: FactuurInhoud) -> list[str]:
    names = [field for field in written.__struct_fields__ if field not in _FOLLOWS]
    found = [name for name in names if getattr(written, name) != getattr(read, name)]
    if sorted(written.koper) != sorted(read.koper):
        found.append("koper")
    if written.ketenaansprakelijk and not read.ketenaansprakelijk:
        found.append("ketenaansprakelijk")
    if written.btw_verlegd and any(line.btw_categorie != codes.REVERSED for line in written.regels):
        found.append("btw_verlegd")
    for name, total in (("toeslag_totaal", written.toeslagen), ("btw_totaal", written.btw)):
        stated = getattr(written, name)
        if stated is not None and stated != sum((one.bedrag for one in total), Decimal(0)):
            found.append(name)
    return found


def _misfit(pad: str, what: str) -> Bevinding:
    return fout("niet-uit-te-drukken", pad, f"Veld {pad.rpartition('/')[2] or 'bericht'}: {what}.", _NAME)
