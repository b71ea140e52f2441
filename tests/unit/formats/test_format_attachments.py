import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import bundle
from adapters.formats import read
from adapters.formats.attachments import LARGEST, LIFT_FROM, decoded
from adapters.message import Bericht, Gelezen
from topics.blobs import blob_ref
from topics.documents import Reden

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
XML = (GOLDEN / "dico_sales005" / "opdracht-volledig.xml").read_bytes()
STATUS = {
    "formaat": "ketenbus-json/1",
    "soort": "status",
    "berichtnummer": "S-1",
    "opdrachtgever": "8712345000004",
    "opdrachtnummer": "ZL-1",
    "status": "Gereed",
    "gebeurd": "2026-03-02T10:00:00+01:00",
}
PHOTO = bytes(range(256)) * 400


def status(**bijlage: str) -> bytes:
    attached = [{"soort": "PHO", "bestandssoort": "image/jpeg", "naam": "foto.jpg", **bijlage}]
    return json.dumps({**STATUS, "bijlagen": attached}).encode()


def order(content: str, before: str = "") -> bytes:
    """The golden order with `content` as the data of its photo, behind `before`."""
    start = XML.index(b"<AttachedData>") + len(b"<AttachedData>")
    end = XML.index(b"</AttachedData>")
    at = XML.index(b"<MessageNumber>")
    return XML[:at] + before.encode() + XML[at:start] + content.encode() + XML[end:]


def only(gelezen: Gelezen) -> Bericht:
    (part,) = gelezen.delen
    assert part.bericht is not None, part.bevindingen
    return part.bericht


def codes(gelezen: Gelezen) -> set[str]:
    return {finding.code for part in gelezen.delen for finding in part.bevindingen}


@pytest.mark.parametrize("size", [10, LIFT_FROM, len(PHOTO)])
def test_content_inside_a_message_is_decoded_whatever_its_size(size: int) -> None:
    content = PHOTO[:size]
    text = b64encode(content).decode()
    wrapped = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    for raw in (status(data=text), status(data=text).replace(b"/", b"\\/"), order(text), order(wrapped)):
        bericht = only(read(raw))
        photo = bericht.bijlagen[-1]
        assert (photo.blob, photo.bytes) == (blob_ref(content), size)
        assert bericht.blobs == {blob_ref(content): content}


