"""`Worker` carries out the server's commands, and runs one job at a time: a training, driving or lending.

Commands are carried out between two events of the job, and before each look and each pulse of its robot,
whatever the job is doing: on the way to a start, in a search, or waiting for the camera.
"""

import traceback
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.identification.sibling import fit_of, sibling_of
from robot_agent.learning.policy import Policy
from robot_agent.learning.tensors import below
from robot_agent.robot.calibration import sights as take_sights
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config, load
from server.protocol import to_worker
from server.protocol.from_worker import Activity, Answer, Ended, Notice, Progress, ReportLine, Status
from server.protocol.to_worker import WorkerCommand
from server.worker.by_hand import Takeover
from server.worker.checks import findings
from server.worker.demonstration import Demonstration
from server.worker.driving_job import drive
from server.worker.events import EpisodeLooks
from server.worker.frames import Frames, learn_color
from server.worker.inbox import Inbox, Order
from server.worker.knowing import Knowing
from server.worker.lending_job import Orders, lend
from server.worker.outbox import Outbox
from server.worker.robots import WorkerRobot
from server.worker.standing import Standing
from server.worker.training_job import Job, train
from vision.cameras.camera import CameraError


class Interrupted(BaseException):
    """Raised inside of a job to end it."""

    number: int | None = None
    """Id of the command that is answered once the job has ended."""

    def __init__(self, how: str) -> None:
        """Take how the job ends: "stopped" or "halted"."""
        self.how = how


