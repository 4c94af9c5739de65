"""Driving with what is known about a robot: the stored estimate is continued, and stored again afterwards."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from robot_agent.commands import report
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.settings.config import Config

if TYPE_CHECKING:
    from robot_agent.envs.task import ActionKind
    from robot_agent.health.finding import Finding
    from robot_agent.identification.log import Episode
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.runs.robots import Memory

KEEP_SECONDS = 20.0
"""Least time between two writes into the store during a drive: so much is lost if the power fails."""


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
    from robot_agent.identification.policies import known_of, parse_policy
    from robot_agent.runs.robots import adapted, damaged_policy
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
                try:
                    parse_policy(content, "It")
                except SettingsError as error:
                    raise SettingsError(damaged_policy(settings.robot)) from error
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
        yield Session(settings)
        return
    session = Session(settings, pilot)
    try:
        yield session
    finally:
        if session.moves:
            session.keep(over=True)


class Session:
    """One session of driving with a pilot that uses what is known about the robot."""

    def __init__(self, settings: Config, pilot: "KnowingPilot | None" = None) -> None:
        """Watch a robot's pilot from now on; without a pilot, do nothing."""
        from robot_agent.health.cures import own_robot
        from robot_agent.health.first_moves import FirstMoves

        self.settings, self.pilot = settings, pilot
        self.findings: list[Finding] = []
        """What was found and still holds: a gross fault, and why the goal was rarely reached."""
        self.moves = 0
        self.reached: list[bool] = []
        """Whether each episode reached the goal."""
        self._first_moves = FirstMoves(own_robot(settings.robot))
        self._next = time.monotonic() + KEEP_SECONDS
        self._episode: Episode | None = None
        if pilot is not None:
            pilot.watch = self._look
            self._changes, self._told_late = len(pilot.knowledge.changes), pilot.knowledge.settling.late

    def _look(self) -> None:
        """Examine the robot after a move: report what is noticed, a gross fault, a change, late pictures."""
        from robot_agent.identification import settling

        assert self.pilot is not None
        self.moves += 1
        episode, first = self.pilot.log.episodes[-1], self._first_moves
        if episode is not self._episode:
            self._episode = episode
            first.begin(episode.first)
        before = first.fault
        if first.observe(*episode.moves[-1]):
            self.findings = [one for one in self.findings if one is not before]
            if first.fault is not None:
                self._say(first.fault)
            elif before is not None:
                report(f"{before.kind}: this is over; the robot does what it is told.")
        for change in self.pilot.knowledge.changes[self._changes :]:
            self._changes += 1
            if change.is_news and not self.hindered:
                report(f"After move {change.move} it was noticed that {change.words}.")
        if self.pilot.knowledge.settling.late and not self._told_late:
            self._told_late = True
            report(settling.WORDS)
        if time.monotonic() > self._next:
            self.keep()

    def _say(self, found: "Finding") -> None:
        self.findings.append(found)
        report(f"{found.kind}: {found.seen} {found.means} Try: {found.cure}")

    @property
    def hindered(self) -> bool:
        """Whether the robot has a fault that a pilot cannot cope with."""
        from robot_agent.health.first_moves import hinders

        return hinders(self._first_moves.fault)

    def explain(self, success_rate: float) -> None:
        """Report why the goal was rarely reached, if no fault explains it."""
        from robot_agent.health.possible import explain

        assert self.pilot is not None
        why = explain(success_rate, self.pilot.task, self.pilot.knowledge.estimate, self.pilot.log)
        if why is not None and not self.hindered:
            self._say(why)

    def keep(self, *, over: bool = False) -> None:
        """Write the knowledge into the store; report if that fails.

        If the drive is `over`, also decide about a policy that is on trial.
        """
        from robot_agent.runs.robots import remember, settle_trial
        from robot_agent.runs.store import Store

        assert self.pilot is not None
        settings, self._next = self.settings, time.monotonic() + KEEP_SECONDS
        try:
            with closing(Store(settings.store)) as store:
                remember(store, settings.robot, self.pilot.knowledge, self.pilot.log)
                if over and settle_trial(store, settings.robot, settings.task.action, self.reached):
                    report("The adapted policy does worse than predicted; the one before it is back.")
        except (RobotAgentError, OSError, sqlite3.Error) as error:
            report(f"What was learned of the robot is not kept: {error}")
