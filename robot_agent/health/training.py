"""What is wrong with a run of the trainer: its gradient and weights, exploration, baseline, target.

Every check looks at one thing in the run's history and returns a `Finding` or None. Most checks return None
for a run that learns: something unusual in such a run is no fault. The thresholds were measured, see
`tests/benchmarks/health.py`.
"""

import math
from typing import Any

import numpy as np

from robot_agent.envs.task import Task
from robot_agent.health.by_hand import no_better, not_imitable
from robot_agent.health.finding import Finding, ranked
from robot_agent.health.history import FEWEST_UPDATES, LEARNING, Case, History
from robot_agent.health.reward import NOT_LEARNING, constant_reward, reward_and_goal

WIDE = 0.5
"""Standard deviation of an action in [-1, 1] from which on noise hides the policy's decisions."""


def not_a_number(case: Case) -> Finding | None:
    """Find the first value that is not a number, which makes everything computed from it meaningless."""
    for row in case.history.updates:
        for name in ("mean_return", "gradient_norm", "entropy"):
            if not math.isfinite(row["report"][name]):
                words = name.replace("_", " ")
                return Finding(
                    "not-a-number",
                    f"In update {row['number']} the {words} is {row['report'][name]}.",
                    "From there on nothing is learned: such a step is not taken."
                    if name == "gradient_norm"
                    else "A reward or an observation was not a number, and nothing computed from it is one.",
                    "Look for a division by zero or a logarithm of zero in the reward and the observation, "
                    "or divide learner.learning_rate by ten.",
                    1.0,
                )
    return None


def no_gradient(case: Case) -> Finding | None:
    """Find a gradient that is exactly zero although the episodes differ."""
    if np.any(case.history.series("gradient_norm")[-FEWEST_UPDATES:] != 0.0) or constant_reward(case):
        return None
    late = slice(-FEWEST_UPDATES, None)
    if (
        np.all(case.history.series("return_std")[late] < 1e-9)
        and np.ptp(case.history.series("mean_return")[late]) < 1e-9
    ):
        return Finding(
            "no-gradient",
            f"The gradient is exactly zero: the late episodes all end alike. {case.outcome}",
            "Whatever the policy tries now has the same reward, so no action is better than another.",
            "Correct what led there, and begin a new run; a wider exploration also helps.",
            0.9,
        )
    return Finding(
        "no-gradient",
        f"The gradient is exactly zero. {case.outcome}",
        "What the policy does no longer depends on its weights: something between the weights and the "
        "log-probability is detached, or every unit on the way is dead.",
        "See that nothing is detached or turned into NumPy before log_prob, and that no ReLU stands on the "
        "output (network.output=linear).",
        0.98,
    )


def weights_still(case: Case) -> Finding | None:
    """Find layers that do not move although there is a gradient."""
    ratio, gradient = case.history.update_ratio, case.history.series("gradient_norm")
    moved = gradient > 0
    if not ratio.size or moved.sum() < 3:
        return None
    still = np.flatnonzero(np.all(ratio[moved] == 0.0, axis=0))
    if not still.size:
        return None
    which = "No layer's weights" if still.size == ratio.shape[1] else f"The weights of layer {still[0] + 1}"
    return Finding(
        "weights-still",
        f"{which} have not changed in {int(moved.sum())} updates, though the gradient is not zero.",
        "The optimiser does not hold these weights, or its learning rate is 0.",
        "Give the optimiser all parameters of the network, after it was built; see learner.learning_rate.",
        0.97,
    )


def dead_output(case: Case) -> Finding | None:
    """Find a ReLU on the output that holds actions at one end of their range."""
    if getattr(case.policy, "output", "linear") != "relu" or case.history.success >= LEARNING:
        return None
    dead = float(case.policy.dead_outputs(case.task.observe(case.history.sights)))
    if dead < 0.05:
        return None
    return Finding(
        "dead-output",
        f"The network ends in a ReLU, and {dead:.0%} of its outputs over the sights seen are 0. "
        f"{case.outcome}",
        "Where an output is 0 it is the same for every sight, and no gradient flows back through it: "
        "what is dead stays dead.",
        "Give the output no ReLU (network.output=linear), and scale the sights to about 1 "
        "(task.observation=centre).",
        0.99,
    )


