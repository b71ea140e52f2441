"""A file in a partner's folder becomes one record, with its receipt beside it, whatever comes in between."""

import errno
import itertools
import json
import os
import shutil
from pathlib import Path

import pytest

from adapters.bundle import LARGEST_FILE, unpack
from adapters.folder.look import temporary
from adapters.folder.mailbox import Mailbox
from adapters.intake.problem import Problem
from tests.unit.folder.fakes import PARTNER, World
from tests.unit.intake.fakes import suspension
from topics.envelope import Envelope
from topics.errors import Unavailable


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_a_file_becomes_a_record_and_is_moved_with_its_receipt_beside_it(world: World) -> None:
    world.put("opdracht.xml", b"<a/>")
    await world.rounds()
    (output,) = world.kafka.sent
    envelope = Envelope.read(output.headers)
    assert (output.key, output.value, output.topic) == (PARTNER.encode(), b"<a/>", "ruw.corporatie.v1")
    assert (envelope.channel, envelope.actor, envelope.content_type) == ("map", "map", "application/xml")
    moved, told = world.below("verwerkt")
    assert moved.relative_to(world.folder) == Path("verwerkt/2026-03-02") / f"{envelope.id}-opdracht.xml"
    assert moved.read_bytes() == b"<a/>"
    assert told.name == f"{moved.name}.ontvangst.json"
    receipt = json.loads(told.read_bytes())
    assert (receipt["id"], receipt["herhaling"], receipt["bestand"]) == (envelope.id, False, "opdracht.xml")
    assert receipt["adres"] == f"/v1/berichten/{envelope.id}"
    assert world.there() == set()
    assert world.budget.used == 0


async def test_a_file_that_grows_between_looks_is_left_alone(world: World) -> None:
    path = world.put("a.json", b"{")
    await world.rounds(1)
    path.write_bytes(b"{}")
    await world.rounds(1)
    assert world.sent() == []
    await world.rounds(1)
    assert world.sent() == [b"{}"]


async def test_a_file_of_the_same_size_that_was_touched_is_left_alone(world: World) -> None:
    path = world.put("a.json")
    await world.rounds(1)
    os.utime(path, ns=(1, 1))
    await world.rounds(1)
    assert world.sent() == []


@pytest.mark.parametrize("name", [".hidden.json", "a.json.part", "a.TMP", "a.json~", "a.filepart"])
async def test_a_temporary_name_is_left_alone_and_its_file_complete_once_renamed(world: World, name: str) -> None:
    path = world.put(name)
    assert temporary(name)
    await world.rounds(3)
    assert world.sent() == []
    path.rename(world.folder / "a.json")
    await world.rounds(1)
    assert world.sent() == [b"{}"]


async def test_files_go_by_name(world: World) -> None:
    for name in ("3.json", "1.json", "2.json"):
        world.put(name, name.encode())
    await world.rounds()
    assert world.sent() == [b"1.json", b"2.json", b"3.json"]


async def test_attachments_go_along(world: World) -> None:
    world.put("a.json", foto_jpg=b"\xff\xd8", bon_pdf=b"%PDF")
    await world.rounds()
    found = unpack(world.sent()[0])
    assert (found.message, found.files) == (b"{}", (("bon.pdf", b"%PDF"), ("foto.jpg", b"\xff\xd8")))
    names = [path.relative_to(world.folder / "verwerkt" / "2026-03-02") for path in world.below("verwerkt")]
    assert [str(name).partition("-a.json")[2] for name in names] == [
        "", ".bijlagen/bon.pdf", ".bijlagen/foto.jpg", ".ontvangst.json",
    ]  # fmt: skip
    assert not (world.folder / "a.json.bijlagen").exists()


