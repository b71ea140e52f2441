"""Masks XML as it stands: every byte that is no value stays, so that what was wrong with a message is wrong still.

It reads tokens, no tree: what is not well-formed is masked as well.
"""

import re
from html import unescape
from typing import Final
from xml.sax.saxutils import escape

from adapters.masking.fields import OTHER, STAYS, XML, kind_of
from adapters.masking.words import Words

_TOKEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*>?"
    r"|<(?P<end>/?)(?P<name>[^\s/<>=\"']+)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>"
    r"|[^<]+|<",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"(\s)([^\s=\"'<>/]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_DECLARED: Final = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARATION: Final = re.compile(r"<\?xml(?:\s+(?:version|encoding|standalone)\s*=\s*[\"'][A-Za-z0-9._-]*[\"'])*\s*\?>")
_LOOSE: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
_CDATA: Final = "<![CDATA["
_SPECIAL: Final = ("xmlns:", "xml:", "xsi:")
_ON_DISK: Final = re.compile(r"(?<![^\s\"'])(?:file:|[A-Za-z]:[\\/]|\\\\|/)[^\s\"']*", re.IGNORECASE)
"""Where a schema stands on somebody's disk, in xsi:schemaLocation."""


def mask_xml(raw: bytes, words: Words) -> bytes:
    codec, errors = _codec(raw)
    try:
        text = raw.decode(codec, errors)
    except (UnicodeDecodeError, LookupError):
        codec, errors = "latin-1", "xmlcharrefreplace"
        text = raw.decode(codec)
    masked = "".join(_masked(text, words))
    if codec == "utf-16":
        little = raw.startswith(b"\xff\xfe")
        return raw[:2] + masked.encode("utf-16-le" if little else "utf-16-be", "surrogatepass")
    return masked.encode(codec, errors if errors == "surrogateescape" else "xmlcharrefreplace")


def _codec(raw: bytes) -> tuple[str, str]:
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return codec, "surrogatepass" if codec == "utf-16" else "surrogateescape"
    declared = _DECLARED.match(raw[:200])
    codec = declared[1].decode("ascii").lower() if declared else "utf-8"
    return codec, "surrogateescape" if codec in ("utf-8", "us-ascii", "ascii") else "strict"


def _masked(text: str, words: Words) -> list[str]:
    made: list[str] = []
    open_names: list[str] = []
    kind = OTHER
    for token in _TOKEN.finditer(text):
        found = token[0]
        name = token["name"]
        if name is not None:
            made.append(_tag(found, token["rest"], words))
            local = name.rpartition(":")[2]
            if token["end"]:
                if local in open_names:
                    while open_names.pop() != local:
                        pass
            elif not token["rest"].rstrip().endswith("/"):
                open_names.append(local)
            kind = _kind(open_names)
        elif found.startswith("<?"):
            made.append(found if _DECLARATION.fullmatch(found) else _instruction(found))
        elif found.startswith(_CDATA):
            inner = found[len(_CDATA) :].removesuffix("]]>")
            made.append(_CDATA + _value(inner, kind, words) + found[len(_CDATA) + len(inner) :])
        elif found.startswith("<!--"):
            made.append("<!---->" if found.endswith("-->") else "<!--")
        elif found.startswith("<!"):
            # a document type may hold entities; it refuses the message whatever is in it
            made.append("<!DOCTYPE gemaskeerd>" if found.endswith(">") else "<!DOCTYPE gemaskeerd")
        elif found == "<":
            # what follows is no element of a known name
            kind = OTHER
            made.append(found)
        else:
            loose = "&" if kind != STAYS and _LOOSE.search(found) else ""
            made.append(escape(_value(unescape(found), kind, words)) + loose if kind != STAYS else found)
    return made


def _kind(open_names: list[str]) -> str:
    if not open_names:
        return OTHER
    return kind_of(XML, open_names[-2] if len(open_names) > 1 else "", open_names[-1])


def _value(text: str, kind: str, words: Words) -> str:
    return text if kind == STAYS or text.isspace() else words.masked(kind, text)


def _tag(found: str, rest: str, words: Words) -> str:
    if not rest.strip(" \t\r\n/"):
        return found
    made, end = [], 0
    for attribute in _ATTRIBUTE.finditer(rest):
        made += [words.scrambled(rest[end : attribute.start()]), _attribute(attribute, words)]
        end = attribute.end()
    # what is no attribute between quotes makes the message unreadable, and may be anything
    made.append(words.scrambled(rest[end:]))
    return found[: -len(rest) - 1] + "".join(made) + ">"


def _instruction(found: str) -> str:
    """A processing instruction without content, as right or wrong as it was."""
    target = re.match(r"<\?(xml(?=[\s?])|[^\W\d])?", found)
    name = "xml" if target and target[1] == "xml" else "gemaskeerd" if target and target[1] else " "
    return f"<?{name}{'?>' if found.endswith('?>') else ''}"


def _attribute(attribute: re.Match[str], words: Words) -> str:
    name, quoted = attribute[2], attribute[4]
    kind = kind_of(XML, "", f"@{name.rpartition(':')[2]}")
    if kind == STAYS or name == "xmlns" or name.startswith(_SPECIAL):
        return (
            _ON_DISK.sub(lambda found: words.file(found[0]), attribute[0]) if "schema" in name.lower() else attribute[0]
        )
    inner = escape(words.masked(kind, unescape(quoted[1:-1])), {'"': "&quot;", "'": "&apos;"})
    return f"{attribute[1]}{name}{attribute[3]}{quoted[0]}{inner}{quoted[0]}"
