"""Driving with what is known about a robot: the stored estimate is continued, and stored again afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from robot_agent.commands import report
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.settings.config import Config

if TYPE_CHECKING:
    from robot_agent.envs.task import ActionKind
    from robot_agent.health.finding import Finding
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.runs.robots import Memory

COPED_WITH = ("swapped", "backwards")
"""Kinds of faults with which a pilot that uses its robot's estimate can drive."""
LOOKS = (5, 7, 10, 14, 20, 30, 40)
"""Numbers of moves after which the robot is examined for a gross fault."""


def with_action(settings: Config, action: "ActionKind") -> Config:
    """Return settings with the action of a policy; raise SettingsError if the user set another action."""
    asked = settings.task.action
    if "action" not in settings.task.model_fields_set:
        return settings.model_copy(update={"task": settings.task.model_copy(update={"action": action})})
    if asked not in ("wheels", "curvature"):
        raise SettingsError(f"No policy ships for task.action = {asked}; take wheels or curvature.")
    return settings


def open_known(settings: Config, content: bytes | None = None) -> "KnowingPilot":
    """Build the pilot of this robot with what is known about the robot, and print where both come from.

    Args:
        settings: the settings, with the robot and the store.
        content: a policy as a file; the one adapted to this robot or the one that ships if not given.
    """
    from robot_agent.build.driving import make_knowing_pilot
    from robot_agent.identification.policies import known_of
    from robot_agent.runs.robots import adapted
    from robot_agent.runs.store import Store

    named = content is not None
    which = "The policy given takes in what is known of the robot, and"
    if content is None:
        which = "No policy is named and none is stored; the shipped policy drives, which"
        if settings.store.exists():
            with Store(settings.store, reading=True) as store:
                own = adapted(store, settings.robot, settings.task.action)
            if own is not None:
                content, which = own.policy, "The policy that was adapted to this robot drives, which"
    pilot = make_knowing_pilot(settings, content)
    memory = recalled(settings)
    if memory is None and content is not None and named:
        pilot.knowledge = known_of(content, "The policy")
    if memory is None:
        report(f"{which} learns what the robot is while it drives.")
    else:
        pilot.knowledge, pilot.log = memory.knowledge, memory.log
        report(f"{which} goes on from what {pilot.knowledge.moves} moves have said of this robot.")
    return pilot


def recalled(settings: Config) -> "Memory | None":
    """Return what the store knows about this robot; None if nothing."""
    from robot_agent.runs.robots import recall
    from robot_agent.runs.store import Store

    if not settings.store.exists():
        return None
    with Store(settings.store, reading=True) as store:
        return recall(store, settings.robot)


def known_policy(settings: Config) -> bytes:
    """Return the robot's policy as a file, with the knowledge of the robot; SettingsError without any."""
    from robot_agent.identification.policies import shipped_bytes, with_known
    from robot_agent.runs.robots import adapted
    from robot_agent.runs.store import Store

    settings = with_action(settings, "wheels")
    memory = recalled(settings)
    if memory is None:
        raise SettingsError(
            f"Nothing is known of the robot {settings.robot!r} in {settings.store}; let it drive first."
        )
    with Store(settings.store, reading=True) as store:
        own = adapted(store, settings.robot, settings.task.action)
    content = own.policy if own else shipped_bytes(settings.task.action)
    return with_known(content, memory.knowledge.state())


@contextmanager
def keeping(settings: Config, pilot: object) -> "Iterator[Session]":
    """Look for faults while a robot is driven, and store what was learned, however the drive ends."""
    from robot_agent.identification.pilot import KnowingPilot

    if not isinstance(pilot, KnowingPilot):
        yield Session()
        return
    session = Session(pilot, settings.robot)
    try:
        yield session
    finally:
        if session.moves:
            try:
                session.keep(settings)
            except (RobotAgentError, OSError, sqlite3.Error) as error:
                report(f"What was learned of the robot is not kept: {error}")


class Session:
    """One session of driving with a pilot that uses what is known about the robot."""

    def __init__(self, pilot: "KnowingPilot | None" = None, robot: str = "") -> None:
        """Watch a robot's pilot from now on; without a pilot, do nothing."""
        self.pilot, self.robot = pilot, robot
        self.findings: list[Finding] = []
        """What was found: gross faults, and why the goal was rarely reached."""
        self.moves = 0
        self.reached: list[bool] = []
        """Whether each episode reached the goal."""
        if pilot is not None:
            pilot.watch = self._look
            self._first = len(pilot.log.episodes)

    def _look(self) -> None:
        """Examine the robot for a gross fault after the moves in LOOKS, and report a fault at once."""
        from robot_agent.health.cures import own_robot
        from robot_agent.health.diagnosis import diagnose

        assert self.pilot is not None
        self.moves += 1
        if self.moves not in LOOKS:
            return
        found = diagnose(self.pilot.log.episodes[self._first :], own_robot(self.robot))
        if found is not None and found.kind not in [finding.kind for finding in self.findings]:
            self._say(found)

    def _say(self, found: "Finding") -> None:
        self.findings.append(found)
        report(f"{found.kind}: {found.seen} {found.means} Try: {found.cure}")

    @property
    def hindered(self) -> bool:
        """Whether a fault was found that a pilot cannot cope with."""
        return any(not one.kind.endswith(COPED_WITH) for one in self.findings)

    def explain(self, success_rate: float) -> None:
        """Report why the goal was rarely reached, if no fault explains it."""
        from robot_agent.health.possible import explain

        assert self.pilot is not None
        why = explain(success_rate, self.pilot.task, self.pilot.knowledge.estimate, self.pilot.log)
        if why is not None and not self.hindered:
            self._say(why)

    def keep(self, settings: Config) -> None:
        """Write the knowledge into the store, and decide about a policy that is on trial."""
        from robot_agent.runs.robots import remember, settle_trial
        from robot_agent.runs.store import Store

        assert self.pilot is not None
        with closing(Store(settings.store)) as store:
            remember(store, settings.robot, self.pilot.knowledge, self.pilot.log)
            if settle_trial(store, settings.robot, settings.task.action, self.reached):
                report("The adapted policy does worse than predicted; the one before it is back.")
