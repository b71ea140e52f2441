"""Three nodes and up to four workers in containers, a worker and a node killed under load: nothing lost, nothing twice."""

import subprocess

import pytest

from tests.bench import scale


@pytest.fixture
def images() -> None:
    found = subprocess.run(["docker", "image", "inspect", scale.BUS, scale.KAFKA], capture_output=True, check=False)
    if found.returncode:
        pytest.skip("docker does not run here, or has no images of the bus: `make images`")


@pytest.mark.chaos
@pytest.mark.container
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("images")
async def test_nothing_is_lost_or_doubled_when_a_worker_and_a_node_are_killed_under_load() -> None:
    found = await scale.measured()
    assert found.events == scale.DOSSIERS * (len(scale.WORKERS) + 3) * 10
    assert (found.lost, found.differing) == (0, 0)
    assert found.outputs > found.events