async def test_an_attachment_that_is_being_written_holds_its_message(world: World) -> None:
    world.put("a.json", foto_jpg=b"half")
    await world.rounds(1)
    (world.folder / "a.json.bijlagen" / "foto.jpg").write_bytes(b"whole")
    await world.rounds(1)
    (world.folder / "a.json.bijlagen" / "bon.part").write_bytes(b"")
    await world.rounds(2)
    assert world.sent() == []
    (world.folder / "a.json.bijlagen" / "bon.part").unlink()
    await world.rounds(2)
    assert unpack(world.sent()[0]).files == (("foto.jpg", b"whole"),)


async def test_a_name_too_long_for_a_folder_of_attachments_beside_it_goes_like_any_other(world: World) -> None:
    long = "a" * 251 + ".xml"
    world.put("b.xml", b"<b/>")
    (world.folder / long).write_bytes(b"<a/>")
    await world.rounds()
    assert world.sent() == [b"<a/>", b"<b/>"]
    assert world.there() == set()


async def test_a_file_that_goes_during_the_look_does_not_hold_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = world.put("a.xml", b"<a/>")
    world.put("b.xml", b"<b/>")
    listed = os.scandir

    def listed_and_gone(folder: Path) -> list[os.DirEntry[str]]:
        entries = list(listed(folder))
        gone.unlink(missing_ok=True)
        return entries

    monkeypatch.setattr(os, "scandir", listed_and_gone)
    await world.rounds()
    assert world.sent() == [b"<b/>"]


async def test_a_folder_among_the_attachments_fails_its_message_by_name_and_holds_no_other(world: World) -> None:
    world.put("a.json", foto_jpg=b"x")
    (world.folder / "a.json.bijlagen" / "meer").mkdir()
    world.put("b.json", b"[]")
    await world.rounds()
    assert world.sent() == [b"[]"]
    (told,) = [json.loads(path.read_bytes()) for path in world.below("mislukt") if path.name.endswith(".fout.json")]
    assert (told["code"], told["bestand"]) == ("onleesbaar-bestand", "a.json")
    assert told["detail"].startswith("meer is geen gewoon bestand; verwacht een bestand")


async def test_the_same_bytes_again_get_the_first_receipt(world: World) -> None:
    world.put("a.json")
    await world.rounds()
    world.put("b.json")
    await world.rounds()
    world.put("a.json")
    await world.rounds()
    assert len(world.sent()) == 1
    told = [
        json.loads(path.read_bytes())
        for path in world.below("verwerkt")
        if path.suffixes[-2:] == [".ontvangst", ".json"]
    ]
    assert len(told) == 3
    assert {one["id"] for one in told} == {told[0]["id"]}
    assert sorted(one["herhaling"] for one in told) == [False, True, True]
    assert len(world.below("verwerkt")) == 6


async def test_while_kafka_is_away_files_stay_in_order(world: World) -> None:
    world.kafka.away = True
    world.put("1.json", b"1")
    world.put("2.json", b"2")
    for _ in range(3):
        with pytest.raises(Problem):
            await world.rounds(2)
    assert world.there() == {"1.json", "2.json"}
    assert world.budget.used == 0
    world.kafka.away = False
    await world.rounds(1)
    assert world.sent() == [b"1", b"2"]


async def test_while_the_object_store_is_away_files_stay(world: World) -> None:
    world.blobs.away = True
    world.put("a.json", b"x" * 950_000)
    with pytest.raises(Problem):
        await world.rounds(2)
    world.blobs.away = False
    await world.rounds(1)
    assert world.sent() == [b"x" * 950_000]


async def test_files_of_a_suspended_partner_stay_and_go_in_order_once_it_is_lifted(world: World) -> None:
    world.put("1.json", b"1")
    world.put("2.json", b"2")
    world.suspensions.apply(suspension(PARTNER))
    await world.rounds(3)
    assert world.there() == {"1.json", "2.json"}
    world.suspensions.apply(suspension(PARTNER, active=False))
    await world.rounds(1)
    assert world.sent() == [b"1", b"2"]


