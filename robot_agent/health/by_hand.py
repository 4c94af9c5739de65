"""Findings on the moves that a person made in a training."""

import numpy as np

from robot_agent.envs.task import DEMONSTRATION, PERSON
from robot_agent.health.finding import Finding
from robot_agent.health.history import LEARNING, Case

FEWEST = 20
"""Number of a person's moves below which nothing is reported about them."""


def no_better(case: Case) -> Finding | None:
    """Find moves of a person that were no better than the policy's own, in a run that does not learn."""
    shown = [
        np.asarray(steps["advantage"], np.float64)[np.asarray(steps["by_hand"]) == DEMONSTRATION]
        for steps in (row["steps"] for row in case.history.episodes)
        if "by_hand" in steps and "advantage" in steps
    ]
    advantages = np.concatenate(shown) if shown else np.zeros(0)
    if case.history.success >= LEARNING or len(advantages) < FEWEST:
        return None
    better = float((advantages > 0).mean())
    if better > 0.25:
        return None
    return Finding(
        "hand-no-better",
        f"Of {len(advantages)} moves that a person drove, {better:.0%} led to more reward than the policy "
        f"expected. {case.outcome}",
        "The policy follows a person only where they do better than it does, so these moves teach it little.",
        "Take the wheel where the robot is about to lose its target, and drive on until it reaches the goal.",
        0.4,
    )


def not_imitable(case: Case) -> Finding | None:
    """Find moves of a person that the policy cannot make, so that it learns nothing from them."""
    authors = case.history.authors
    shown, others = int((authors == DEMONSTRATION).sum()), int((authors == PERSON).sum())
    if case.history.success >= LEARNING or shown + others < FEWEST or others <= shown:
        return None
    return Finding(
        "hand-not-imitable",
        f"Of {shown + others} moves that a person drove, {others} are none that the policy can choose. "
        f"{case.outcome}",
        "It can drive curves ahead, but not back or turn in place as a person can.",
        "Drive curves ahead, each for less than a second, at about half of the full speed.",
        0.4,
    )
