"""Where two documents differ, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.verschil.rapport import Veld
from chain.verschil.velden import verschillen

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"code": "TGE"}, {"code": "OND"}, [Veld("code", "TGE", "OND")]),
        ({}, {"code": "OND"}, [Veld("code", None, "OND")]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [Veld("a.c", "2", "3")]),
        ({"loopt": True}, {"loopt": False}, [Veld("loopt", "ja", "nee")]),
        ({"op": "2026-03-02T08:00:00Z"}, {"op": "2026-07-02T08:00:00Z"}, [Veld("op", "2026-03-02 09:00:00", "2026-07-02 10:00:00")]),
        # the same moment, written otherwise
        ({"op": "2026-03-02T08:00:00Z"}, {"op": "2026-03-02T09:00:00+01:00"}, []),
        # items that have a name are held against the one of that name
        (
            {"normen": [{"maat": "a", "waarde": "1"}, {"maat": "b", "waarde": "2"}]},
            {"normen": [{"maat": "b", "waarde": "3"}]},
            [Veld("normen.a.maat", "a", None), Veld("normen.a.waarde", "1", None), Veld("normen.b.waarde", "2", "3")],
        ),
        # without a name: by place
        ({"x": [{"q": 1}, {"q": 1}]}, {"x": [{"q": 1}, {"q": 2}]}, [Veld("x.2.q", "1", "2")]),
        # plain values: what is gone, what has come
        ({"vrij": ["a", "b"]}, {"vrij": ["b", "c"]}, [Veld("vrij", "a", "c")]),
        ({"vrij": ["a", "b"]}, {"vrij": ["b", "a"]}, [Veld("vrij", "a, b", "b, a")]),
    ],
)  # fmt: skip
def test_fields_that_differ_are_told_by_their_path(old: object, new: object, expected: list[Veld]) -> None:
    assert list(verschillen(old, new)) == expected


@given(JSON, JSON)
def test_nothing_differs_from_itself_and_what_differs_does_so_both_ways(one: object, other: object) -> None:
    assert list(verschillen(one, one)) == []
    there, back = list(verschillen(one, other)), list(verschillen(other, one))
    assert {(veld.pad, veld.oud, veld.nieuw) for veld in there} == {(veld.pad, veld.nieuw, veld.oud) for veld in back}
    assert all(veld.oud != veld.nieuw for veld in there)