async def test_nothing_is_taken_before_suspensions_are_known_or_without_a_profile(world: World) -> None:
    world.put("a.json")
    world.suspensions.caught_up = False
    await world.rounds(3)
    world.suspensions.caught_up = True
    caller = world.members.known.pop(PARTNER)
    await world.rounds(3)
    assert world.sent() == []
    world.members.known[PARTNER] = caller
    await world.rounds()
    assert len(world.sent()) == 1


def _empty(world: World) -> None:
    world.put("a.json", b"")


def _large(world: World) -> None:
    world.put("a.json", b"x" * 900_000, foto_jpg=b"x" * 100_001)


def _large_file(world: World) -> None:
    world.mailbox = Mailbox(world.folder, 10**9)
    world.delivery._mailbox = world.mailbox
    world.put("a.json", foto_jpg=b"")
    os.truncate(world.folder / "a.json.bijlagen" / "foto.jpg", LARGEST_FILE + 1)


def _link(world: World) -> None:
    (world.folder / "a.json").symlink_to("/etc/hostname")


def _pipe(world: World) -> None:
    os.mkfifo(world.folder / "a.json")


@pytest.mark.parametrize(
    ("put", "code"),
    [
        (_empty, "leeg-bericht"),
        (_large, "te-groot"),
        (_large_file, "bijlage-te-groot"),
        (_link, "onleesbaar-bestand"),
        (_pipe, "onleesbaar-bestand"),
    ],
)
async def test_what_can_never_be_accepted_is_set_apart_with_the_reason(world: World, put: object, code: str) -> None:
    assert callable(put)
    put(world)
    world.put("b.json")
    await world.rounds()
    assert world.sent() == [b"{}"]
    told = json.loads((world.folder / "mislukt/2026-03-02/a.json.fout.json").read_bytes())
    assert (told["code"], told["bestand"]) == (code, "a.json")
    assert "verwacht" in told["detail"]
    assert "a.json" in os.listdir(world.folder / "mislukt/2026-03-02")
    assert world.there() == set()
    assert world.figures.outcomes == [code, "aangenomen"]


async def test_a_file_that_may_not_be_read_is_set_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = world.put("a.json"), os.open

    def forbidden(name: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(name) == path:
            raise PermissionError(errno.EACCES, "denied")
        return real(name, flags, mode)

    monkeypatch.setattr("adapters.folder.mailbox.os.open", forbidden)
    await world.rounds()
    assert (
        json.loads((world.folder / "mislukt/2026-03-02/a.json.fout.json").read_bytes())["code"] == "onleesbaar-bestand"
    )


async def test_a_long_and_a_strange_name_are_taken(world: World) -> None:
    world.put("x" * 240 + ".json", b"1")
    (world.folder / os.fsdecode(b"caf\xe9\n.json")).write_bytes(b"2")
    await world.rounds()
    assert sorted(world.sent()) == [b"1", b"2"]
    assert len(world.below("verwerkt")) == 4
    assert all(path.name.isprintable() for path in world.below("verwerkt"))


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("where", "call"), [("accepted", 1), ("_write", 1), ("_write", 2), ("begin", 1), ("_move", 1), ("end", 1)]
)
async def test_a_file_whose_process_was_killed_keeps_its_first_receipt(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str, call: int
) -> None:
    """At every step between Kafka's acknowledgement and the end of the move; the view knows of nothing."""
    world.put("a.json", b"1", foto_jpg=b"2")
    real = getattr(Mailbox, where)
    calls = itertools.count(1)

    def killed(self: Mailbox, *args: object, **named: object) -> object:
        if world.kafka.sent and next(calls) == call:
            raise Killed
        return real(self, *args, **named)

    monkeypatch.setattr(Mailbox, where, killed)
    with pytest.raises(Killed):
        await world.rounds()
    monkeypatch.undo()
    world.mailbox.close()
    (first,) = world.kafka.envelopes()
    after = world.another()
    await after.rounds(3)
    assert len(world.kafka.sent) == 1
    assert after.there() == set()
    assert not (world.folder / "a.json.bijlagen").exists()
    (told,) = (path for path in after.below("verwerkt") if path.name.endswith(".ontvangst.json"))
    assert json.loads(told.read_bytes())["id"] == first.id
    assert {path.read_bytes() for path in after.below("verwerkt")} == {b"1", b"2", told.read_bytes()}