def actions_clipped(case: Case) -> Finding | None:
    """Find actions beyond the end of their range, where the policy's changes have no effect."""
    actions = case.history.policy_steps("action")
    actions = actions[-max(len(actions) // 3, 100) :]
    if case.history.success >= LEARNING or len(actions) < 100:
        return None
    beyond = np.maximum((actions > 1).mean(axis=0), (actions < -1).mean(axis=0))
    worst = int(np.argmax(beyond))
    if beyond[worst] < 0.9:
        return None
    return Finding(
        "actions-clipped",
        f"The {case.task.action_names[worst]} lies beyond its range in {beyond[worst]:.0%} of late moves. "
        f"{case.outcome}",
        "It is cut to the same end each time, so trying a little more or less of it changes nothing: there "
        "is nothing to learn from.",
        "Begin with a small output layer (network.initialisation=orthogonal) without a ReLU "
        "(network.output=linear), and scale the sights to about 1 (task.observation=centre).",
        0.85,  # another, surer fault may be the cause
    )


def not_scaled(case: Case) -> Finding | None:
    """Find observations whose size is far from 1."""
    observed = np.abs(case.task.observe(case.history.sights))
    largest = float(observed.max()) if observed.size else 0.0
    if largest <= 8:
        return None
    return Finding(
        "not-scaled",
        f"The observations reach {largest:.0f}; their mean size is {float(observed.mean()):.0f}.",
        "Numbers far from 1 saturate the first layer or make its steps too long: some seeds never learn.",
        "Let the policy see task.observation=centre, or ends, which are scaled to about 1.",
        0.6 if case.history.success >= LEARNING else 0.95,
    )


def exploration_collapsed(case: Case) -> Finding | None:
    """Find a policy that tries nothing new although it does not reach the goal."""
    if case.history.success >= LEARNING:
        return None
    low = np.flatnonzero(case.history.std.min(axis=1) < 0.02)
    if not low.size:
        return None
    row = case.history.updates[low[0]]
    return Finding(
        "exploration-collapsed",
        f"From update {row['number']} on an action varies by {case.history.std[low].min():.3f} only, of a "
        f"range of 2. {case.outcome}",
        "The policy does nearly the same each time, so it never sees that something else is better.",
        "Begin wider (network.log_std_steering=-2.5, network.log_std_duration=-1.5) and let it not fall "
        "below network.log_std_floor=-3.",
        0.92,
    )


def exploration_wide(case: Case) -> Finding | None:
    """Find a policy whose noise is as large as its actions and does not narrow."""
    first, last = case.history.std[0], case.history.std[-1]
    wide = (last > WIDE) & (last > 0.5 * first)
    if case.history.success >= LEARNING or not wide.any():
        return None
    return Finding(
        "exploration-wide",
        f"The actions' standard deviation was {first.max():.2f} and is {last.max():.2f}, of a range of 2. "
        f"{case.outcome}",
        "Most moves are chance, clipped at the ends of their range; what the policy decides hardly counts.",
        "Begin narrower: network.log_std_steering=-2.5, network.log_std_duration=-1.5, and no "
        "learner.entropy_bonus.",
        0.9,
    )


def baseline_useless(case: Case) -> Finding | None:
    """Find a baseline that explains nothing of the returns, in a run that does not learn."""
    explained = float(np.nanmean(case.history.series("explained_variance")[case.history.late]))
    if explained > 0.01 or case.history.success >= LEARNING or constant_reward(case) or no_gradient(case):
        return None
    return Finding(
        "baseline-useless",
        f"The baseline explains {max(explained, -9.99):.0%} of the variance of the late returns. "
        f"{case.outcome}",
        "Whether a move was good is drowned in how good the whole episode was.",
        "Use learner.baseline=time with about 100 episodes an update, learner.baseline=value with fewer.",
        0.6,
    )


def target_lost(case: Case) -> Finding | None:
    """Find a robot that loses sight of its target again and again."""
    if case.history.lost < 0.35:
        return None
    return Finding(
        "target-lost",
        f"The target gets out of sight in {case.history.lost:.0%} of the late episodes.",
        "The robot turns too far, or it drives on although its target is at the picture's edge.",
        "Look at some moves (robot-agent drive); let it drive for less long (task.max_seconds=0.6), and "
        "begin with it nearer to straight ahead.",
        0.4 + 0.3 * case.history.lost,  # mostly caused by another fault
    )


def learning_rate(case: Case) -> Finding | None:
    """Find too long or too short steps, without those of the last layer, whose weights begin near 0."""
    ratio = case.history.update_ratio
    if case.history.success >= LEARNING or not ratio.size or not np.isfinite(ratio).all():
        return None
    hidden = ratio[:, :-1] if ratio.shape[1] > 1 else ratio
    moved = hidden[case.history.series("gradient_norm") > 0]  # without those of a run that is stuck
    typical = float(np.median(moved[: len(moved) // 2 + 1])) if len(moved) else 0.0
    way = float(hidden.sum(axis=0).max())
    first = float(hidden[:FEWEST_UPDATES].mean())
    if typical > 0.1 or first > 0.2:
        which = "The first updates change" if first > typical else "An update changes"
        return Finding(
            "learning-rate-high",
            f"{which} the hidden weights by {max(first, typical):.1%} of their size. {case.outcome}",
            "Steps this long jump over what is good: units saturate, and the policy ends up anywhere.",
            "Divide learner.learning_rate by five; 0.01 suits most runs.",
            0.94,
        )
    if 0.0 < way < 0.05 and not no_gradient(case):
        return Finding(
            "learning-rate-low",
            f"All {len(hidden)} updates together changed the hidden weights by {way:.2%} of their size. "
            f"{case.outcome}",
            "The policy is still about the one it began as.",
            "Multiply learner.learning_rate by ten; 0.01 suits most runs.",
            0.94,
        )
    return None


CERTAIN = (not_a_number, weights_still)
CHECKS = (
    constant_reward,
    no_gradient,
    dead_output,
    actions_clipped,
    not_scaled,
    exploration_collapsed,
    exploration_wide,
    reward_and_goal,
    baseline_useless,
    target_lost,
    learning_rate,
    no_better,
    not_imitable,
)


def examine(history: History, task: Task, policy: Any = None) -> list[Finding]:
    """Return what is wrong with a training, the surest first; nothing for one that learns as it should.

    Args:
        history: the record of the run.
        task: the task to learn.
        policy: the present policy, if it is available.
    """
    if not history.updates:
        return []
    case = Case(history, task, policy)
    found = [finding for check in CERTAIN if (finding := check(case)) is not None]
    broken = any(finding.kind == "not-a-number" for finding in found)
    if len(history.updates) >= FEWEST_UPDATES and not broken:
        found += [finding for check in CHECKS if (finding := check(case)) is not None]
    if not found and history.success < NOT_LEARNING and len(history.updates) >= FEWEST_UPDATES:
        found.append(
            Finding(
                "not-learning",
                case.outcome,
                "It does not learn, and nothing here says why.",
                "Try another seed, more moves, or the default settings (robot-agent config shows them).",
                0.5,
            )
        )
    return ranked(found)
