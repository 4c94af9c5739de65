"""What is known of one robot, for another of the same kit: it begins with that instead of with nothing."""

from typing import Any

import numpy as np

from robot_agent.errors import SettingsError
from robot_agent.identification.estimate import VERSION
from robot_agent.identification.hypotheses import Knowledge

APART = 0.3
"""How far two robots of one kit differ, in deviations of the prior: 6 % between their motors."""


def fit_of(knowledge: Knowledge) -> dict[str, Any]:
    """Return what is known of a robot as JSON values, for `sibling_of`; SettingsError if nothing is."""
    if not knowledge.moves:
        raise SettingsError("Nothing is known of this robot yet; let it drive first.")
    return {"version": VERSION, "known": knowledge.state()}


def sibling_of(fit: dict[str, Any]) -> Knowledge:
    """Return what the fit of one robot says of another one that is built like it.

    The other is known less surely, and no moves of its own have said so; that its motors are plugged in
    another way is no surprise.

    Raises:
        SettingsError: the fit is damaged, or of another version.
    """
    if fit.get("version") != VERSION:
        raise SettingsError("This fit is of another version of robot-agent; bring both robots up to date.")
    knowledge = Knowledge()
    try:
        knowledge.restore(fit["known"])
        with np.errstate(all="ignore"):
            numbers = (knowledge.gain, knowledge.noise_weights, knowledge.estimate.mean)
            finite = all(np.isfinite(value).all() for value in numbers)
            proper = np.linalg.eigvalsh(knowledge.bank.cov).min() > -1e-9
        counted = len(fit["known"]["since"]) == len(knowledge.gain)
        if not (finite and proper and counted and knowledge.wiring in knowledge.wirings):
            raise ValueError("it holds numbers that cannot be")
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise SettingsError("This fit is damaged; take it from the robot anew.") from error
    knowledge.bank.wander(APART)
    knowledge.moves = knowledge.age = 0
    return knowledge
