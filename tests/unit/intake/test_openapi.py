"""The documentation says what the intake does."""

import re
from typing import Any

import jsonschema
import pytest

from adapters.intake.openapi import document
from adapters.intake.problem import KINDS
from tests.unit.intake.fakes import START, World, part
from topics.documents import Account
from topics.ids import receipt_id

OPENAPI: dict[str, Any] = document()


def check(schema: str, value: object) -> None:
    found = {"$ref": f"#/components/schemas/{schema}", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(found).validate(value)


def answers() -> list[tuple[str, str, str, dict[str, Any]]]:
    return [
        (path, method, status, answer)
        for path, methods in OPENAPI["paths"].items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
    ]


def test_every_answer_of_the_service_itself_has_a_worked_example_that_fits_its_schema() -> None:
    shown = 0
    for path, _, _, answer in answers():
        if not path.startswith("/v1/"):
            continue
        for content in answer["content"].values():
            assert content["examples"]
            for example in content["examples"].values():
                check(content["schema"]["$ref"].rpartition("/")[2], example["value"])
                shown += 1
    assert shown > 20


def test_every_kind_of_refusal_but_those_of_the_address_is_documented_at_an_operation() -> None:
    documented = {
        (int(status), code)
        for _, _, status, answer in answers()
        for media, content in answer.get("content", {}).items()
        if media == "application/problem+json"
        for code in content["examples"]
    }
    assert documented == {(kind.status, kind.code) for kind in KINDS if kind.status != 405}


async def test_what_the_intake_answers_fits_its_own_description(world: World) -> None:
    receipt = await world.post(b"x")
    check("Ontvangst", receipt.json())
    check("Ontvangst", (await world.post(b"x")).json())
    check("BerichtStatus", (await world.get(receipt.headers["location"])).json())
    world.view.know(receipt_id(START), "zilverlinde", part(Account.TOEGEPAST), part(Account.UITVAL, "2"))
    page = (await world.get("/v1/berichten?sinds=2026-03-02&limiet=1")).json()
    check("Berichten", page)
    assert page["volgende"] is not None
    check("Fout", (await world.post(b"")).json())
    with pytest.raises(jsonschema.ValidationError):
        check("Ontvangst", {"id": "1"})


async def test_the_page_shows_every_operation_and_refusal_and_fetches_nothing(world: World) -> None:
    answer = await world.get("/docs", key=None)
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for path, method, _, _ in answers():
        assert f"{method.upper()} {path}" in answer.text
    for kind in KINDS:
        assert f'id="{kind.code}"' in answer.text
    assert not re.search(r'(src|href)="(https?:)?//|<script|<link', answer.text)
    assert (await world.get("/openapi.json", key=None)).json() == OPENAPI