@given(content=st.binary(max_size=300), cut=st.integers(0, 300))
def test_base64_is_decoded_as_a_whole_or_not_at_all(content: bytes, cut: int) -> None:
    text = b64encode(content)
    assert decoded(text) == content
    assert decoded(text[: cut % (len(text) + 1)]) in (None, content[: cut % (len(text) + 1) * 3 // 4])


def test_padding_in_the_middle_of_a_long_text_is_no_base64() -> None:
    first = b64encode(b"x" * ((1 << 20) * 3 // 4 - 4))
    assert first.endswith(b"=")
    assert decoded(first + b64encode(b"y" * 9)) is None


@pytest.mark.parametrize("wrong", ["!" * 70_000, "A" * 70_001, "A" * 69_999 + "é"])
def test_a_long_text_that_is_no_base64_refuses_nothing_else(wrong: str) -> None:
    gelezen = read(status(data=wrong))
    assert gelezen.formaat == "json"
    assert codes(gelezen) & {"waarde-vorm", "bijlage-geen-base64"}
    assert codes(read(order(wrong))) & {"waarde-soort", "bijlage-geen-base64"}


def test_content_in_a_comment_is_left_where_it_is() -> None:
    text = b64encode(PHOTO).decode()
    raw = order(text, before=f"<!-- <AttachedData>{text}</AttachedData> -->")
    assert only(read(raw)).blobs == {blob_ref(PHOTO): PHOTO}


def test_a_comment_without_end_costs_no_more_time_than_its_length() -> None:
    assert codes(read(b"<a>" + b"<!--" * 2_000_000)) <= {"te-groot", "xml-niet-welgevormd", "xml-grens"}


def test_a_mark_that_a_partner_wrote_itself_is_only_its_own_text() -> None:
    mark = b64encode(b"Ketenbus, lifted " + blob_ref(b"content of another").encode()[-64:]).decode()
    bericht = only(read(status(data=mark)))
    assert list(bericht.blobs.values()) == [b"Ketenbus, lifted " + blob_ref(b"content of another").encode()[-64:]]


def test_a_file_beside_the_message_is_found_under_its_name() -> None:
    body, _ = bundle.pack(status(), "application/json", [("mappen\\foto.jpg", PHOTO)])
    gelezen = read(body)
    assert only(gelezen).bijlagen[0].blob == blob_ref(PHOTO)
    assert only(gelezen).blobs == {blob_ref(PHOTO): PHOTO}
    assert not codes(gelezen)


def test_a_file_that_the_message_does_not_name_is_a_warning() -> None:
    body, _ = bundle.pack(status(), "application/json", [("andere.jpg", PHOTO)])
    assert codes(read(body)) == {"bijlage-niet-genoemd", "bijlage-zonder-inhoud"}


def test_a_bundle_that_cannot_be_taken_apart_is_unreadable() -> None:
    body, _ = bundle.pack(status(), "application/json", [("foto.jpg", PHOTO)])
    for raw in (body[:-200], b"--ketenbus-rest", body.replace(b'name="bericht"', b'name="iets"')):
        (part,) = read(raw).delen
        assert (part.reden, part.bevindingen[0].code) == (Reden.ONLEESBAAR, "bundel-ongeldig")


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_an_attachment_over_the_limit_is_too_large(where: str) -> None:
    content = bytes(LARGEST + 1)
    if where == "inside":
        raw = status(data=b64encode(content).decode())
    else:
        raw, _ = bundle.pack(status(), "application/json", [("foto.jpg", content)])
    (part,) = read(raw).delen
    assert (part.reden, part.bevindingen[0].code) == (Reden.TE_GROOT, "bijlage-te-groot")


@pytest.mark.parametrize(
    ("code", "filetype", "canonical"),
    [("PHI", "image/jpeg", "PHO"), ("OTA", "JPG", "PHO"), ("OTA", "pdf", "OTA"), ("CAD", "image/png", "CAD")],
)
def test_old_codes_of_a_photo_become_pho_when_the_file_is_an_image(code: str, filetype: str, canonical: str) -> None:
    raw = XML.replace(b"<DocumentType>OTA<", f"<DocumentType>{code}<".encode()).replace(
        b"<FileType>image/jpeg<", f"<FileType>{filetype}<".encode()
    )
    assert only(read(raw)).bijlagen[-1].soort == canonical


PROGRAM = """
import json, os, resource, sys
from base64 import b64encode
from adapters import bundle
from adapters.formats import read

form, start, end = sys.argv[1], sys.stdin.buffer.readline(), sys.stdin.buffer.read()
content = os.urandom(50_000_000)
start = json.loads(start).encode("latin-1")
if form == "beside":
    raw, _ = bundle.pack(start + end, "application/json", [("foto.jpg", content)])
else:
    raw = b"".join((start, b64encode(content), end))
del content
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
def high():
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = high()
bericht = read(raw).delen[0].bericht
print(json.dumps({"raw": len(raw), "extra": high() - before, "bytes": bericht.bijlagen[-1].bytes}))
"""


@pytest.mark.parametrize("form", ["json", "dico", "beside"])
def test_an_attachment_of_50_mb_is_read_in_bounded_memory(form: str) -> None:
    """Beside the message itself: the decoded pieces and the whole made of them, and no third copy."""
    if form == "beside":
        start, end = status(), b""
    elif form == "json":
        start, _, end = status(data="HIER").partition(b"HIER")
    else:
        start, _, end = order("HIER").partition(b"HIER")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, form],
        input=json.dumps(start.decode("latin-1")).encode() + b"\n" + end,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr.decode()
    told = json.loads(run.stdout)
    print(form, told)
    assert told["bytes"] == LARGEST
    assert told["extra"] < 2.3 * LARGEST
