"""Settings that may be shown to others: without those of the machine, and without passwords in addresses."""

from collections.abc import Mapping
from typing import Any

from vision.cameras.address import public

MACHINE = ("store", "camera", "motors")
"""Sections that describe a machine, its paths and its passwords, and not what was learned."""


def of_the_learning(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without those of the machine, for files that leave it and pages that guests see."""
    return {name: value for name, value in settings.items() if name not in MACHINE}


def without_secrets(value: Any) -> Any:
    """Return JSON values in which `public` has cut every address, for the output of a command."""
    if isinstance(value, Mapping):
        return {name: without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in value]
    return public(value) if isinstance(value, str) else value
