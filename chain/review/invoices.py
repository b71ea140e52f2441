"""Whether a partner's bytes are an invoice, of how much and to which accounts: enough to know who must confirm a decision.

What becomes of a message is the adapters' to say; here nothing is taken for certain that they might read otherwise. JSON
is decoded; of XML the names of its elements are looked at, without comments and the like, and of a UBL invoice also its
one PayableAmount. In any other encoding than UTF-8 (or one in which names look the same) nothing is told.
"""

import re
from decimal import Decimal, DecimalException
from typing import Final

import msgspec

_BOM: Final = b"\xef\xbb\xbf"
_BUNDLE: Final = b"--ketenbus-"
_MESSAGE: Final = b'\r\nContent-Disposition: form-data; name="bericht"\r\n'
_FILE: Final = b'\r\nContent-Disposition: form-data; name="bijlage"'
_ENCODING: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})")
_PLAIN: Final = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
"""Encodings in which the name of an element is the same bytes as in ASCII."""
_ASIDE: Final = re.compile(r"<!--|<!\[CDATA\[|<\?")
_ENDS: Final = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_NAME: Final = re.compile(r"<([^\s<>/!?]+)")
_WORDS: Final = ("factuur", "invoice", "creditnote")
_JSON_WORDS: Final = ("factuur", "invoice", "credit")
_JSON_KEYS: Final = ("te_betalen", "factuurnummer")
_HINT: Final = re.compile(rb'"(?:soort|type|document)"\s*:\s*"[^"]*(?:factuur|invoice|credit)', re.IGNORECASE)
_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_PAYABLE: Final = re.compile(
    r"<((?:[^\s<>/:]+:)?PayableAmount)(?:\s[^<>]*)?>\s*(-?[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*</\1\s*>"
)
_ACCOUNT: Final = re.compile(
    r"<(?:[^\s<>/:]+:)?PayeeFinancialAccount(?:\s[^<>]*)?>\s*<((?:[^\s<>/:]+:)?ID)(?:\s[^<>]*)?>([^<>&\0]{1,60})</\1\s*>"
)
_AMOUNT: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")


class Told(msgspec.Struct, frozen=True):
    """`invoice` None: it cannot be told. `amount`: euro including VAT, None when the bytes do not say so in one place
    only. `accounts`: every account that is asked for, as it is written; empty when that cannot be told."""

    invoice: bool | None
    amount: Decimal | None = None
    accounts: tuple[str, ...] = ()


_UNKNOWN: Final = Told(None)


def told(body: bytes) -> Told:
    """Never raises, whatever the bytes are."""
    message = _message(body)
    if message is None:
        return _UNKNOWN
    message = message.removeprefix(_BOM).lstrip()
    if message[:1] in (b"{", b"["):
        return _json(message)
    return _xml(message) if message[:1] == b"<" else _UNKNOWN


def _message(body: bytes) -> bytes | None:
    """Without the files that came beside it; None when it is not packed as the bus packs."""
    if not body.startswith(_BUNDLE):
        return body
    boundary = b"\r\n" + body[: body.find(b"\r\n")]
    first, *rest = (b"\r\n" + body).split(boundary)[1:]
    if not first.startswith(_MESSAGE) or not rest or not all(one.startswith(_FILE) for one in rest[:-1]):
        return None
    return first.partition(b"\r\n\r\n")[2]


def _json(message: bytes) -> Told:
    try:
        found: object = _decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError):
        return Told(True) if _HINT.search(message) else _UNKNOWN
    items = found if isinstance(found, list) else [found]
    if not any(map(_is_invoice, items)):
        return Told(False)
    [only] = items if len(items) == 1 else [None]
    if not isinstance(only, dict):
        return Told(True)
    accounts = [only[name] for name in ("iban", "g_iban") if only.get(name) is not None]
    texts = tuple(one for one in accounts if isinstance(one, str))
    return Told(True, _number(only.get("te_betalen")), texts if len(texts) == len(accounts) else ())


def _is_invoice(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    kinds = [str(item.get(name, "")).casefold() for name in ("soort", "type", "document")]
    return any(word in kind for kind in kinds for word in _JSON_WORDS) or any(name in item for name in _JSON_KEYS)


def _number(value: object) -> Decimal | None:
    """A number, or a text that is one and nothing else: no exponent, no grouping, no comma."""
    if isinstance(value, str):
        return Decimal(value) if _AMOUNT.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _fraction(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except DecimalException:
        return None


_decoder: Final = msgspec.json.Decoder(float_hook=_fraction)


def _xml(message: bytes) -> Told:
    declared = _ENCODING.match(message)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        text = message.decode(encoding) if encoding in _PLAIN and b"\0" not in message else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        return _UNKNOWN
    whole = _elements(text)
    if whole is None or "<!" in whole:
        return _UNKNOWN  # by a DTD it may say things in another way
    names = [found[1].rpartition(":")[2].casefold() for found in _NAME.finditer(whole)]
    if not any(name.endswith(_WORDS) for name in names):
        return Told(False) if names else _UNKNOWN
    if _UBL not in whole or "totalinvoiceamount" in names:
        return Told(True)
    payable = _PAYABLE.findall(whole)
    alone = names.count("payableamount") == 1 == len(payable)
    accounts = [found[2].strip() for found in _ACCOUNT.finditer(whole)]
    complete = len(accounts) == names.count("payeefinancialaccount")
    return Told(True, Decimal(payable[0][1]) if alone else None, tuple(accounts) if complete else ())


def _elements(text: str) -> str | None:
    """With a NUL, which no XML has, for every comment, CDATA section and processing instruction; None when one has no
    end."""
    pieces: list[str] = []
    at = 0
    while (begin := _ASIDE.search(text, at)) is not None:
        end = _ENDS[begin[0]]
        until = text.find(end, begin.end())
        if until < 0:
            return None
        pieces.append(text[at : begin.start()])
        at = until + len(end)
    return "\0".join([*pieces, text[at:]])
