"""What an archive says of itself, what leaves it, and what is found when it is no longer whole."""

import gzip
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import boto3
import msgspec
import pytest
from moto.server import ThreadedMotoServer

from tests.unit.archive.made import MADE, held, loaded, record, write_cut
from topics.archive.checked import check
from topics.archive.contents import Contents, sweep
from topics.archive.errors import ArchiveDamaged, ArchiveForeign, ArchiveTaken
from topics.archive.manifest import BLOBS, CUTS, cut_name, encode
from topics.archive.place import Place, open_place
from topics.archive.tidy import JOINED, Tidy, absent
from topics.blobs import blob_path, blob_ref
from topics.catalogue.declarations import BESLUIT, KINDS, PERSOON, SPOOR, raw_topic
from topics.objectstore import ObjectStoreSettings

RAW = raw_topic(KINDS[0])
NAME = b"J. de Geheime"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStoreSettings:
    if request.param == "folder":
        return ObjectStoreSettings(blobs=str(tmp_path / "archief"))
    endpoint: str = request.getfixturevalue("endpoint")
    bucket, keys = f"archief-{uuid.uuid4().hex}", tmp_path / "sleutels.toml"
    keys.write_text('access_key_id = "an-id"\nsecret_access_key = "a-secret"\n')
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="an-id",
        aws_secret_access_key="a-secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=bucket)
    return ObjectStoreSettings(blobs=f"s3://{bucket}/bus", blobs_endpoint=endpoint, blobs_credentials=keys)


@pytest.fixture
def place(where: ObjectStoreSettings) -> Iterator[Place]:
    with open_place(where, writing=True) as found:
        yield found


def every_byte(place: Place) -> bytes:
    """All that lies there, unpacked."""
    found = b""
    for folder in ("records", CUTS, BLOBS):
        for name in place.names(folder):
            content = place.read(name) or b""
            found += gzip.decompress(content) if name.endswith(".gz") else content
    return found


def test_nothing_is_no_archive_and_a_part_of_one_is_refused(place: Place) -> None:
    assert Contents.load(place) is None
    with pytest.raises(ArchiveForeign, match="nothing to restore"):
        check(place, lambda _: None)
    place.replace(cut_name(1), b"{}")
    with pytest.raises(ArchiveForeign, match="part of one"):
        Contents.load(place)


def test_two_writers_do_not_both_make_the_next_cut(place: Place) -> None:
    write_cut(place, 1, [record(SPOOR, 0)])
    with pytest.raises(ArchiveTaken, match="another archiver"):
        place.create(cut_name(1), b"{}")


def test_a_folder_is_written_by_one_archiver(tmp_path: Path) -> None:
    where = ObjectStoreSettings(blobs=str(tmp_path / "archief"))
    with ExitStack() as stack:
        stack.enter_context(open_place(where, writing=True))
        with pytest.raises(ArchiveTaken):
            stack.enter_context(open_place(where, writing=True))
    with open_place(where, writing=True):
        pass


def test_what_no_manifest_names_is_swept_and_the_rest_stays(place: Place) -> None:
    write_cut(place, 1, [record(SPOOR, 0), record(SPOOR, 1)])
    place.replace("records/000000000002-blijvend-half.jsonl.gz", b"what a kill left")
    assert sweep(place, loaded(place)) == 1
    assert [offset for _, offset, _ in held(place)] == [0, 1]
    assert len(place.names("records")) == 1


def test_a_file_that_is_damaged_missing_or_cut_is_found_before_anything_is_written(place: Place) -> None:
    (file,) = write_cut(place, 1, [record(SPOOR, at) for at in range(50)]).files
    assert check(place, lambda _: None).counts == {(SPOOR, 0): 50}
    whole = place.read(file.name) or b""
    for broken in (whole[:-20], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]):
        place.replace(file.name, broken)
        with pytest.raises(ArchiveDamaged, match="not what was written"):
            check(place, lambda _: None)
    place.delete(file.name)
    with pytest.raises(ArchiveDamaged, match="missing"):
        check(place, lambda _: None)


def test_a_cut_that_is_missing_is_found(place: Place) -> None:
    for number in (1, 2, 3):
        write_cut(place, number, [record(SPOOR, number)])
    place.delete(cut_name(2))
    with pytest.raises(ArchiveDamaged, match="000000000002"):
        Contents.load(place)


