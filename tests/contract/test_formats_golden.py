"""Golden pairs: a partner's file and beside it, as <name>.verwacht.json, what must be read of it."""

from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from adapters.formats import FORMATS, read
from topics.documents import Ernst

GOLDEN = Path(__file__).parent / "golden"
ENCODER = msgspec.json.Encoder(decimal_format="string")
FILES = sorted(file for file in GOLDEN.glob("*/*") if not file.name.endswith(".verwacht.json"))


def _identity(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", FILES, ids=_identity)
def test_a_partner_file_is_read_as_its_companion_says(file: Path) -> None:
    expected = msgspec.json.decode(file.with_name(f"{file.stem}.verwacht.json").read_bytes())
    assert msgspec.json.decode(ENCODER.encode(read(file.read_bytes()))) == expected


@pytest.mark.parametrize("file", FILES, ids=_identity)
def test_a_file_named_fout_has_an_error_and_any_other_has_none(file: Path) -> None:
    parts = read(file.read_bytes()).delen
    wrong = "fout" in file.stem
    assert any(finding.ernst is Ernst.FOUT for part in parts for finding in part.bevindingen) is wrong
    assert any(part.bericht is None for part in parts) is wrong


@pytest.mark.parametrize("file", FILES, ids=_identity)
def test_every_finding_says_what_was_found_and_what_was_expected(file: Path) -> None:
    for part in read(file.read_bytes()).delen:
        for finding in part.bevindingen:
            assert "verwacht" in finding.tekst, finding.tekst
            assert finding.tekst.endswith((".", "gezet.", "aangehouden.")), finding.tekst
            assert finding.pad.startswith("/")
            assert finding.bron


@pytest.mark.parametrize("file", FILES, ids=_identity)
def test_the_content_of_a_message_holds_nothing_of_its_personal_data(file: Path) -> None:
    for part in read(file.read_bytes()).delen:
        if part.bericht is None:
            continue
        content = ENCODER.encode(part.bericht.inhoud).decode()
        for path, text in part.bericht.personen.items():
            if len(text) > 4:  # a house number or a letter may occur by chance
                assert text not in content, path


def test_the_content_of_a_message_survives_its_own_encoding() -> None:
    for file in FILES:
        for part in read(file.read_bytes()).delen:
            if part.bericht is not None:
                content = part.bericht.inhoud
                assert msgspec.json.decode(ENCODER.encode(content), type=type(content)) == content


def test_every_format_has_right_and_wrong_samples() -> None:
    for format_ in FORMATS:
        names = [file.stem for file in FILES if import_module(f"adapters.formats.{file.parent.name}").FORMAT is format_]
        assert any("fout" in name for name in names), format_.name
        assert any("volledig" in name for name in names), format_.name
