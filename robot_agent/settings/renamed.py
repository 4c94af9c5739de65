"""Settings that were renamed: the names in old files and old runs, and today's names."""

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