def test_cuts_are_joined_in_order_and_a_join_that_was_interrupted_changes_nothing(place: Place) -> None:
    for number in range(1, JOINED + 1):
        write_cut(place, number, [record(SPOOR, number, b"%d" % number), record(RAW, number)])
    before = held(place)
    kept = {name: place.read(name) for name in place.names(CUTS)}
    tidy = Tidy(place, loaded(place), 1 << 20)
    assert tidy.joined()
    assert not tidy.joined()
    assert sorted(held(place)) == sorted(before)
    assert [offset for _, offset, _ in held(place, [SPOOR])] == list(range(1, JOINED + 1))
    assert len(place.names("records")) == 2
    # killed before the manifests of the joined cuts went
    for name, content in kept.items():
        if name != cut_name(JOINED):
            place.replace(name, content or b"")
    assert sorted(held(place)) == sorted(before)
    sweep(place, loaded(place))
    assert place.names(CUTS) == [cut_name(JOINED)]


def test_large_files_are_joined_as_they_are(place: Place) -> None:
    for number in range(1, JOINED + 1):
        write_cut(place, number, [record(SPOOR, number)])
    before = place.names("records")
    Tidy(place, loaded(place), 4).joined()
    assert place.names("records") == before
    assert [offset for _, offset, _ in held(place)] == list(range(1, JOINED + 1))


def test_a_name_is_in_no_byte_of_the_archive_once_its_tombstone_is(place: Place) -> None:
    write_cut(
        place, 1, [record(PERSOON, 0, NAME, key=b"d#1"), record(PERSOON, 1, b"ander", key=b"d#2"), record(SPOOR, 0)]
    )
    write_cut(place, 2, [record(PERSOON, 2, NAME + b" jr", key=b"d#1")])
    assert NAME in every_byte(place)
    write_cut(place, 3, [record(PERSOON, 3, None, key=b"d#1"), record(PERSOON, 4, b"nieuw", key=b"d#1")], erasing=True)
    assert Tidy(place, loaded(place), 1 << 20).erased() == 2
    assert NAME not in every_byte(place)
    assert held(place, [PERSOON]) == [(PERSOON, 1, b"ander"), (PERSOON, 3, None), (PERSOON, 4, b"nieuw")]
    assert not any(cut.erasing for cut in loaded(place).cuts)
    check(place, lambda _: None)


def test_what_was_erased_while_nobody_archived_goes_when_the_topic_is_compared(place: Place) -> None:
    write_cut(place, 1, [record(PERSOON, 0, NAME, key=b"d#1"), record(PERSOON, 1, b"ander", key=b"d#2")])
    live = {(PERSOON, 0): {b"d#2"}}
    assert Tidy(place, loaded(place), 1 << 20).erase(absent(live)) == 1
    assert NAME not in every_byte(place)
    assert held(place) == [(PERSOON, 1, b"ander")]


def test_raw_messages_leave_after_their_term_with_the_bodies_that_only_they_had(place: Place) -> None:
    both, raw = place.blobs.put(b"een bijlage"), place.blobs.put(b"een lang bericht")
    write_cut(place, 1, [record(RAW, 0, f"{both} {raw}".encode()), record(SPOOR, 0, both.encode())])
    write_cut(place, 2, [record(BESLUIT, 0)])
    tidy = Tidy(place, loaded(place), 1 << 20)
    assert tidy.pruned(MADE) == 1  # its records are of 1970
    assert [topic for topic, _, _ in held(place)] == [SPOOR, BESLUIT]
    assert place.names(BLOBS) == [f"{BLOBS}/{blob_path(blob_ref(b'een bijlage'))}"]


def test_nothing_leaves_before_its_term(place: Place) -> None:
    write_cut(place, 1, [record(RAW, 0)])
    tidy = Tidy(place, loaded(place), 1 << 20)
    file = next(loaded(place).files())
    young = MADE.fromtimestamp(file.newest / 1000, MADE.tzinfo) + timedelta(days=30)
    assert tidy.pruned(young) == 0
    assert tidy.pruned(young + timedelta(seconds=1)) == 1


def test_an_offset_is_found_again_by_what_lay_below_it(place: Place) -> None:
    write_cut(place, 1, [record(SPOOR, at) for at in (0, 2, 4)])
    last = write_cut(place, 2, [record(SPOOR, at) for at in (7, 9)])
    for offset, expected in ((0, 0), (1, 1), (4, 2), (5, 3), (7, 3), (9, 4), (10, 5), (40, 5)):
        place.replace(cut_name(2), encode(msgspec.structs.replace(last, low={SPOOR: (offset, 0)})))
        assert check(place, lambda _: None).place_of(SPOOR, 0, offset) == expected