async def test_a_file_whose_process_was_killed_before_it_was_sent_is_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put("a.json")

    async def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(world.acceptance, "accept", killed)
    with pytest.raises(Killed):
        await world.rounds()
    world.mailbox.close()
    await world.another().rounds(2)
    assert world.kafka.sent[0].value == b"{}"


async def test_an_acknowledgement_that_was_lost_leads_to_no_second_record(world: World) -> None:
    world.put("a.json")
    await world.rounds(1)
    world.kafka.deaf = True
    with pytest.raises(Problem):
        await world.rounds(1)
    world.kafka.deaf = False
    await world.rounds(2)
    assert len(world.kafka.sent) == 1
    assert world.there() == set()


async def test_another_file_that_took_the_name_meanwhile_stays_and_is_sent_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.put("a.json", b"1")
    real = Mailbox.accepted

    def late(self: Mailbox, *args: object, **named: object) -> None:
        if path.read_bytes() == b"1":
            path.unlink()
            world.put("a.json", b"second")
        real(self, *args, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Mailbox, "accepted", late)
    await world.rounds(5)
    assert world.sent() == [b"1", b"second"]
    kept = {file.read_bytes() for file in world.below("verwerkt") if not file.name.endswith(".ontvangst.json")}
    assert kept == {b"1", b"second"}


async def test_two_processes_on_one_folder_send_once_and_the_second_takes_over(world: World) -> None:
    second = world.another()
    await world.rounds(1)
    world.put("a.json")
    for _ in range(3):
        await world.rounds(1)
        await second.rounds(1)
    assert len(world.kafka.sent) == 1
    world.put("b.json", b"2")
    await second.rounds(3)
    assert len(world.kafka.sent) == 1
    world.mailbox.close()
    await second.rounds(2)
    assert len(world.kafka.sent) == 2


@pytest.mark.parametrize("real", [True, False])
async def test_a_folder_of_handled_files_on_another_file_system_gets_a_copy(
    world: World, monkeypatch: pytest.MonkeyPatch, real: bool
) -> None:
    elsewhere = Path("/dev/shm") / f"ketenbus-test-{os.getpid()}"
    if real and elsewhere.parent.is_dir() and elsewhere.parent.stat().st_dev != world.folder.stat().st_dev:
        elsewhere.mkdir()
        (world.folder / "verwerkt").symlink_to(elsewhere)
    else:
        rename = os.rename

        def across(source: Path, target: Path) -> None:
            if Path(source).parent != Path(target).parent:
                raise OSError(errno.EXDEV, "other file system")
            rename(source, target)

        monkeypatch.setattr("adapters.folder.mailbox.os.rename", across)
    try:
        world.put("a.json", b"1", foto_jpg=b"2")
        await world.rounds()
        contents = {path.read_bytes() for path in (world.folder / "verwerkt").resolve().rglob("*") if path.is_file()}
        assert {b"1", b"2"} < contents
        assert world.there() == set()
        assert not (world.folder / "a.json.bijlagen").exists()
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


async def test_a_folder_that_is_away_is_waited_for(world: World) -> None:
    world.put("a.json")
    await world.rounds(1)
    away = world.folder.with_name("away")
    world.folder.rename(away)
    with pytest.raises(Unavailable):
        await world.rounds(1)
    away.rename(world.folder)
    await world.rounds(2)
    assert len(world.sent()) == 1


async def test_a_disk_that_is_full_is_waited_for_and_nothing_is_sent_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put("a.json")
    await world.rounds(1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("adapters.folder.mailbox._moved", full)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await world.rounds(1)
    monkeypatch.undo()
    await world.rounds(2)
    assert len(world.kafka.sent) == 1
    assert world.there() == set()
