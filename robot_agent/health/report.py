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
    """Return all findings on a run, the surest first.

    Args:
        history: the record of the run, live or from the store.
        task: the task to learn.
        policy: the present policy, if it is available.
        physics: the numbers of the robot as it should be; None if each episode has another robot: then
            the robot is not examined.
        own: MODULE:FACTORY of the user's own robot, which has no settings of a motor board; else empty.
    """
    found = training.examine(history, task, policy)
    if physics is None:
        return found
    steps = [row["steps"] for row in history.episodes]
    centre = (task.goal.x1 + task.goal.x2) / 2
    faults, fitted = hardware.examine(steps, physics, centre=centre, own=own)
    return ranked([*_attributed(found, faults, fitted), *faults])


def _attributed(found: list[Finding], faults: list[Finding], fitted: Fit | None) -> Iterator[Finding]:
    """Yield the findings; those in OF_EITHER with a note whether robot or policy is the cause, if known."""
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
