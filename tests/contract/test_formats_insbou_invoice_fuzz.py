"""Invoices whose elements are taken out, doubled, moved, renamed or filled with anything: read or refused, never else."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.formats import Format, read
from adapters.formats.findings import MAX_FINDINGS
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.message import FactuurInhoud
from tests.contract.test_formats_fuzz import holds

GOLDEN = Path(__file__).parent / "golden"
FORMATS = pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])
SOURCES = [file.read_bytes() for file in sorted(GOLDEN.glob("insbou00?/*factuur-*.xml"))]
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NASTY = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12) | st.sampled_from(
    ["", " ", "-0", "0", "1e5", "NaN", "-", "9" * 40, "0.001", "1,234", "1.234", "-1,5", "S", "AE", "381", "380", "J", "ja",
     "0001-01-01", "9999-12-31", "31-12-2026", "01-02-26", "ABREID", "MEERWERK", "NL83KTNB0990000007", "x" * 2000]
)  # fmt: skip


def damage(draw: st.DataObject, root: etree._Element) -> None:
    nodes = list(root.iter())
    node = nodes[draw.draw(st.integers(0, len(nodes) - 1))]
    parent = node.getparent()
    what = draw.draw(st.sampled_from(["text", "text", "out", "double", "rename", "move", "empty"]))
    if what == "text":
        node.text = draw.draw(NASTY)
    elif what == "rename":
        node.tag = nodes[draw.draw(st.integers(0, len(nodes) - 1))].tag
    elif what == "empty":
        for child in list(node):
            node.remove(child)
    elif parent is not None and what == "out":
        parent.remove(node)
    elif parent is not None and what == "double":
        parent.append(etree.fromstring(etree.tostring(node)))
    elif parent is not None:
        root.append(node)


@given(st.data(), st.sampled_from(SOURCES))
@MANY
def test_an_invoice_with_damaged_elements_is_read_or_refused(data: st.DataObject, raw: bytes) -> None:
    root = etree.fromstring(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        damage(data, root)
    gelezen = read(etree.tostring(root))
    holds(gelezen)
    for part in gelezen.delen:
        if part.bericht is None or not isinstance(part.bericht.inhoud, FactuurInhoud):
            continue
        inhoud = part.bericht.inhoud
        charges = sum((one.bedrag for one in inhoud.toeslagen), Decimal(0))
        tax = sum((one.bedrag for one in inhoud.btw), Decimal(0))
        assert sum((one.bedrag for one in inhoud.regels), Decimal(0)) + charges + tax == inhoud.te_betalen
        assert inhoud.typecode != "381" or inhoud.te_betalen <= 0


@FORMATS
def test_many_deviations_of_an_invoice_are_named_once_each_and_bounded_in_findings(format_: Format) -> None:
    text = (GOLDEN / format_.name / "factuur-credit.xml").read_text(encoding="utf-8")
    head, mark, rest = text.partition("  <InvoiceLine>")
    line, end, tail = rest.partition("</InvoiceLine>\n")
    free = "".join(
        f"{mark}{line.replace('>63.00<', '>0<').replace('>3.75<', '>0,0<').replace('>1<', f'>{number}<', 1)}{end}"
        for number in range(2, 3000)
    )
    started = datetime.now(UTC)
    (part,) = read((head + mark + line + end + free + tail).encode()).delen
    assert (datetime.now(UTC) - started).total_seconds() < 20
    assert part.bericht is not None, part.bevindingen[:3]
    assert isinstance(part.bericht.inhoud, FactuurInhoud)
    assert len(part.bericht.inhoud.regels) == 2999
    assert part.dialecten == ("decimale-komma",)
    assert len(part.bevindingen) == MAX_FINDINGS + 1
