"""Sentences for an unknown name: the name that was probably meant, and all known names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Return the sentences for a name that is not known: the nearest known one, and all of them."""
    names = list(known)
    return f"There is no {what} {str(name)!r}.{did_you_mean(name, names)} Known: {', '.join(names)}."


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return, after a space, the question whether the nearest known name was meant; empty if none is near."""
    folded = {one.casefold(): one for one in known}
    wanted = str(name).casefold()
    # A beginning, such as `hue` for `hue_degrees`, is too short to count as similar, but is meant.
    near = [one for one in folded if wanted and one.startswith(wanted)]
    near = near or difflib.get_close_matches(wanted, folded, n=1, cutoff=0.5)
    return f" Did you mean {folded[near[0]]!r}?" if near else ""
