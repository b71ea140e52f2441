"""How findings are made: one shape of sentence, bounded in number and in length."""

from collections.abc import Iterable, Sequence

from adapters.message import Deel, Factuursleutel
from topics.documents import Bevinding, Ernst, Reden

MAX_FINDINGS = 100
MAX_SHOWN = 80
OWN_CHECK = "eigen controle"


def fout(
    code: str, pad: str, tekst: str, bron: str, *, waarde: str | None = None, persoonlijk: bool = False
) -> Bevinding:
    return _finding(code, pad, Ernst.FOUT, tekst, bron, waarde, persoonlijk)


def waarschuwing(
    code: str, pad: str, tekst: str, *, bron: str = OWN_CHECK, waarde: str | None = None, persoonlijk: bool = False
) -> Bevinding:
    return _finding(code, pad, Ernst.WAARSCHUWING, tekst, bron, waarde, persoonlijk)


def _finding(
    code: str, pad: str, ernst: Ernst, tekst: str, bron: str, waarde: str | None, persoonlijk: bool
) -> Bevinding:
    return Bevinding(
        code=code,
        pad=pad,
        ernst=ernst,
        tekst=tekst,
        bron=bron,
        waarde=None if waarde is None else printable(waarde),
        persoonlijk=persoonlijk,
    )


def printable(text: str, limit: int = MAX_SHOWN) -> str:
    """`text` as it can be shown anywhere: at most `limit` characters, what is not printable as \\uXXXX."""
    cut = text if len(text) <= limit else f"{text[:limit]}… ({len(text)} tekens)"
    return cut if cut.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)


def quoted(text: str) -> str:
    """`text` between quotes for in a sentence; an empty text is named so."""
    return f"'{printable(text)}'" if text else "niets (leeg)"


def bounded(findings: Sequence[Bevinding]) -> tuple[Bevinding, ...]:
    """At most MAX_FINDINGS, errors first, and a last one that says how many more there were."""
    ordered = sorted(findings, key=lambda finding: finding.ernst is not Ernst.FOUT)
    if len(ordered) <= MAX_FINDINGS:
        return tuple(ordered)
    rest = len(ordered) - MAX_FINDINGS
    more = waarschuwing(
        "meer-bevindingen", "/", f"Er zijn nog {rest} bevindingen; alleen de eerste {MAX_FINDINGS} zijn vermeld."
    )
    return (*ordered[:MAX_FINDINGS], more)


def has_error(findings: Iterable[Bevinding]) -> bool:
    return any(finding.ernst is Ernst.FOUT for finding in findings)


def refused(
    reden: Reden, findings: Sequence[Bevinding], sleutel: tuple[str, str] | Factuursleutel | None = None
) -> Deel:
    """A part that is no message; at least one finding must say why."""
    return Deel(reden=reden, bevindingen=bounded(findings), sleutel=sleutel)
