"""Findings on the robot itself, from its moves: the sight before, the pulse, and the sight after.

The robot is fitted to its moves, see `robot_fit`. The policy's decisions are known, so a policy that steers
badly can be distinguished from a robot that does not do what the policy decides.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.health import wiring
from robot_agent.health.cures import cure
from robot_agent.health.diagnosis import diagnose
from robot_agent.health.finding import Finding, ranked
from robot_agent.health.robot_fit import Array, Fit, Moves, fit, normal_cdf
from robot_agent.identification.log import Episode, Log
from robot_agent.simulator.physics import Physics
from vision.sight import SLICES

FEWEST_MOVES = 60
"""Number of moves below which nothing is reported."""
FIRST_MOVES = 40
"""Number of first moves that are examined for a gross fault."""
REPORTED = 0.98
"""A finding is reported when it is at least this sure."""
LEANING = 0.12
"""Largest tolerated difference of the wheels, share of full speed, when the target is in the middle."""
SYMPTOM = 0.85
"""Factor of the sureness of `policy-leans`, so that its possible causes are listed before it."""


def _faults(fitted: Fit, own: str) -> list[Finding]:
    """Return all possible faults of the robot, however unsure; `own` is as for `examine`."""
    ratio, ratio_sd = fitted["ratio"], fitted.sd("ratio")
    weak, strong = ("left", "right") if ratio < 0 else ("right", "left")
    weaker = 1 - math.exp(-abs(ratio))
    late, yaw, yaw_sd = fitted["dead_time"], math.degrees(fitted["yaw"]), math.degrees(fitted.sd("yaw"))
    off, back = ("right", "left") if yaw > 0 else ("left", "right")
    slower = 1 - math.exp(fitted["sag"])
    source = f"as {fitted.moves:,} moves show"
    return [
        Finding(
            "weak-motor",
            f"The {weak} wheel goes {weaker:.0%} (±{ratio_sd:.0%}) slower than the {strong} one "
            f"at equal power, {source}.",
            f"The robot pulls to the {weak} whatever the policy decides.",
            cure(
                f"Look for dirt, a loose wheel or plug on the {weak} side; exchange the motors' plugs to see "
                "whether it goes with the motor; or even them out with {trim}.",
                own,
                side=strong,
                share=1 - weaker,
            ),
            fitted.sure("ratio"),
        ),
        Finding(
            "dead-time",
            f"The wheels turn {late:.2f} s (±{fitted.sd('dead_time'):.2f}) after the pulse begins, {source}.",
            "Short pulses hardly move the robot, and long ones less than the policy has learned to expect.",
            cure(
                "Tighten what is loose in the gears, {dead_band}; or train with --preset randomised, whose "
                "policies cope with it.",
                own,
            ),
            fitted.sure("dead_time", 1),
        ),
        Finding(
            "camera-turned",
            f"The camera looks {abs(yaw):.1f} (±{yaw_sd:.1f}) degrees to the {off} of "
            f"where the robot drives, {source}.",
            "What is in the middle of the picture is not straight ahead, so the robot drives past it.",
            f"Turn the camera {abs(yaw):.0f} degrees to the {back}; or train with "
            "--preset randomised, whose policies cope with it.",
            fitted.sure("yaw"),
        ),
        Finding(
            "battery-sagging",
            f"The robot is {slower:.0%} (±{fitted.sd('sag'):.0%}) slower at the end of the run than at its "
            f"beginning, {source}.",
            "The battery runs down: what the policy has learned of the robot no longer holds.",
            "Charge the battery or put in a fresh one; or drive from a regulated supply.",
            fitted.sure("sag", -1),
        ),
    ]


def _leaning(moves: Moves, fitted: Fit, centre: float) -> tuple[Array, Array]:
    """Return how much the late moves turn right with the target in the middle, as decided and as driven.

    The difference of the wheels, shares of full speed, is fitted by a line over the target's distance from
    the middle, for targets within a fifth of the picture. Returns the line's height in the middle and the
    standard deviation of that, each for the wheels as decided and for the real motors: shape (2,) each.
    """
    late = moves.when >= np.quantile(moves.when, 2 / 3)
    off = (moves.edges[:-1, late].sum(axis=2) / 2 - centre).ravel()
    gains = np.exp(np.array([0.5, -0.5]) * fitted["ratio"])
    turns = np.stack([np.diff(moves.wheels[:, late] * g, axis=2).ravel() for g in (np.ones(2), gains)]) * -1
    use = (np.abs(off) <= SLICES / 5) & (moves.seconds[:, late].ravel() > 0)
    if use.sum() < FEWEST_MOVES / 2:
        return np.zeros(2), np.ones(2)
    x = np.stack([np.ones(int(use.sum())), off[use]], axis=1)
    inverse = np.linalg.inv(x.T @ x + 1e-9 * np.eye(2))
    line = inverse @ x.T @ turns[:, use].T
    spread = (turns[:, use].T - x @ line).std(axis=0)
    return line[0], spread * math.sqrt(inverse[0, 0]) + 1e-6


def _policy_leans(moves: Moves, fitted: Fit, centre: float) -> Finding | None:
    """Find a policy that steers to one side of a target straight ahead on a robot that drives straight."""
    (decided, driven), (decided_sd, _) = (part.tolist() for part in _leaning(moves, fitted, centre))
    sure = normal_cdf((abs(decided) - LEANING) / decided_sd)
    if not fitted.sound or abs(driven) < LEANING or sure < REPORTED:
        return None
    side = "right" if decided > 0 else "left"
    return Finding(
        "policy-leans",
        f"With the target in the middle the policy still steers to the {side}: its wheels differ by "
        f"{abs(decided):.0%} (±{decided_sd:.0%}) of full speed. The robot does what it decides: its motors "
        f"are alike within {abs(fitted['ratio']) + 2 * fitted.sd('ratio'):.0%}.",
        "This is the policy's fault, not the robot's; repairing the robot would not help.",
        "Train on; learner.mirror=true makes a policy learn both sides alike.",
        SYMPTOM * sure,
    )


def _first(log: Log) -> list[Episode]:
    """Return the episodes of a robot's first moves."""
    episodes, moves = [], 0
    for episode in log.episodes:
        if moves >= FIRST_MOVES:
            break
        episodes.append(episode)
        moves += len(episode.moves)
    return episodes


