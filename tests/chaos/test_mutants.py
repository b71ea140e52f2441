"""The fault suite notices every broken rule; and without one, nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos import scenarios
from tests.chaos.mutants import MUTANTS
from tests.chaos.results import Results
from tests.chaos.scenarios import Scenario
from tests.runtime.checker import Report
from tests.runtime.fleet import Fleet
from topics.broker import EmbeddedBroker

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]

DAMAGE = "damage"
LATE = "not ready in time"
PLAN: dict[str, tuple[Scenario, str]] = {
    "unawaited": (scenarios.refused, DAMAGE),
    "id_per_process": (scenarios.zombie, DAMAGE),
    "fenced_and_goes_on": (scenarios.zombie, DAMAGE),
    "retries_in_place": (scenarios.failures, DAMAGE),
    "offsets_outside": (scenarios.kills, LATE),
    "letters_outside": (scenarios.kills, DAMAGE),
    "position_before_fence": (scenarios.late_commit, DAMAGE),
    "restores_uncommitted": (scenarios.kills, LATE),
    "restores_until_the_last_record": (scenarios.kills, LATE),
    "position_of_the_group": (scenarios.group_lost, DAMAGE),
    "state_kept_over_a_failure": (scenarios.failures, LATE),
    "state_before_the_commit": (scenarios.failures, LATE),
    "opens_in_the_listener": (scenarios.slow_restores_of_two, LATE),
    "stale_records": (scenarios.failures, DAMAGE),
    "takes_records_too_early": (scenarios.slow_start_with_a_backlog, DAMAGE),
    "suspends_without_waiting": (scenarios.rebalance_while_busy, DAMAGE),
    "resumes_with_a_new_fence": (scenarios.missed_generation, DAMAGE),
    "cursor_not_stored": (scenarios.kill_inside_a_record, DAMAGE),
    "no_isolation": (scenarios.refused, LATE),
    "cancellation_escapes": (scenarios.dead_coordination, LATE),
    "no_time_limits": (scenarios.told_to_stop_without_a_broker, LATE),
}
"""Which scenario reveals a mutant, and how: damage on the topics, or a task that is not ready in time (it halts because
a second rule holds, or it hangs)."""


SCENARIOS = list(dict.fromkeys(scenario for scenario, _ in PLAN.values()))


async def run(scenario: Scenario, fleet: Fleet, broker: EmbeddedBroker, limit: float) -> Report:
    try:
        await scenario(fleet, broker)
    except AssertionError as error:
        report = await fleet.judged(limit)
        report.damage.insert(0, f"{LATE}: {error}")
        return report
    return await fleet.judged(limit)


def test_every_mutant_has_a_scenario() -> None:
    assert PLAN.keys() == MUTANTS.keys()


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_nothing_is_noticed_when_no_rule_is_broken(
    scenario: Scenario, broker: EmbeddedBroker, bootstrap: str, unique: Callable[[str], str], tmp_path: Path
) -> None:
    with Fleet(bootstrap, unique("gaaf"), tmp_path) as fleet:
        report = await run(scenario, fleet, broker, 90)
        assert report.damage == []
        assert report.records > 0


@pytest.mark.parametrize("mutant", list(PLAN))
async def test_a_broken_rule_is_noticed(
    mutant: str, broker: EmbeddedBroker, bootstrap: str, unique: Callable[[str], str], tmp_path: Path
) -> None:
    scenario, expected = PLAN[mutant]
    with Fleet(bootstrap, unique("mutant"), tmp_path, mutant=mutant) as fleet:
        report = await run(scenario, fleet, broker, 25)
    late = [line for line in report.damage if line.startswith(LATE)]
    # what is not handled yet counts as lost too, so that only a finished run, or a double, shows damage
    damage = [line for line in report.damage if "doubled" in line or "went back" in line or not late]
    Results().note(
        f"mutant {mutant}", {"rule": MUTANTS[mutant][1], "noticed": (late if expected == LATE else damage)[:3]}
    )
    assert late if expected == LATE else damage
