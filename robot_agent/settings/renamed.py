"""Settings that were renamed: robot.toml must use the new names; old runs and policies are translated."""

from collections.abc import Mapping
from typing import Any

RENAMED: Mapping[str, str] = {
    "learner.trace": "learner.gae_lambda",
    "learner.passes": "learner.epochs",
    "learner.window": "learner.replay_batches",
    "learner.clip": "learner.clip_range",
    "train.segment_moves": "train.rollout_moves",
    "episodes.room": "episodes.max_distance",
    "episodes.patience": "episodes.max_pulses",
}
"""From the old name of a setting to the new one."""

RENAMED_VALUES: Mapping[tuple[str, str], str] = {("episodes.start", "body"): "robot"}
"""From a setting and its old value to the new value."""


def refusal(name: str) -> str | None:
    """Return the sentence that refuses an old setting and names the new one; None if it is no old name."""
    if name not in RENAMED:
        return None
    return f"The setting {name!r} is called {RENAMED[name]!r} now; rename it."


def with_new_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an old run or policy under today's names.

    Args:
        settings: nested as the sections are; not changed.
    """
    return {name: _section(name, value) for name, value in settings.items()}


def _section(section: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    renamed = {}
    for name, one in value.items():
        full = RENAMED.get(f"{section}.{name}", f"{section}.{name}")
        renamed[full.partition(".")[2]] = (
            RENAMED_VALUES.get((full, one), one) if isinstance(one, str) else one
        )
    return renamed
