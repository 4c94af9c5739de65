"""What is wrong with the reward of a run of the trainer; checks like those of `training`, beside it."""

import math

import numpy as np

from robot_agent.health.finding import Finding
from robot_agent.health.history import FEWEST_UPDATES, LEARNING, Case

NOT_LEARNING = 0.05
"""Success rate below which a run counts as not learning."""


def constant_reward(case: Case) -> Finding | None:
    """Find a reward that is the same whatever the robot does."""
    returns = case.history.series("return_std")
    moves = case.history.steps("reward")
    same_moves = moves.size >= 100 and float(np.ptp(moves)) == 0.0
    ended = [row["endings"] for row in case.history.updates]
    all_lost = all(set(endings) == {"lost"} for endings in ended[-FEWEST_UPDATES:])
    # With one episode per update the returns have no spread in any case.
    same_returns = bool(np.all(returns < 1e-9)) and np.ptp(case.history.series("mean_return")) < 1e-9
    if all_lost or not (same_moves or same_returns):
        return None  # a robot that always loses its target at once can get only one reward
    what = "move" if same_moves else "episode"
    return Finding(
        "constant-reward",
        f"Every {what} is rewarded alike. {case.outcome}",
        "Nothing says which of two moves is the better one, so there is nothing to learn.",
        "Reward the move that brings the sight closer to the goal sight more than the one that does not "
        "(Approach.judge in robot_agent/envs/task.py).",
        0.99,
    )


def _rewarded_approach(case: Case) -> tuple[float, int]:
    """Return the correlation of rewards with the approach to the goal in slices, and the number of moves."""
    rewards, closer = [], []
    for row in case.history.episodes:
        steps = row["steps"]
        if "start_x1" not in steps or "reward" not in steps:
            continue
        x1, x2 = (np.concatenate([steps[f"start_{x}"], steps[x]]).astype(float) for x in ("x1", "x2"))
        distance = np.abs(x1 - case.task.goal.x1) + np.abs(x2 - case.task.goal.x2)
        seen = np.asarray(steps["x1"]) >= 0
        rewards.append(np.asarray(steps["reward"], np.float64)[seen])
        closer.append((distance[:-1] - distance[1:])[seen])
    r, c = (np.concatenate(parts) if parts else np.zeros(0) for parts in (rewards, closer))
    if r.size < 100 or not np.isfinite(r).all() or r.std() < 1e-9 or c.std() < 1e-9:
        return 1.0, 0
    return float(np.corrcoef(r, c)[0, 1]), r.size


def reward_and_goal(case: Case) -> Finding | None:
    """Find a reward that is unrelated or opposed to the goal, or that rises while success does not."""
    if case.history.success >= LEARNING:
        return None
    correlation, moves = _rewarded_approach(case)
    cure = "Reward the decrease of the distance to the goal sight (task.reward=slices), and see what else is "
    cure += "added to it in Approach.judge (robot_agent/envs/task.py)."
    if moves and abs(correlation) < 0.2:
        return Finding(
            "reward-noise",
            f"The rewards of {moves:,} moves have a correlation of {correlation:+.2f} with how much closer "
            f"these came to the goal sight. {case.outcome}",
            "The reward is mostly noise: it takes very many moves until what is good in it shows.",
            cure,
            0.9,
        )
    returns = case.history.series("mean_return")
    quarter = max(len(returns) // 4, 1)
    early, before, late = returns[:quarter], returns[-2 * quarter : -quarter], returns[-quarter:]
    error = math.hypot(early.std(), late.std()) / math.sqrt(quarter) + 1e-9
    first_success = float(np.mean([row["success_rate"] for row in case.history.updates[:quarter]]))
    # A return that still rises may lead to success later; a settled one comes from something else.
    rise = late.mean() - early.mean()
    rises = len(returns) >= 3 * FEWEST_UPDATES and rise > max(4 * error, 4 * abs(late.mean() - before.mean()))
    if (moves and correlation < -0.2) or (
        rises and case.history.success < NOT_LEARNING and case.history.success <= first_success + 0.01
    ):
        against = (
            f"The rewards of {moves:,} moves have a correlation of {correlation:+.2f} with how much closer "
            "these came to the goal sight"
            if moves and correlation < -0.2
            else f"The mean return went from {early.mean():+.2f} to {late.mean():+.2f}, but success did not"
        )
        return Finding(
            "reward-at-odds",
            f"{against}. {case.outcome}",
            "The policy does what it is rewarded for, and that is not to reach the goal.",
            cure,
            0.95 if moves and correlation < -0.2 else 0.65,
        )
    return None
