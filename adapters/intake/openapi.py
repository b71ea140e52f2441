"""The OpenAPI 3.1 document of the intake. Schemas come from the answers' types, examples from the code that answers."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import msgspec

from adapters.intake import examples
from adapters.intake import problem as p
from adapters.intake.answers import PATH, BerichtStatus, Ontvangst
from adapters.intake.body import CONTENT_TYPES, ENCODINGS
from adapters.intake.problem import Kind

Json = dict[str, object]

_READING: Final = (p.NO_KEY, p.UNEXPECTED, p.VIEW_AWAY)
_SENDING: Final = (
    p.EMPTY,
    p.DAMAGED,
    p.NO_KEY,
    p.MAY_NOT_SEND,
    p.TOO_SLOW,
    p.TOO_LARGE,
    p.HEAD_TOO_LARGE,
    p.BOMB,
    p.WRONG_TYPE,
    p.WRONG_ENCODING,
    p.SUSPENDED,
    p.UNEXPECTED,
    p.BUS_AWAY,
    p.STORE_AWAY,
    p.FULL,
    p.NOT_READY,
)
_RETRY: Final = {"Retry-After": {"description": "na hoeveel seconden opnieuw", "schema": {"type": "integer"}}}
_LOCATION: Final = {"Location": {"description": "waar het vervolg te vragen is", "schema": {"type": "string"}}}

_ABOUT: Final = (
    "Lever een bericht af, krijg direct een ontvangst, en vraag later wat ervan werd. De ontvangst kijkt niet in het "
    "bericht: wat er niet aan klopt staat in het vervolg. Een bericht is hoogstens 50 MB (uitgepakt). Hetzelfde "
    "bericht nog eens sturen mag altijd: binnen 7 dagen volgt de eerste ontvangst, tenzij alles daarvan in uitval is, "
    "is teruggestuurd of afgevoerd; dan is het een nieuw bericht. Na een 503 of een verbroken verbinding is de uitkomst "
    "onbekend: stuur hetzelfde bericht opnieuw, het telt eenmaal."
)
_STATUSES: Final = (
    "onderweg, wachtend, uitval, teruggestuurd, afgevoerd, vervangen, dubbel of toegepast. Een bericht toont het minst "
    "ver gevorderde van zijn delen, in deze volgorde; `definitief` zegt of dat zo blijft tenzij een mens anders beslist."
)


def document() -> Json:
    """The whole document, as it is served."""
    schemas = msgspec.json.schema_components((Ontvangst, BerichtStatus), ref_template="#/components/schemas/{name}")[1]
    whole: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Ketenbus: ontvangst", "version": version("ketenbus"), "description": _ABOUT},
        "security": [{"sleutel": []}],
        "paths": {
            PATH: {"post": _post(), "get": _list()},
            f"{PATH}/{{id}}": {"get": _one()},
            "/healthz": {"get": _plain("Of het proces leeft", ("200",))},
            "/readyz": {"get": _plain("Of berichten worden aangenomen", ("200", "503"))},
            "/metrics": {"get": _plain("Cijfers voor Prometheus", ("200",))},
        },
        "components": {
            "schemas": {**schemas, "Berichten": _page_schema(), "Fout": _problem_schema()},
            "securitySchemes": {
                "sleutel": {"type": "http", "scheme": "bearer", "description": "De sleutel van de partner."}
            },
        },
    }
    return msgspec.json.decode(msgspec.json.encode(whole), type=Json)


def _post() -> Json:
    binary: Json = {"schema": {"type": "string", "format": "binary"}}
    responses = {
        "202": _answer("Aangenomen en vastgelegd", "Ontvangst", {"aangenomen": examples.receipt_example(repeat=False)}),
        "200": _answer(
            "Herhaling: de ontvangst van dezelfde bytes",
            "Ontvangst",
            {"herhaling": examples.receipt_example(repeat=True)},
        ),
    }
    for answer in responses.values():
        answer["headers"] = _LOCATION
    return {
        "summary": "Lever een bericht af",
        "description": "De inhoud van het verzoek is het bericht, byte voor byte.",
        "parameters": [
            {
                "name": "Content-Encoding",
                "in": "header",
                "required": False,
                "description": "hoe de inhoud is ingepakt",
                "schema": {"type": "string", "enum": list(ENCODINGS)},
            }
        ],
        "requestBody": {"required": True, "content": dict.fromkeys(CONTENT_TYPES, binary)},
        "responses": {**responses, **_problems(_SENDING)},
    }


def _one() -> Json:
    shown: Json = {
        "toegepast": examples.status_example(examples.APPLIED),
        "onderweg": examples.status_example(examples.UNDER_WAY),
        "uitval": examples.status_example(examples.FAILED),
    }
    return {
        "summary": "Vraag wat er van een bericht werd",
        "description": f"De status is {_STATUSES}",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
        "responses": {
            "200": _answer("Hoe het met het bericht staat", "BerichtStatus", shown),
            **_problems((*_READING, p.NOT_FOUND)),
        },
    }


def _list() -> Json:
    shown: Json = {
        "berichten": [examples.status_example(examples.APPLIED)],
        "volgende": f"{PATH}?sinds=2026-03-02&limiet=1&na={examples.RECEIPT.ontvangst}",
    }
    return {
        "summary": "Vraag wat er van al uw berichten werd",
        "description": "In volgorde van ontvangst; `volgende` is het adres van de volgende bladzijde, of null.",
        "parameters": [
            _query("sinds", "ontvangen vanaf; zonder zone geldt Europe/Amsterdam", {"type": "string"}, required=True),
            _query(
                "limiet", "hoeveel per bladzijde", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
            ),
            _query("na", "uit `volgende` van de vorige bladzijde", {"type": "string"}),
        ],
        "responses": {
            "200": _answer("Een bladzijde", "Berichten", {"bladzijde": shown}),
            **_problems((*_READING, p.BAD_QUERY)),
        },
    }


def _query(name: str, description: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _plain(summary: str, statuses: Sequence[str]) -> Json:
    return {"summary": summary, "security": [], "responses": {status: {"description": summary} for status in statuses}}


def _answer(description: str, schema: str, shown: Json) -> Json:
    content = {
        "schema": {"$ref": f"#/components/schemas/{schema}"},
        "examples": {name: {"value": value} for name, value in shown.items()},
    }
    return {"description": description, "content": {"application/json": content}}


def _problems(kinds: Sequence[Kind]) -> Json:
    out: Json = {}
    for status in sorted({kind.status for kind in kinds}):
        of_status = [kind for kind in kinds if kind.status == status]
        answer: Json = {
            "description": "; ".join(kind.title for kind in of_status),
            "content": {
                p.CONTENT_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Fout"},
                    "examples": {
                        kind.code: {"summary": kind.advice, "value": examples.problem_example(kind)}
                        for kind in of_status
                    },
                }
            },
        }
        if status in (429, 503):
            answer["headers"] = _RETRY
        out[str(status)] = answer
    return out


def _page_schema() -> Json:
    return {
        "type": "object",
        "required": ["berichten", "volgende"],
        "properties": {
            "berichten": {"type": "array", "items": {"$ref": "#/components/schemas/BerichtStatus"}},
            "volgende": {"type": ["string", "null"]},
        },
        "additionalProperties": False,
    }


def _problem_schema() -> Json:
    return {
        "title": "Fout",
        "description": "RFC 9457. `code` verandert niet; `title` en `detail` zijn voor mensen.",
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"enum": [kind.code for kind in p.KINDS]},
            "detail": {"type": "string"},
        },
    }
