"""The values that a sweep may try for a setting: a range of numbers or a list of choices, with checks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robot_agent.errors import SettingsError
from vision.names import unknown

LARGEST = 1e300
"""Largest size of a number in a range: results computed from larger ones would be infinite."""

MOST_CHOICES = 1000

KEYS = ("low", "high", "log", "choices")
"""The keys with which a range is written."""

HOW = "write {low = ..., high = ...}, with log = true where factors count, or {choices = [...]}"


@dataclass(frozen=True, slots=True)
class Range:
    """The values that may be tried for one setting."""

    name: str
    """Name of the setting, as in learner.gamma."""
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    """Whole numbers only."""
    choices: tuple[Any, ...] = ()
    """The choices; empty if there is a range of numbers instead."""

    def probes(self) -> tuple[Any, ...]:
        """Return the values with which the range is checked: both ends, or all choices."""
        return self.choices or (self.low, self.high)

    def holds(self, value: Any) -> bool:
        """Return whether a value is in the range or one of the choices."""
        if self.choices:
            return any(_same(value, choice) for choice in self.choices)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.low <= value <= self.high and (not self.whole or value == int(value))

    def to_json(self) -> dict[str, Any]:
        """Return the range as it is written in a space file."""
        if self.choices:
            return {"choices": list(self.choices)}
        return {"low": self.low, "high": self.high} | ({"log": True} if self.log else {})


def parse_range(name: str, given: Any, *, whole: bool) -> Range:
    """Parse the range of a setting.

    Args:
        name: the setting.
        given: the value in the space file.
        whole: whether the setting takes whole numbers only.

    Raises:
        SettingsError: `given` is no range, or the range contains no value.
    """
    if not isinstance(given, Mapping):
        section, _, last = name.rpartition(".")
        place = f"in [{section}]" if section else "at the top"
        raise SettingsError(f"{name} has no range; {HOW}; a fixed value stands as {last} = ... {place}.")
    for key in given:
        if key not in KEYS:
            raise SettingsError(f"{name}: {unknown('word of a range', key, KEYS)}")
    if "choices" in given:
        return _choices(name, given)
    for key in ("low", "high"):
        value = given.get(key)
        if value is None:
            raise SettingsError(f"The range of {name} has no {key}; {HOW}.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
            raise SettingsError(
                f"The range of {name} has {key} = {_shown(value)[:40]}, which is no number; {HOW}."
            )
    low, high, log = given["low"], given["high"], given.get("log", False)
    if not isinstance(log, bool):
        raise SettingsError(f"The range of {name} has log = {_shown(log)}; write true or false.")
    if low > high:
        raise SettingsError(f"The range of {name} is empty: low {low} is above high {high}; swap them.")
    if low == high:
        raise SettingsError(f"The range of {name} has only one value, {low}; give it as a fixed setting.")
    if log and low <= 0:
        raise SettingsError(
            f"The range of {name} cannot have log = true from {low} on: a logarithm needs low above 0."
        )
    if whole and (low != int(low) or high != int(high)):
        raise SettingsError(f"{name} is a whole number; write its range from {low} to {high} with such.")
    if whole:
        return Range(name, int(low), int(high), log, True)
    return Range(name, float(low), float(high), log)


def _choices(name: str, given: Mapping[str, Any]) -> Range:
    if len(given) > 1:
        raise SettingsError(f"The range of {name} has choices and more; {HOW}.")
    choices = given["choices"]
    if not isinstance(choices, list) or not choices:
        raise SettingsError(f"The choices of {name} are empty; list what it may be, as in choices = [1, 2].")
    if len(choices) > MOST_CHOICES:
        raise SettingsError(
            f"{name} has {len(choices):,} choices; list at most {MOST_CHOICES:,}, or a range."
        )
    if len(choices) == 1:
        raise SettingsError(f"{name} has only one choice, {_shown(choices[0])}; give it as a fixed setting.")
    for number, choice in enumerate(choices):
        if any(_same(choice, other) for other in choices[:number]):
            raise SettingsError(f"The choices of {name} have {_shown(choice)} twice; leave one of them out.")
    return Range(name, choices=tuple(choices))


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON values: a tuple is a list, and true is not 1."""
    return json.dumps(one, default=str) == json.dumps(other, default=str)


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)
