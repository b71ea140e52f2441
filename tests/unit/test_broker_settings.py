"""Settings of the embedded broker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.broker.errors import PropertyRefused
from topics.broker.settings import RESERVED, render, server_properties


def test_overrides_win_over_the_defaults() -> None:
    properties = server_properties(port=1, controller_port=2, data="data", overrides={"offsets.retention.minutes": "1"})
    assert properties["offsets.retention.minutes"] == "1"
    assert properties["auto.create.topics.enable"] == "false"


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_setting_of_the_package_is_refused_when_overridden(name: str) -> None:
    with pytest.raises(PropertyRefused, match=name):
        server_properties(port=1, controller_port=2, data="data", overrides={name: "x"})


def test_a_record_of_a_dead_letter_topic_fits() -> None:
    properties = server_properties(port=1, controller_port=2, data="data")
    assert int(properties["message.max.bytes"]) >= 1024 * 1024 + 64 * 1024


def test_an_index_covers_a_whole_segment() -> None:
    """Else segments roll early. One entry per 4096 bytes; the time index has the larger entries, of 12 bytes."""
    properties = server_properties(port=1, controller_port=2, data="data")
    assert int(properties["log.index.size.max.bytes"]) // 12 * 4096 >= int(properties["log.segment.bytes"])


def read_java_properties(text: str) -> dict[str, str]:
    """As java.util.Properties reads it (the parts that render() may use)."""
    names = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
    read: dict[str, str] = {}
    for line in text.encode("latin-1").decode("latin-1").split("\n"):
        units: list[str] = []
        parts: list[str] = []
        position = 0
        while position < len(line):
            character = line[position]
            if character == "\\":
                position += 1
                escaped = line[position]
                if escaped == "u":
                    units.append(chr(int(line[position + 1 : position + 5], 16)))
                    position += 4
                else:
                    units.append(names.get(escaped, escaped))
            elif character in "=: " and not parts:
                parts.append("".join(units))
                units = []
            else:
                units.append(character)
            position += 1
        if parts:
            value = "".join(units).encode("utf-16", "surrogatepass").decode("utf-16")
            read[parts[0].encode("utf-16", "surrogatepass").decode("utf-16")] = value
    return read


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))))
def test_any_value_comes_out_of_the_file_as_it_went_in(properties: dict[str, str]) -> None:
    assert read_java_properties(render(properties)) == properties
