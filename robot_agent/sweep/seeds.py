"""Seeds as people write them: `0..99`, `5`, `0,3,7..9`."""

import re

from robot_agent.errors import SettingsError

MOST_SEEDS = 100_000
"""Largest number of seeds; a larger one is taken for a typing error."""

LARGEST_SEED = 2**32 - 1

_PART = re.compile(r"(\d+)(?:(?:\.\.|-)(\d+))?")


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds, each once, in the order in which they are written; a range includes both ends.

    Raises:
        SettingsError: the text is not written like this, a range runs backwards, or there are too many.
    """
    seeds: dict[int, None] = {}
    for part in re.split(r"[,;]", text):
        found = _PART.fullmatch("".join(part.split()))
        if found is None:
            raise SettingsError(
                f"{part.strip()!r} is no seed; write whole numbers and ranges, as in 0..99 or 0,3,7..9."
            )
        if max(len(one or "") for one in found.groups()) > 10 or int(found[2] or found[1]) > LARGEST_SEED:
            raise SettingsError(f"{part.strip()[:40]!r} is too large; a seed is at most {LARGEST_SEED}.")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise SettingsError(f"The range {first}..{last} is empty; write {last}..{first}.")
        if last - first + len(seeds) >= MOST_SEEDS:
            raise SettingsError(f"These are more than {MOST_SEEDS:,} seeds; give fewer.")
        seeds |= dict.fromkeys(range(first, last + 1))
    return tuple(seeds)
