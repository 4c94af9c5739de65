"""`Knowing`: what the worker knows of its robot, learned from every move and kept in the store."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from robot_agent.build.driving import make_knowing_pilot
from robot_agent.build.simulation import make_physics
from robot_agent.envs.rollout import Act
from robot_agent.envs.single import SingleFleet
from robot_agent.errors import RobotAgentError
from robot_agent.health.cures import own_robot
from robot_agent.health.first_moves import FirstMoves, hinders
from robot_agent.identification.driving import KnowingDriver
from robot_agent.identification.history import History
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.pilot import ends_of
from robot_agent.motors.motors import Pulse
from robot_agent.robot.robot import Robot
from robot_agent.runs.robots import Memory, adapted, recall, remember, settle_trial
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.protocol.from_worker import Known, KnownChange, KnownParameter, Notice
from server.worker.outbox import Outbox
from vision.sight import Sight

SHOWN = 80
"""Largest number of points of a curve, and of moves whose expected and seen sights are sent."""
KEEP_SECONDS = 5.0
"""Least time between two writes into the store while a job is under way."""

SHOW_SECONDS = 0.5
"""Least time between two `Known` messages."""


class Knowing:
    """The estimate of one robot's numbers, from its moves; kept in the store and sent to the page."""

    def __init__(self, outbox: Outbox) -> None:
        """Begin with nothing known; send `Known` messages through `outbox`."""
        self._outbox = outbox
        self._place: tuple[Path, str] | None = None
        self.memory, self._history = Memory(), History()
        self._kept = 0
        self._first_moves = FirstMoves()
        self._next = self._shown = 0.0
        self._action = "wheels"

    def open(self, config: Config) -> None:
        """Load from the store what is known of the robot that the settings name."""
        place = (config.store, config.robot)
        if place == self._place:
            return
        self._place, self.memory, self._history = place, Memory(), History()
        self._first_moves = FirstMoves(own_robot(config.robot))
        try:
            if config.store.exists():
                with Store(config.store, reading=True) as store:
                    self.memory = recall(store, config.robot) or Memory()
        except RobotAgentError as error:
            self._outbox.send(Notice("warning", str(error)))
        if self.memory.log:
            self._history, _ = History.of(self.memory.log)
        self._kept = self.memory.knowledge.moves
        self._outbox.send(self.message())

    def learn(self, pulse: Pulse | None, sight: Sight | None) -> None:
        """Learn from the sight after a move; see `robot_agent.robot.robot.Witness`."""
        knowledge, ends = self.memory.knowledge, ends_of(sight)
        self.memory.log.add(pulse, ends)
        if pulse is None:
            knowledge.begin(ends)
            self._first_moves.begin(ends)
            if time.monotonic() > self._next:
                self.keep()
            return
        expected = knowledge.predict(pulse)
        knowledge.observe(pulse, ends)
        self._history.record(knowledge, expected, ends)
        if self._first_moves.observe(pulse, ends):
            if self._first_moves.fault is not None:
                self._outbox.send(Notice("warning", self._fault()))
            self.show()
        elif time.monotonic() - self._shown > SHOW_SECONDS:
            self.show()

    def _fault(self) -> str:
        """Return what the robot does not do as it is told, and the cure; empty when it is sound."""
        fault = self._first_moves.fault
        return "" if fault is None else f"{fault.seen} {fault.means} {fault.cure}"

    def show(self) -> None:
        """Send what is known now."""
        self._shown = time.monotonic()
        self._outbox.send_newest(self.message())

    def keep(self, reached: bool | None = None) -> None:
        """Write what is known into the store.

        With `reached`, whether an episode reached the goal, also judge the adapted policy that drove it; one
        that does worse than predicted is replaced by the policy before.
        """
        knowledge = self.memory.knowledge
        if self._place is None or (knowledge.moves == self._kept and reached is None):
            return
        self._next = time.monotonic() + KEEP_SECONDS
        self.show()
        try:
            with closing(Store(self._place[0])) as store:
                remember(store, self._place[1], knowledge, self.memory.log)
                self._kept = knowledge.moves
                if reached is not None and settle_trial(store, self._place[1], self._action, [reached]):
                    self._outbox.send(
                        Notice(
                            "warning", "The adapted policy does worse than predicted; the one before is back."
                        )
                    )
        except (RobotAgentError, OSError, sqlite3.Error) as error:
            self._outbox.send(Notice("warning", f"What was learned of the robot is not kept: {error}"))

    def begin_with(self, knowledge: Knowledge) -> None:
        """Replace all that is known of the robot by `knowledge`, and write it into the store."""
        self.memory, self._history, self._kept = Memory(knowledge), History(), -1
        self.keep()

    def driver(self, config: Config, robot: Robot) -> tuple[SingleFleet, Act]:
        """Return an environment for `robot`, and a policy that uses what is known of this robot.

        It is the policy that was adapted to this robot, if there is one, else the policy that ships.
        """
        content = None
        self._action = config.task.action
        if config.store.exists():
            with Store(config.store, reading=True) as store:
                own = adapted(store, config.robot, self._action)
                content = own.policy if own else None
        pilot = make_knowing_pilot(config, content)
        pilot.knowledge = self.memory.knowledge
        driver = KnowingDriver(robot, pilot, make_physics(config.simulator))
        robot.witness = self.learn
        return driver.environment, driver.act

    def message(self) -> Known:
        """Return all that the page shows of what is known."""
        knowledge = self.memory.knowledge
        value = self._history.to_json(knowledge, most=SHOWN)
        changes = [KnownChange(change.move, change.words) for change in knowledge.changes]
        return Known(
            robot=self._place[1] if self._place else "",
            moves=knowledge.moves,
            # A fit to a robot that does not obey its commands means nothing.
            words=[] if hinders(self._first_moves.fault) else knowledge.estimate.words(only_known=True),
            doubt=round(knowledge.doubt, 4),
            at=value["at"],
            parameters=[
                KnownParameter(name, p["label"], p["mean"], p["deviation"], (p["prior"][0], p["prior"][1]))
                for name, p in value["parameters"].items()
            ],
            changes=changes[-20:],
            expected=value["expected"][-SHOWN:],
            seen=value["seen"][-SHOWN:],
            fault=self._fault(),
        )
