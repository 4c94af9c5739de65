"""Passes what is known of one robot on to another of the same kit, which then does not begin with nothing."""

from typing import Any

from robot_agent.errors import SettingsError
from robot_agent.identification.estimate import VERSION
from robot_agent.identification.hypotheses import Knowledge

APART = 0.3
"""Standard deviation between robots of one kit, in deviations of the prior; for the motors this is 6 %."""


def fit_of(knowledge: Knowledge) -> dict[str, Any]:
    """Return what is known of a robot as JSON values, for `sibling_of`; raise SettingsError if nothing is."""
    if not knowledge.moves:
        raise SettingsError("Nothing is known of this robot yet; let it drive first.")
    return {"version": VERSION, "known": knowledge.state()}


def sibling_of(fit: dict[str, Any]) -> Knowledge:
    """Return the knowledge with which a robot of the same kit begins, from the `fit_of` another robot.

    It is less sure than that of the other robot, and counts 0 moves; so it is no surprise if the motors of
    this robot are plugged in in another way.

    Raises:
        SettingsError: the fit is damaged, or of another version.
    """
    if fit.get("version") != VERSION:
        raise SettingsError("This fit is of another version of robot-agent; bring both robots up to date.")
    knowledge = Knowledge()
    try:
        knowledge.restore(fit["known"])
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise SettingsError("This fit is damaged; take it from the robot anew.") from error
    knowledge.bank.wander(APART)
    knowledge.moves = knowledge.age = 0
    return knowledge
