"""Bytes of a partner, opened once: what they are, and their tree or value, within limits that hold for everything.

Time and memory stay bounded whatever is sent: bytes in all, marks that cost a node each, nesting. What goes over a
limit or is not well-formed raises `Unreadable` with the finding.
"""

import re

from lxml import etree

from adapters import bundle
from adapters.formats import jsonvalue, xmltree
from adapters.formats.attachments import Attachments
from adapters.formats.findings import fout
from adapters.formats.unreadable import LIMITS, SMALL, Unreadable
from topics.documents import Bevinding, Reden

MAX_BYTES = 32 * 1024 * 1024
"""Of a message without the content of its attachments."""

_BOM = b"\xef\xbb\xbf"
_NOT_SPACE = re.compile(rb"\S")
_UNREAD = object()


class Payload:
    """A message, looked into on demand. `warnings` gather what was odd about the encoding.

    raw: its bytes, out of their bundle and with large attachments taken out; those are in `attachments`.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.attachments = Attachments()
        self._refused: Unreadable | None = None
        if len(raw) > SMALL or raw.startswith(bundle.MARK):
            try:
                self._open(raw)
            except Unreadable as error:
                self._refused = error
        self.warnings: list[Bevinding] = []
        self.dirty = False
        """Whether the JSON value holds a BadNumber, DoubledKeys or perhaps a lone surrogate."""
        self._kind = self._name = ""
        self._plain: xmltree.Plain | None = None
        self._root: etree._Element | None = None
        self._value: object = _UNREAD

    @property
    def kind(self) -> str:
        """'xml' or 'json', from the first character. Raises Unreadable when it is neither."""
        if self._refused is not None:
            raise self._refused
        if not self._kind:
            self._kind = self._sniffed()
        return self._kind

    @property
    def name(self) -> str:
        """The name of the XML's root, as '{namespace}local'. Raises Unreadable."""
        if not self._name:
            self._plain = xmltree.plain(self.raw)
            self._name = self._plain.name if self._plain is not None else self._tag()
        return self._name

    @property
    def root(self) -> etree._Element:
        """The root of the XML. DTDs and entities are refused, the network is never touched. Raises Unreadable."""
        if self._root is None:
            self._root = xmltree.parsed(self.raw, self.warnings)
        return self._root

    def plain_root(self) -> etree._Element | None:
        """The tree without its one default namespace, of a document that uses nothing else; None for any other.

        Names without namespace are four times cheaper to read: see the figure in this folder's README.
        """
        return self._compact(self._plain) if self.name and self._plain is not None and self._plain.spaced else None

    def bare_root(self) -> etree._Element | None:
        """The tree of a document as plain, that has no namespace at all; None for any other."""
        return self._compact(self._plain) if self.name and self._plain is not None and not self._plain.spaced else None

    def _compact(self, where: xmltree.Plain) -> etree._Element | None:
        return xmltree.without_namespace(self.raw, where)

    @property
    def value(self) -> object:
        """The JSON value: numbers are int or Decimal, never float. Raises Unreadable."""
        if self._value is _UNREAD:
            self._value, self.dirty = jsonvalue.loaded(self.raw, self.warnings)
        return self._value

    def _tag(self) -> str:
        """Of the root; also where bytes behind it are in no encoding, so that its own format can say so."""
        try:
            return str(self.root.tag)
        except Unreadable as error:
            name = xmltree.first_tag(self.raw) if error.finding.code == "codering-ongeldig" else ""
            if not name:
                raise
            return name

    def _open(self, raw: bytes) -> None:
        if raw.startswith(bundle.MARK):
            try:
                together = bundle.unpack(raw)
            except bundle.BadBundle as error:
                raise Unreadable(fout("bundel-ongeldig", "/", f"Bericht met bijlagen: {error}.", LIMITS)) from error
            raw = self.raw = together.message
            self.attachments = Attachments(dict(together.files))
            self.attachments.check()
        self.raw = self.attachments.lift(raw)

    def _sniffed(self) -> str:
        raw = self.raw
        if len(raw) <= SMALL and raw.startswith(b"<?xml"):
            return "xml"
        if len(raw) > MAX_BYTES:
            tekst = f"Het bericht telt zonder bijlagen {len(raw)} bytes; verwacht ten hoogste {MAX_BYTES} bytes."
            raise Unreadable(fout("te-groot", "/", tekst, LIMITS), Reden.TE_GROOT)
        start = _NOT_SPACE.search(raw, 3 if raw.startswith(_BOM) else 0)
        head = raw[start.start() : start.start() + 20] if start else b""
        if head[:3] in (b"\xff\xfe<", b"\xfe\xff\0"):
            return "xml"
        if b"\0" not in head[:4] and head[:1] in (b"<", b"{", b"["):
            return "xml" if head[:1] == b"<" else "json"
        raise Unreadable(_neither(head))


def _neither(head: bytes) -> Bevinding:
    if not head:
        return fout("leeg", "/", "Het bericht is leeg; verwacht een XML- of JSON-bericht.", LIMITS)
    marked = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if marked or b"\0" in head[:4]:
        what = "een byte-order mark van UTF-16 of UTF-32 zonder XML daarna" if marked else "NUL-bytes"
        tekst = (
            f"Het bericht begint met {head[:4].hex(' ')}: gevonden {what}, verwacht UTF-8 of XML in UTF-16 met mark."
        )
        return fout("codering-ongeldig", "/", tekst, LIMITS)
    # one byte, and no more: the sentence must reach the sender, and loose text may begin with a name
    tekst = f"Het bericht begint met de byte {head[:1].hex()}; verwacht XML (begint met '<') of JSON (begint met '{{' of '[')."
    return fout("geen-bericht", "/", tekst, LIMITS)
