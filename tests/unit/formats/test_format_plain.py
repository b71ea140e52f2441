"""A document that may be read without its namespace (`xmltree.plain`): never one that declares another below its root."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.formats.xmltree import plain

_ROOT = b'<r xmlns="urn:x">'
_TAGS = (b"<a>", b"<a k='v'>", b'<a xmlns="urn:y">', b"<a\n xmlns:p = 'urn:z'>", b'<a k="a > b=c" xmlns="urn:w">')
_TEXTS = (b"", b"x = y", b"====", b"xmlns", b" > ", b"'")


@given(st.lists(st.tuples(st.sampled_from(_TAGS), st.sampled_from(_TEXTS), st.booleans()), max_size=6))
def test_no_document_is_plain_when_an_element_in_it_has_other_namespaces(
    found: list[tuple[bytes, bytes, bool]],
) -> None:
    body = b""
    for tag, text, inside in found:
        body = tag + text + body + b"</a>" if inside else body + tag + text + b"</a>"
    root = etree.fromstring(_ROOT + body + b"</r>")
    if any(element.nsmap != root.nsmap for element in root.iter()):
        assert plain(_ROOT + body + b"</r>") is None


def test_a_document_is_not_plain_when_a_namespace_is_declared_behind_many_equals_signs() -> None:
    assert plain(_ROOT + b"=" * 100 + b'<b xmlns="urn:y"/></r>') is None


def test_a_document_is_plain_when_only_its_texts_hold_equals_signs() -> None:
    found = plain(_ROOT + b"<a>aGFsbG8==</a><b>1 = 1, xmlns</b></r>")
    assert found is not None
    assert found.name == "{urn:x}r"


def test_a_document_is_told_by_its_own_head_when_another_came_before() -> None:
    found = [plain(_ROOT + b"</r>"), plain(b'<s xmlns="urn:x"></s>'), plain(b'<r xmlns="urn:y"></r>')]
    assert [one.name for one in found if one] == ["{urn:x}r", "{urn:x}s", "{urn:y}r"]