def examine(
    episodes: Sequence[Mapping[str, NDArray[Any]]],
    physics: Physics,
    *,
    centre: float = (SLICES - 1) / 2,
    own: str = "",
) -> tuple[list[Finding], Fit | None]:
    """Return the faults of a robot, the surest first, and the fit of the robot's numbers to its moves.

    Args:
        episodes: the `steps` of the robot's episodes, see `Episode.steps`, the earliest first.
        physics: the numbers of the robot as it should be.
        centre: slice at which the target's middle should be.
        own: MODULE:FACTORY of the user's own robot, which has no settings of a motor board; else empty.

    Returns:
        The findings, and the fit, which is None if there are too few moves or the wheels are wired wrongly.
    """
    played = [steps for steps in episodes if len(steps.get("x1", ()))]
    moves = Moves.of(played)
    fitted = fit(moves, physics) if moves.count >= FEWEST_MOVES else None
    if fitted is None or not fitted.sound:
        wrong = wiring.examine(played, physics, own=own)
        if wrong is not None and wrong.sure >= REPORTED:
            return [wrong], None  # a fit of such a robot means nothing
        gross = diagnose(_first(Log.of_run(played)), own)
        if gross is not None:
            return [gross], None
    if fitted is None:
        return [], None
    found = [fault for fault in _faults(fitted, own) if fault.sure >= REPORTED]
    if (leans := _policy_leans(moves, fitted, centre)) is not None:
        found.append(leans)
    return ranked(found), fitted
