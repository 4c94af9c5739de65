"""Which settings may be shown to others: none of the machine's own, and no password in an address."""

from collections.abc import Mapping
from typing import Any

from vision.cameras.address import public

MACHINE = ("store", "camera", "motors")
"""Sections that describe a machine, its paths and its passwords, and not what was learned."""


def of_the_learning(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without those of the machine; for whatever leaves it, or is shown to guests."""
    return {name: value for name, value in settings.items() if name not in MACHINE}


def without_secrets(value: Any) -> Any:
    """Return JSON values with every address in them cut by `public`; for what a command prints."""
    if isinstance(value, Mapping):
        return {name: without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in value]
    return public(value) if isinstance(value, str) else value
