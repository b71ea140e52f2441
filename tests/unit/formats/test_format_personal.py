"""What may stay on the log, and what is personal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formats import read
from adapters.formats.gln import has_right_check_digit
from adapters.formats.personal import is_noun, postcode4
from topics.accounts import without_values


@pytest.mark.parametrize(
    "text", ["Keuken", "wc/toilet", "cv-ketel", "K-12", "KRN-014-K", "12", "Gevelkachel", "Één", "A.1"]
)
def test_a_code_or_single_noun_may_stay_on_the_log(text: str) -> None:
    assert is_noun(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "de heer Jansen", "0612345678", "06-1234-5678", "06-12 34 56", "9981AB", "9981 AB", "9981", "a@b.nl", "x" * 36,
     "Keuken\n", "12-34-56-78", "lekt.", "a_b"],
)  # fmt: skip
def test_free_text_numbers_and_addresses_are_personal(text: str) -> None:
    assert not is_noun(text)


@given(st.text(max_size=60))
def test_nothing_with_white_space_or_many_digits_stays_on_the_log(text: str) -> None:
    if any(character.isspace() for character in text) or sum(character.isdigit() for character in text) > 5:
        assert not is_noun(text)


@pytest.mark.parametrize(
    ("postcode", "four"),
    [("9981AB", "9981"), ("9981 ab", "9981"), (" 9981AB ", "9981"), ("9981", "9981"), ("B-1790", None), ("12345", None),
     ("9981A", None), ("", None), ("९९८१AB", None)],
)  # fmt: skip
def test_only_a_dutch_postcode_gives_four_digits(postcode: str, four: str | None) -> None:
    assert postcode4(postcode) == four


@pytest.mark.parametrize(("gln", "right"), [("8799999000017", True), ("8799999000011", False), ("879999900001", False)])
def test_a_gln_has_the_right_check_digit_or_not(gln: str, right: bool) -> None:
    assert has_right_check_digit(gln) is right


LOOSE = "mevr. Jansen, Dorpsstraat 12, 0612345678"


@pytest.mark.parametrize("loose", [LOOSE, 612345678])
@pytest.mark.parametrize("field", ["locatie", "partijen", "regels", "bijlagen", "regel", "ledo", "kenmerken", "item"])
def test_loose_text_where_an_object_or_list_belongs_is_not_shown_outside_the_work_list(
    field: str, loose: str | int
) -> None:
    line: dict[str, object] = {"nummer": 1, "aantal": 1, "eenheid": "PCE"}
    document: dict[str, object] = {"soort": "CAD", "bestandssoort": "PDF", "naam": "x", "url": "y"}
    nested: dict[str, dict[str, object]] = {
        "regel": {"regels": [loose]},
        "ledo": {"regels": [{**line, "ledo": loose}]},
        "kenmerken": {"bijlagen": [{**document, "kenmerken": [loose]}]},
    }
    fields = nested.get(field, {field: loose})
    order: dict[str, object] = {
        "formaat": "ketenbus-json/1",
        "soort": "opdracht",
        "berichtnummer": "1",
        "opdrachtgever": "8799999000017",
        "opdrachtnummer": "IN1",
    }
    sent: object = [order, loose] if field == "item" else {**order, **fields}
    findings = [one for part in read(json.dumps(sent).encode()).delen for one in part.bevindingen]
    assert any(one.code == "waarde-soort" for one in findings)
    for one in map(without_values, findings):
        assert str(loose) not in one.tekst
        assert one.waarde is None or str(loose) not in one.waarde


def test_a_ledo_text_that_is_too_long_is_not_shown_outside_the_work_list() -> None:
    line: dict[str, object] = {"nummer": 1, "aantal": 1, "eenheid": "PCE", "ledo": {"locatie": LOOSE * 20}}
    order = {"formaat": "ketenbus-json/1", "soort": "opdracht", "regels": [line]}
    findings = [one for one in read(json.dumps(order).encode()).delen[0].bevindingen if "ledo" in one.pad]
    assert findings
    assert all("Jansen" not in without_values(one).tekst for one in findings)
