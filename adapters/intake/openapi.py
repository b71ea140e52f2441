"""The OpenAPI 3.1 document of the intake. Schemas come from the answers' types, examples from the code that answers."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import msgspec

from adapters.intake import examples
from adapters.intake import problem as p
from adapters.intake.answers import PATH, BerichtStatus, Ontvangst
from adapters.intake.body import ENCODINGS, FORM_TYPE, MESSAGE_TYPES
from adapters.intake.controle import PATH as CHECK_PATH
from adapters.intake.problem import Kind

Json = dict[str, object]

_READING: Final = (p.NO_KEY, p.UNEXPECTED, p.VIEW_AWAY)
_BODY: Final = (
    p.EMPTY,
    p.DAMAGED,
    p.FORM,
    p.NO_KEY,
    p.MAY_NOT_SEND,
    p.TOO_SLOW,
    p.TOO_LARGE,
    p.HEAD_TOO_LARGE,
    p.BOMB,
    p.WRONG_TYPE,
    p.WRONG_ENCODING,
    p.FILE_TOO_LARGE,
    p.UNEXPECTED,
    p.FULL,
    p.NOT_READY,
)
_SENDING: Final = (*_BODY, p.SUSPENDED, p.BUS_AWAY, p.STORE_AWAY)
_CHECKING: Final = (*_BODY, p.BAD_QUERY, p.CHECKING, p.CHECK_AWAY)
_RETRY: Final = {"Retry-After": {"description": "na hoeveel seconden opnieuw", "schema": {"type": "integer"}}}
_ENCODING: Final = {
    "name": "Content-Encoding",
    "in": "header",
    "required": False,
    "description": "hoe de inhoud is ingepakt",
    "schema": {"type": "string", "enum": list(ENCODINGS)},
}
_LOCATION: Final = {"Location": {"description": "waar het vervolg te vragen is", "schema": {"type": "string"}}}

_ABOUT: Final = (
    "Lever een bericht af, krijg direct een ontvangst, en vraag later wat ervan werd. De ontvangst kijkt niet in het "
    "bericht: wat er niet aan klopt staat in het vervolg. Een bericht is met alles erbij hoogstens 100 MB (uitgepakt), "
    "elke bijlage daarin of ernaast hoogstens 50 MB. Hetzelfde bericht nog eens sturen mag altijd: binnen 7 dagen volgt de eerste ontvangst, tenzij alles daarvan in uitval is, "
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
            CHECK_PATH: {"post": _check()},
            "/healthz": {"get": _plain("Of het proces leeft", ("200",))},
            "/readyz": {"get": _plain("Of berichten worden aangenomen", ("200", "503"))},
            "/metrics": {"get": _plain("Cijfers voor Prometheus", ("200",))},
        },
        "components": {
            "schemas": {
                **schemas,
                "Berichten": _page_schema(),
                "Controle": _report_schema(),
                "Fout": _problem_schema(),
            },
            "securitySchemes": {
                "sleutel": {"type": "http", "scheme": "bearer", "description": "De sleutel van de partner."}
            },
        },
    }
    return msgspec.json.decode(msgspec.json.encode(whole), type=Json)


def _post() -> Json:
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
        "description": (
            "De inhoud van het verzoek is het bericht, byte voor byte; of een formulier met een deel `bericht` en de "
            "bijlagen die het bij bestandsnaam noemt, elk als deel met die bestandsnaam."
        ),
        "parameters": [_ENCODING],
        "requestBody": _body(),
        "responses": {**responses, **_problems(_SENDING)},
    }


def _check() -> Json:
    shown: Json = {"afgekeurd": examples.REPORT}
    return {
        "summary": "Controleer een bericht zonder het af te leveren",
        "description": (
            "Dezelfde controle als bij ontvangst, en dezelfde uitkomst als `ketenbus check --json`. Er wordt niets "
            "vastgelegd. Kan ook terwijl berichten van de partner zijn opgeschort."
        ),
        "parameters": [_ENCODING, _query("bestand", "hoe het bericht in het antwoord heet", {"type": "string"})],
        "requestBody": _body(),
        "responses": {"200": _answer("Het oordeel", "Controle", shown), **_problems(_CHECKING)},
    }


def _body() -> Json:
    binary: Json = {"schema": {"type": "string", "format": "binary"}}
    file: Json = {"type": "string", "format": "binary"}
    form: Json = {
        "schema": {
            "type": "object",
            "required": ["bericht"],
            "properties": {"bericht": file, "bijlage": {"type": "array", "items": file}},
        }
    }
    return {"required": True, "content": {**dict.fromkeys(MESSAGE_TYPES, binary), FORM_TYPE: form}}


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


def _texts(*names: str) -> Json:
    return {name: {"type": "string"} for name in names}


def _report_schema() -> Json:
    finding: Json = {
        "type": "object",
        "required": ["code", "pad", "ernst", "tekst", "bron"],
        "properties": {
            **_texts("code", "pad", "tekst", "bron", "waarde"),
            "ernst": {"enum": ["fout", "waarschuwing"]},
            "persoonlijk": {"type": "boolean"},
        },
    }
    verdict: Json = {
        "uitkomst": {"enum": ["geldig", "afgekeurd"]},
        "reden": {"type": ["string", "null"]},
        "bevindingen": {"type": "array", "items": finding},
    }
    part: Json = {
        "type": "object",
        "required": ["deel", "uitkomst"],
        "properties": {
            "deel": {"type": "string"},
            "dossier": {"type": ["string", "null"]},
            "factuur": {
                "type": "object",
                "description": "van een factuur: wat er verder zou gaan, en wat de voorwaarden erover antwoorden",
                "properties": {
                    **_texts("leverancier", "factuurnummer", "te_betalen", "contract"),
                    "opdrachten": {"type": "array", "items": {"type": "string"}},
                    "zonder_prijs": {"type": "array", "items": {"type": "string"}},
                    "leverancier_bekend": {"type": "boolean"},
                    "iban_bekend": {"type": "boolean"},
                },
            },
            **verdict,
        },
    }
    return {
        "title": "Controle",
        "description": "Het oordeel over een bericht en over elk deel ervan. `reden` is de eerste van zijn delen.",
        "type": "object",
        "required": ["bestand", "formaat", "versie", "document", "uitkomst", "reden", "bevindingen", "delen"],
        "properties": {
            **_texts("bestand", "formaat", "versie", "document"),
            **verdict,
            "delen": {"type": "array", "items": part},
        },
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
