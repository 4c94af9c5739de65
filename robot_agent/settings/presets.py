"""The presets: groups of settings that belong together; a setting given by hand overrides them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Moves of a single robot are costly, so the last four batches are used eight times, with wider exploration.
_ONE_ROBOT = {
    "gamma": 0.9,
    "baseline": "value",
    "gae_lambda": 0.9,
    "epochs": 8,
    "replay_batches": 4,
    "clip_range": 0.3,
}
_ONE_ROBOT_TRAIN = {"robots": 1, "episodes_per_update": 4, "evaluate_every": 100}
_WIDE = {"log_std_steering": -2.0, "log_std_duration": -1.0}
_LARGER = {"hidden": (32, 32)}


@dataclass(frozen=True, slots=True)
class Preset:
    """A group of settings that belong together."""

    title: str
    """What the preset is, in a few words."""
    sentence: str
    """What the preset is for; begins with a small letter and has no full stop."""
    settings: Mapping[str, Any]
    """The settings that differ from the defaults, nested as the sections are."""
    one_robot: bool = False
    """Whether the preset is for a single robot, not for a fleet."""


PRESETS: Mapping[str, Preset] = {
    "fleet": Preset(
        "A fleet", "hundreds of simulated robots learn one policy in a few seconds; begin here", {}
    ),
    # Rollouts of five moves and a small network: NumPy is faster at this, and loads quickly.
    "quick": Preset(
        "A fleet in a hurry",
        "learns in one second, with NumPy, and ends a little worse",
        {
            "train": {"robots": 320, "episodes_per_update": 320, "rollout_moves": 5, "moves": 100_000},
            "learner": {"backend": "numpy", "gamma": 0.7, "learning_rate": 0.032, "epochs": 3},
            "network": {"hidden": (8,), "log_std_steering": -2.4},
        },
    ),
    "one": Preset(
        "One robot",
        "a robot alone learns from nothing in about a thousand moves",
        {
            "train": _ONE_ROBOT_TRAIN | {"moves": 5000},
            "learner": _ONE_ROBOT | {"mirror": True, "learning_rate": 0.01},
            "network": _WIDE | _LARGER,
        },
        one_robot=True,
    ),
    # Another robot than the one the policy was trained on is hardly symmetric: no mirror.
    "fine-tune": Preset(
        "Continue another policy",
        "one robot continues with the policy of another robot; a few hundred moves",
        {
            "train": _ONE_ROBOT_TRAIN | {"moves": 3000},
            "learner": _ONE_ROBOT | {"learning_rate": 0.005},
            "network": _WIDE,
        },
        one_robot=True,
    ),
    "randomised": Preset(
        "A robot that is not perfect",
        "each episode has a different robot, so that the policy also drives one that is not perfect",
        {
            # With the plain mean of each time step as baseline, some policies get stuck a few slices before
            # the goal; a value network as baseline prevents this.
            "simulator": {"randomise": True},
            "train": {"robots": 256, "episodes_per_update": 256, "moves": 1_500_000},
            "learner": {"gamma": 0.95, "baseline": "value", "epochs": 1, "learning_rate": 0.01},
            "network": {"log_std_duration": -1.5} | _LARGER,
        },
    ),
    "original": Preset(
        "The original network",
        "the network of the question this project began with; it does not learn, and health says why",
        {
            "task": {"observation": "raw"},
            "train": {"robots": 128, "episodes_per_update": 128, "moves": 450_000},
            "learner": {"learning_rate": 0.01, "clip_range": 0.6},
            "network": {"activation": "relu", "output": "relu", "initialisation": "default"} | _LARGER,
        },
    ),
}


def usual_preset(*, one_robot: bool, from_policy: bool) -> str:
    """Return the preset that is used if none is named.

    Args:
        one_robot: whether a single robot, real or rendered, is trained.
        from_policy: whether the training begins with a learned policy.
    """
    if not one_robot:
        return "fleet"
    return "fine-tune" if from_policy else "one"


def in_words() -> str:
    """Return all presets in one sentence, for help texts."""
    return "; ".join(f"{name}: {preset.sentence}" for name, preset in PRESETS.items()) + "."
