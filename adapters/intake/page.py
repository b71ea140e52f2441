"""The documentation page: the OpenAPI document as one page of HTML, with nothing fetched from elsewhere."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from adapters.intake.answers import PATH
from adapters.intake.body import CONTENT_TYPES
from adapters.intake.controle import PATH as CHECK_PATH
from adapters.intake.problem import KINDS

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
pre{background:#f4f4f2;padding:.75rem;overflow-x:auto;border-radius:4px;font-size:.875rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
h2{margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}summary{cursor:pointer;padding:.15rem 0}
.m{font-family:ui-monospace,monospace;background:#e7eef7;padding:.1rem .4rem;border-radius:3px}
"""

_CURL: Final = f"""curl -i http://127.0.0.1:18080{PATH} \\
  -H "Authorization: Bearer $SLEUTEL" -H "Content-Type: application/xml" \\
  --data-binary @opdracht.xml
curl http://127.0.0.1:18080{PATH}/<id> -H "Authorization: Bearer $SLEUTEL"
curl http://127.0.0.1:18080{PATH} -H "Authorization: Bearer $SLEUTEL" \\
  -F 'bericht=@gereed.json;type=application/json' -F 'bijlage=@lekkage.jpg'
curl http://127.0.0.1:18080{CHECK_PATH} -H "Authorization: Bearer $SLEUTEL" --data-binary @opdracht.xml \\
  -H "Content-Type: application/xml"
curl "http://127.0.0.1:18080{PATH}?sinds=2026-03-02" -H "Authorization: Bearer $SLEUTEL"
"""


def render(openapi: Mapping[str, object]) -> str:
    """A whole HTML page. Every text of the document is escaped."""
    info = _map(openapi["info"])
    title = escape(str(info["title"]))
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="nl"><head><meta charset="utf-8"><title>{title}</title>',
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
            f"<h1>{title}</h1><p>{escape(str(info['description']))}</p>",
            f"<p>Aangenomen soorten inhoud: {escape(', '.join(CONTENT_TYPES))}. "
            'Het geheel als <a href="/openapi.json">OpenAPI 3.1</a>.</p>',
            f"<pre>{escape(_CURL)}</pre>",
            *_operations(_map(openapi["paths"])),
            "<h2>Fouten</h2><p>Elke fout is <code>application/problem+json</code> met een vaste <code>code</code>.</p>",
            "<table><tr><th>status</th><th>code</th><th>betekenis</th><th>wat te doen</th></tr>",
            *(
                f'<tr id="{kind.code}"><td>{kind.status}</td><td><code>{kind.code}</code></td>'
                f"<td>{escape(kind.title)}</td><td>{escape(kind.advice)}</td></tr>"
                for kind in KINDS
            ),
            "</table></body></html>",
        )
    )


def _operations(paths: Mapping[str, object]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, found in _map(methods).items():
            operation = _map(found)
            yield f'<h2><span class="m">{method.upper()} {escape(path)}</span> {escape(str(operation["summary"]))}</h2>'
            if "description" in operation:
                yield f"<p>{escape(str(operation['description']))}</p>"
            yield from _parameters(operation.get("parameters"))
            for status, answer in _map(operation["responses"]).items():
                yield from _answer(status, _map(answer))


def _parameters(found: object) -> Iterator[str]:
    if not isinstance(found, list):
        return
    yield "<table>"
    for parameter in map(_map, found):
        need = "verplicht" if parameter["required"] else "mag ontbreken"
        where = escape(f"{parameter['in']}, {need}")
        about = escape(str(parameter.get("description", "")))
        yield f"<tr><td><code>{escape(str(parameter['name']))}</code></td><td>{where}</td><td>{about}</td></tr>"
    yield "</table>"


def _answer(status: str, answer: Mapping[str, object]) -> Iterator[str]:
    yield f"<details><summary><strong>{status}</strong> {escape(str(answer['description']))}</summary>"
    for media, content in _map(answer.get("content", {})).items():
        for name, example in _map(_map(content)["examples"]).items():
            shown = _map(example)
            advice = f": {escape(str(shown['summary']))}" if "summary" in shown else ""
            value = json.dumps(shown["value"], indent=2, ensure_ascii=False)
            yield f"<p><code>{escape(name)}</code> ({escape(media)}){advice}</p><pre>{escape(value)}</pre>"
    yield "</details>"


def _map(value: object) -> Mapping[str, object]:
    """What is an object in the document; everything else was built wrongly."""
    if not isinstance(value, Mapping):
        raise TypeError(f"found {type(value).__name__}, expected an object")
    return value
