"""The data folder: who it is and who may use it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from topics.broker.errors import FolderForeign, FolderInUse, FolderNotWritable
from topics.broker.folder import DataFolder, new_cluster_id


def used_folder(root: Path, kafka: str = "4.3.1") -> DataFolder:
    """As after a first start."""
    folder = DataFolder(root)
    os.close(folder.lock(0))
    identity = folder.identify(kafka)
    folder.data.mkdir()
    (folder.data / "meta.properties").write_text(f"#\nnode.id=1\ncluster.id={identity.cluster_id}\nversion=1\n")
    return folder


def test_a_folder_keeps_its_identity(tmp_path: Path) -> None:
    folder = used_folder(tmp_path / "new")
    identity = folder.identify("4.3.1")
    assert len(identity.cluster_id) == 22
    assert DataFolder(tmp_path / "new").identify("4.3.1") == identity


def test_a_cluster_id_is_never_taken_for_an_option() -> None:
    made = {new_cluster_id() for _ in range(2000)}
    assert len(made) == 2000
    assert {len(cluster_id) for cluster_id in made} == {22}
    assert "-" not in {cluster_id[0] for cluster_id in made}


def test_two_folders_are_two_clusters(tmp_path: Path) -> None:
    assert used_folder(tmp_path / "a").identify("4.3.1") != used_folder(tmp_path / "b").identify("4.3.1")


def _other_cluster(folder: DataFolder) -> None:
    (folder.data / "meta.properties").write_text("node.id=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\n")


def _other_node(folder: DataFolder) -> None:
    meta = folder.data / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))


def _no_meta(folder: DataFolder) -> None:
    (folder.data / "meta.properties").unlink()


def _broken_identity(folder: DataFolder) -> None:
    (folder.root / "broker.json").write_text("{")


def _identity_of_another_shape(folder: DataFolder) -> None:
    (folder.root / "broker.json").write_text(json.dumps({"name": "x"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_cluster, "says cluster.id=AAAAAAAAAAAAAAAAAAAAAA; .* belongs to another cluster"),
        (_other_node, "says node.id=7; .* expects 1"),
        (_no_meta, "meta.properties cannot be read"),
        (_broken_identity, "is not what a broker wrote"),
        (_identity_of_another_shape, "is not what a broker wrote"),
    ],
)
def test_data_that_is_not_its_own_is_refused(
    tmp_path: Path, change: Callable[[DataFolder], None], message: str
) -> None:
    folder = used_folder(tmp_path / "f")
    change(folder)
    with pytest.raises(FolderForeign, match=message) as caught:
        folder.identify("4.3.1")
    assert caught.value.code == "broker-map-vreemd"


def test_data_of_a_newer_kafka_is_refused_and_of_an_older_one_taken_over(tmp_path: Path) -> None:
    folder = used_folder(tmp_path / "f", kafka="4.10.0")
    with pytest.raises(FolderForeign, match=r"last used by Kafka 4\.10\.0; this release runs 4\.3\.1"):
        folder.identify("4.3.1")
    assert folder.identify("4.11.0").kafka == "4.11.0"


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderForeign, match=r"holds thesis\.txt but no broker\.json"):
        DataFolder(tmp_path).lock(0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_data_without_identity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(FolderForeign, match=r"holds data but no broker\.json"):
        DataFolder(tmp_path).lock(0)


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderForeign, match="is a file"):
        DataFolder(tmp_path / "file").lock(0)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderNotWritable, match="cannot be made or written") as caught:
        DataFolder(tmp_path / "file" / "folder").lock(0)
    assert caught.value.code == "broker-map-niet-schrijfbaar"


def test_a_second_owner_is_refused_soon_while_the_first_lives(tmp_path: Path) -> None:
    held = DataFolder(tmp_path / "f").lock(0)
    began = time.monotonic()
    with pytest.raises(FolderInUse, match=rf"already runs on .*owner: process {os.getpid()}") as caught:
        DataFolder(tmp_path / "f").lock(wait=60)
    assert time.monotonic() - began < 30
    assert caught.value.code == "broker-map-in-gebruik"
    os.close(held)
    os.close(DataFolder(tmp_path / "f").lock(0))


def test_a_new_owner_waits_for_a_broker_whose_owner_has_gone(tmp_path: Path) -> None:
    """The lock lives on in what the owner started (here: a shell that ends when its input does)."""
    script = (
        "import subprocess, sys; from pathlib import Path; from topics.broker.folder import DataFolder\n"
        "fd = DataFolder(Path(sys.argv[1])).lock(0)\n"
        "subprocess.Popen(['/bin/sh', '-c', 'read line'], pass_fds=(fd,))\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "f")], stdin=subprocess.PIPE)
    # Not communicate(): it would close the pipe that keeps the heir alive.
    assert owner.wait(30) == 0
    with pytest.raises(FolderInUse):
        DataFolder(tmp_path / "f").lock(wait=0.1)
    assert owner.stdin is not None
    owner.stdin.close()
    os.close(DataFolder(tmp_path / "f").lock(wait=30))
