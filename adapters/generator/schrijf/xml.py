"""XML as text: elements, and a document of them."""

from collections.abc import Iterable
from xml.sax.saxutils import escape


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def document(name: str, inside: Iterable[str], namespace: str | None = None) -> bytes:
    """In UTF-8, a line per part, so that a person can read it."""
    root = name if namespace is None else f'{name} xmlns="{namespace}"'
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', f"<{root}>", *inside, f"</{name}>", "")).encode()