class Worker:
    """Carries out the server's commands; runs at most one job at a time."""

    def __init__(self, connection: Connection) -> None:
        """Receive commands and send messages over `connection`."""
        self.outbox = Outbox(connection)
        self.inbox = Inbox(connection, self.outbox)
        self.frames, self.looks = Frames(self.outbox), EpisodeLooks()
        self.robot = WorkerRobot(self.frames, self.looks, lambda: self.inbox.urgent)
        self.robot.await_server = self.inbox.await_server
        self.knowing = Knowing(self.outbox)
        self.robot.witness = self.knowing.learn
        self.standing = Standing(self.robot, self.frames, self.outbox)
        self.config = Config()
        self._job: Job | None = None
        self._stepping = False
        """Whether the job's own code is running: a command is then carried out from inside of the job."""
        self._kind: Activity = "idle"
        self._paused = False
        self._reason = ""
        self._progress = Progress()
        self._deferred: Order | None = None
        """A command that has to end the job first; it is carried out when the job has ended."""
        self._episodes_driven = 0
        self._lent = Orders()
        """Orders of the program that has borrowed the robot."""
        self._takeover: Takeover | None = None
        """Record of what a person drives with the job's robot, until the job goes on."""

    def _status(self, *, now: bool = True) -> None:
        status = Status(self._kind, self._paused, self._reason, self._progress)
        (self.outbox.send if now else self.outbox.send_newest)(status)

    # Commands

    def _obey(self, seconds: float) -> None:
        """Carry out all commands that wait; wait up to `seconds` for the first one."""
        order, self._deferred = self._deferred, None
        order = order or self.inbox.take(seconds)
        while order is not None:
            self._carry_out(order)
            order = self.inbox.take(0)

    def _carry_out(self, order: Order) -> None:
        command, number = order
        begins = isinstance(command, to_worker.Start | to_worker.Drive)
        if self._stepping and begins and self._kind != "training":
            self._deferred = order
            raise Interrupted("stopped")
        if isinstance(command, to_worker.LentOrder):
            return self._take_lent(order)
        try:
            self._answer(number, value=_HANDLERS[type(command)](self, command))
        except (RobotAgentError, CameraError, OSError, ValueError) as error:
            self._answer(number, error=str(error), kind=type(error).__name__)
        except Exception as error:  # whatever it is, it is no reason to end what is under way
            traceback.print_exc()
            text = f"This failed unexpectedly ({type(error).__name__}: {error}); the log has more."
            self._answer(number, error=text, kind=type(error).__name__)
        except Interrupted as interrupted:
            interrupted.number = number
            raise

    def _take_lent(self, order: Order) -> None:
        """Put an order of the borrower into the queue of the lending job, which answers it."""
        if self._kind == "lent":
            self._lent.waiting.append(order)
        else:
            self._answer(order.number, error="The robot is not lent any more.", kind="TakenBack")

    def _answer(self, number: int | None, **answer: Any) -> None:
        if number is not None:
            self.outbox.send(Answer(number, **answer))

    # The loop

    def run(self) -> None:
        """Carry out commands and run jobs until the server closes the worker or ends."""
        while not self.inbox.closed:
            if self._job is not None and not self._paused:
                self._obey(0)
                if self._job is not None and not self._paused:
                    self._step(self._job)
            else:
                self._wait()
        self._end("stopped")
        self.robot.close()

    def _wait(self) -> None:
        """Wait a moment for commands, carry them out, and show what the camera sees."""
        self._obey(self.standing.wait_seconds)
        # Without the path of its guard, the worker must not open the robot, even if a page wants pictures.
        if self.robot.guard and (self._job is None or self._paused):
            self.standing.show()
        if self._takeover is not None:
            self._takeover.lapse()

    def _wait_lent(self) -> None:
        """Wait a moment for commands and orders, and show what the robot sees while no order comes."""
        self._obey(self.standing.wait_seconds)
        self.standing.show()

    def _step(self, job: Job) -> None:
        self._stepping = True
        try:
            self._progress = next(job)
        except StopIteration as end:
            self._finish(end.value)
        except Interrupted as interrupted:
            self._finish(interrupted.how)
            self._answer(interrupted.number)
        except (RobotAgentError, OSError, ValueError) as error:
            self.outbox.send(Notice("error", str(error)))
            self._finish("failed")
        else:
            self._status(now=False)
        finally:
            self._stepping = False

    def _between(self) -> None:
        """Carry out commands before a look or a pulse of the job; wait here while the job is paused.

        Raises:
            TakenOver: a person has driven meanwhile.
        """
        self._stand()
        takeover, self._takeover = self._takeover, None
        if takeover is not None:
            raise takeover.end()

    def _between_lent(self) -> None:
        """Do what `_between` does, for a robot that is lent; raise TooOld if the order is too old by then."""
        self._between()
        self._lent.must_be_fresh()

    def _stand(self) -> None:
        """Carry out commands; while the job is paused, wait here."""
        self._obey(0)
        while self._paused and not self.inbox.closed:
            self._wait()
        if self.inbox.closed:
            raise Interrupted("stopped")

    def _ask(self, words: str) -> None:
        """Pause the job and ask a person to do something; wait until they press Resume."""
        self.robot.let_go()
        self._paused, self._reason = True, f"{words} Then resume."
        self._status()
        self._stand()
        self._takeover = None  # whoever helped may have driven it there

    def _finish(self, how: str) -> None:
        kind, self._kind, self._job = self._kind, "idle", None
        self._paused, self._reason = False, ""
        self._takeover = None
        if kind == "training" and how == "halted" and self._progress.run:
            with Store(self.config.store) as store:
                store.set_status(self._progress.run, "halted")
        if kind == "driving":
            self._episodes_driven = self._progress.episodes or 0
        self.knowing.keep()
        self.robot.rest()
        self.outbox.send_waiting()
        self.outbox.send(Ended(kind, how, self._progress.run))
        self._status()

    def _end(self, how: str) -> None:
        """End the job, if there is one, in good order; `how` is "stopped" or "halted"."""
        if self._job is None:
            return
        if self._stepping:
            raise Interrupted(how)
        try:
            self._job.close()
        except (RobotAgentError, OSError) as error:
            self.outbox.send(Notice("error", str(error)))
        self._finish(how)

    # What each command does

    def _configure(self, command: to_worker.Configure) -> None:
        self.config = self.robot.config = load(None, command.config)
        self.robot.guard = command.guard
        self.knowing.open(self.config)

    def _start(self, command: to_worker.Start) -> to_worker.Begun:
        self._must_not_train()
        self._end("stopped")
        config = load(None, command.config)
        alone = config.one_robot

        def show(policy: Policy) -> None:
            if demonstration is not None:
                demonstration.show(policy)

        demonstration = None
        if not alone and (simulated := self.robot.simulated) is not None:
            demonstration = Demonstration(simulated, self.robot.detector(config), config, self.frames)
        job = train(
            config,
            self.outbox,
            run=command.run,
            start=self._policy(command.from_checkpoint) if command.from_checkpoint else None,
            robot=(lambda seed: self.robot.robot(config, self._between, self._ask, seed)) if alone else None,
            looks=self.looks if alone else None,
            show=show,
        )
        return self._begin(job, "training", paused=command.paused)

    def _drive(self, command: to_worker.Drive) -> to_worker.Begun:
        self._must_not_train()
        self._end("stopped")
        config = load(None, command.config)
        progress = Progress(run=command.run, checkpoint=command.checkpoint, detector=config.vision.detector)
        job = drive(
            config,
            self.outbox,
            self._policy(command.checkpoint) if command.checkpoint else self.knowing,
            self.robot.robot(config, self._between, self._ask),
            self.looks,
            progress,
            first=self._episodes_driven + 1,
        )
        return self._begin(job, "driving", paused=command.paused)

    def _lend(self, command: to_worker.Lend) -> to_worker.LentRobot:
        if self._job is not None:
            raise SettingsError("The robot is busy; stop what is under way there first.")
        self._lent = Orders()
        robot = self.robot.robot(self.config, self._between_lent, self._ask)
        progress = Progress(run=0, detector=self.config.vision.detector)
        job = lend(robot, self._lent, self._answer, self._between_lent, self._wait_lent, self.looks, progress)
        self._begin(job, "lent", paused=False)
        return to_worker.LentRobot(robot.hardware.can_reset)

    def _drop_lent(self, command: to_worker.DropLent) -> None:
        self._lent.drop()

    def _must_not_train(self) -> None:
        if self._kind == "training":
            raise SettingsError("A training is under way; stop it first.")

    def _begin(self, job: Job, kind: Activity, *, paused: bool) -> to_worker.Begun:
        self._progress = next(job)
        self._job, self._kind, self._paused = job, kind, paused
        self._reason = "paused" if paused else ""
        self._status()
        assert self._progress.run is not None
        return to_worker.Begun(self._progress.run)

    def _policy(self, checkpoint: int) -> dict[str, Any]:
        with Store(self.config.store) as store:
            _, tensors = store.checkpoint(store.run_of(checkpoint), checkpoint)
        return below(tensors, "policy.")

    def _pause(self, command: to_worker.Pause) -> None:
        if self._job is None:
            raise SettingsError("Nothing is under way that could be paused.")
        self._paused, self._reason = True, "paused"
        self.robot.let_go()
        self._status()

    def _resume(self, command: to_worker.Resume) -> None:
        if self._job is None:
            raise SettingsError("Nothing is paused; start a training.")
        self._paused, self._reason = False, ""
        self.standing.return_wheels()
        self._status()

    def _stop(self, command: to_worker.Stop) -> None:
        self._end("stopped")

    def _halt(self, command: to_worker.Halt) -> None:
        self.standing.return_wheels()
        self._end("halted")

    def _take_wheels(self, command: to_worker.TakeWheels) -> None:
        if self._job is not None and not self._paused:
            self._paused, self._reason = True, "paused while somebody drove by hand; Resume goes on from here"
        self.robot.let_go()
        self.standing.take_wheels()
        if self._job is not None and self._takeover is None:
            self._takeover = self.robot.takeover()
        self._status()

    def _return_wheels(self, command: to_worker.ReturnWheels) -> None:
        self.standing.return_wheels()
        self._status()

    def _manual(self, command: to_worker.Manual) -> None:
        self.standing.move_along(command.left, command.right)
        if self._takeover is not None:
            self._takeover.command(command.left, command.right)

    def _watch(self, command: to_worker.Watch) -> None:
        self.frames.watched = command.frames

    def _learn_color(self, command: to_worker.LearnColor) -> to_worker.LearnedColor:
        return learn_color(self.frames, command)

    def _choose_detector(self, command: to_worker.ChooseDetector) -> to_worker.TriedDetector:
        """Open another detector and try it on one picture; if that fails, the old one stays."""
        if self._job is not None or self.standing.by_hand:
            raise SettingsError(to_worker.IN_MOTION)
        config, refused = load(None, command.config), ""
        try:
            self.robot.choose_detector(config, self.frames.newest())
        except (RobotAgentError, ValueError, RuntimeError) as error:
            refused = str(error)
        else:
            self.config = config
            self.standing.show_soon()
        return to_worker.TriedDetector(refused)

    def _teach_goal(self, command: to_worker.TeachGoal) -> to_worker.TaughtGoal:
        spread = take_sights(self.robot.looker(), 5)
        return to_worker.TaughtGoal((spread.sight.x1, spread.sight.x2), spread.slices)

    def _check(self, command: to_worker.Check) -> list[ReportLine]:
        return [ReportLine(**asdict(finding)) for finding in findings(self.config, self.robot.looker)]

    def _give_fit(self, command: to_worker.GiveFit) -> to_worker.Fit:
        return to_worker.Fit(**fit_of(self.knowing.memory.knowledge))

    def _take_fit(self, command: to_worker.TakeFit) -> None:
        if self._job is not None or self.standing.by_hand:
            raise SettingsError("A fit is taken only while nothing moves; stop what is under way.")
        self.knowing.begin_with(sibling_of({"version": command.version, "known": command.known}))

    def _are_you_there(self, command: to_worker.AreYouThere) -> None:
        pass

    def _close(self, command: to_worker.Close) -> None:
        self.inbox.closed = True


_HANDLERS: dict[type[WorkerCommand], Callable[[Worker, Any], Any]] = {
    to_worker.Configure: Worker._configure,
    to_worker.Start: Worker._start,
    to_worker.Drive: Worker._drive,
    to_worker.Lend: Worker._lend,
    to_worker.DropLent: Worker._drop_lent,
    to_worker.Pause: Worker._pause,
    to_worker.Resume: Worker._resume,
    to_worker.Stop: Worker._stop,
    to_worker.Halt: Worker._halt,
    to_worker.TakeWheels: Worker._take_wheels,
    to_worker.ReturnWheels: Worker._return_wheels,
    to_worker.Manual: Worker._manual,
    to_worker.Watch: Worker._watch,
    to_worker.LearnColor: Worker._learn_color,
    to_worker.ChooseDetector: Worker._choose_detector,
    to_worker.TeachGoal: Worker._teach_goal,
    to_worker.Check: Worker._check,
    to_worker.GiveFit: Worker._give_fit,
    to_worker.TakeFit: Worker._take_fit,
    to_worker.AreYouThere: Worker._are_you_there,
    to_worker.Close: Worker._close,
}
