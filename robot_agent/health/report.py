"""The learning health report of a run: training, policy and robot in one list, the surest first."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from robot_agent.envs.task import Task
from robot_agent.health import hardware, training
from robot_agent.health.finding import Finding, ranked
from robot_agent.health.history import History
from robot_agent.health.robot_fit import Fit
from robot_agent.simulator.physics import Physics

OF_EITHER = ("target-lost", "not-learning", "policy-leans")
"""Findings that a bad policy or a faulty robot may cause."""


def report(
    history: History, task: Task, *, policy: Any = None, physics: Physics | None = None, own: str = ""
) -> list[Finding]:
    """Return all that is wrong with a run, the surest first.

    Args:
        history: what is known of it, live or from the store.
        task: what is to be learned.
        policy: as it is now, if it is available.
        physics: what the robot should be. Without it the robot itself is not examined: so where each
            episode has another robot.
        own: MODULE:FACTORY of a robot of one's own, which has no settings of a motor board.
    """
    found = training.examine(history, task, policy)
    if physics is None:
        return found
    steps = [row["steps"] for row in history.episodes]
    centre = (task.goal.x1 + task.goal.x2) / 2
    faults, fitted = hardware.examine(steps, physics, centre=centre, own=own)
    return ranked([*_attributed(found, faults, fitted), *faults])


def _attributed(found: list[Finding], faults: list[Finding], fitted: Fit | None) -> Iterator[Finding]:
    """Add to findings that either may cause whether the robot or the policy is at fault, if that is known."""
    broken = [fault for fault in faults if fault.kind != "policy-leans"]
    for finding in found:
        if finding.kind not in OF_EITHER or (fitted is None and not broken):
            yield finding
        elif broken:
            words = "The robot does not do what the policy decides, and that may be why; repair that first."
            yield replace(finding, means=f"{finding.means} {words}")
        elif fitted is not None and fitted.sound:
            words = "The robot does what the policy decides, so this is the policy's fault."
            yield replace(finding, means=f"{finding.means} {words}")
        else:
            yield finding
