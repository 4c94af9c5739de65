"""`Job` begins, pauses, resumes and stops a training or driving, and begins it again after a failure."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from robot_agent.errors import RobotAgentError, StoreError
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.control.manual import ManualDriving
from server.control.server_settings import ServerSettings
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.from_worker import Activity, Ended
from server.protocol.to_worker import Begun, Drive, Pause, Resume, Start, Stop
from server.service.persisted import Persisted

log = logging.getLogger("robot-server")

KNOWN: tuple[int, int, dict[str, Any]] = (0, 0, {"task": {"action": "wheels"}, "network": {}})
"""Checkpoint, run and settings for the policy that uses what is known of the robot; it has no checkpoint."""


class Job:
    """Begins, pauses, resumes and stops the one training or driving that may be under way."""

    def __init__(
        self,
        settings: ServerSettings,
        state: ServerState,
        persisted: Persisted,
        worker: WorkerProcess,
        manual: ManualDriving,
    ) -> None:
        """Begin with no job.

        Args:
            settings: make the settings of each training.
            state: shows what is under way.
            persisted: keeps the run under way between two starts of the server.
            worker: carries out the job.
            manual: gives the wheels back to the worker before a job begins.
        """
        self._settings, self._state, self._persisted = settings, state, persisted
        self._worker, self._manual = worker, manual
        self._under_way: tuple[Start | Drive, Config] | None = None
        """The command that begins the job again after the worker has failed, and the settings of the job."""
        self._beginning: Start | Drive | None = None
        """The command to begin a job that the worker is carrying out now."""
        self.train_first = False
        """Whether a training begins as soon as the worker is ready."""
        self._forgotten = 0

    def forget(self) -> None:
        """Do not begin the job again, whatever happens to the worker."""
        self._under_way, self.train_first = None, False
        self._forgotten += 1

    def _is_coming(self, kind: Activity) -> bool:
        """Return whether a job of this kind is beginning now, or will begin once the worker is ready."""
        coming = self._beginning or (self._under_way and self._under_way[0])
        if coming is None:
            return self.train_first and kind == "training"
        return isinstance(coming, Start) == (kind == "training")

    def must_not_be_halted(self) -> None:
        """Raise Problem while everything is halted."""
        if self._state.latched:
            raise Problem(409, "Everything is halted; see that all is well, then reset the halt.")

    def must_not_be_driven_by_hand(self) -> None:
        """Raise Problem while somebody drives by hand."""
        if self._manual.busy:
            raise Problem(409, "Somebody drives by hand; try again when they have let go.")

    def _must_not_be_lent(self) -> None:
        if self._state.activity == "lent":
            raise Problem(
                409, f"{self._state.borrower} drives this robot from another machine; take it back first."
            )

    async def _begin(self, command: Start | Drive, config: Config) -> Begun:
        async with self._manual.turn:
            self.must_not_be_halted()
            self._must_not_be_lent()
            if not command.paused:
                self.must_not_be_driven_by_hand()
                await self._manual.return_wheels()
            forgotten, self._beginning = self._forgotten, command
            try:
                begun = await self._worker.ask(command, Begun)
            finally:
                self._beginning = None
            if isinstance(command, Start):
                command = replace(command, run=begun.run, from_checkpoint=None)
            if forgotten == self._forgotten:  # it was not stopped meanwhile
                self._under_way = replace(command, paused=False), config
            self._state.job_config = config
        log.info("%s: run %s", "training" if isinstance(command, Start) else "driving", begun.run)
        self._state.findings = []
        return begun

    async def begin_again(self, *, paused: bool) -> None:
        """Begin the job again that was under way when the worker or the server ended.

        With `paused` it begins paused. If there was no job, begin the training that was asked for at the
        start of the server.
        """
        again, self._under_way = self._under_way, None
        first, self.train_first = self.train_first, False
        if again is not None:
            command, config = again
            await self._begin(replace(command, paused=paused or self._manual.busy), config)
        elif first:
            await self.start(robot="sim" if self._state.config.robot == "sim" else "robot", drive=True)

    async def start(
        self, *, robot: str, from_checkpoint: int | None = None, drive: bool = False, **asked: Any
    ) -> Begun:
        """Begin a training; see `ServerSettings.training` for the arguments."""
        self.must_not_be_halted()
        policy = await asyncio.to_thread(self._settings_of, from_checkpoint) if from_checkpoint else None
        config = self._settings.training(robot=robot, policy=policy, **asked)
        self._persisted.set(then_drive=drive)
        return await self._begin(Start(config=_as_json(config), from_checkpoint=from_checkpoint), config)

    def _settings_of(self, checkpoint: int) -> dict[str, Any]:
        with Store(self._state.config.store) as store:
            return store.run(store.run_of(checkpoint)).settings

    async def pause(self) -> None:
        """Pause the job between two moves; a job that is still to begin by itself begins paused."""
        if not self._worker.ready.is_set() and (self._is_coming("training") or self._is_coming("driving")):
            self._state.paused = True
            return self._state.touch()
        try:
            await self._worker.order(Pause())
        except Problem:
            self._state.begin_paused()
            raise

    async def resume(self) -> int | None:
        """Go on with the paused job, or with the last run if it is not finished; return the run's number."""
        self.must_not_be_halted()
        self.must_not_be_driven_by_hand()
        if self._state.paused:
            await self._manual.return_wheels()
            await self._worker.do(Resume())
            return self._state.progress.run
        run = self._persisted.get("last_run")
        if run is None or self._state.activity != "idle":
            raise Problem(409, "Nothing is paused; start a training.")
        config = await asyncio.to_thread(self._resumable, run)
        return (await self._begin(Start(config=_as_json(config), run=run), config)).run

    def _resumable(self, run: int) -> Config:
        """Return the settings to go on with a run; raise Problem if the run is finished or deleted."""
        with Store(self._state.config.store) as store:
            info = store.run(run)
        if info.status == "finished" or info.deleted:
            raise Problem(409, f"Run {run} cannot be resumed; start a training.")
        return self._settings.resumed(info.settings)

    async def stop(self, kind: Activity) -> None:
        """End the job of this kind in good order; a job that is still to begin does not begin."""
        if self._state.activity != kind and not self._is_coming(kind):
            raise Problem(409, f"There is no {kind} under way.")
        self.forget()
        self._persisted.set(run=None)
        if self._worker.ready.is_set():  # else nothing moves, and nothing begins any more
            await self._worker.order(Stop())

    async def drive(
        self, checkpoint: int | None, *, run: int | None = None, known: bool = False
    ) -> tuple[int, int]:
        """Drive the policy of a checkpoint in endless episodes.

        Args:
            checkpoint: number of the checkpoint. If not given, the restored checkpoint is driven, else the
                newest one that is marked as best; if there is none, a real robot drives as with `known`.
            run: the run whose best checkpoint is driven.
            known: drive the policy that uses what is known of the robot.

        Returns:
            The numbers of the run and of the checkpoint; 0 and 0 for `known`.
        """
        self.must_not_be_halted()
        if known:
            number, of, settings = KNOWN
        else:
            number, of, settings = await asyncio.to_thread(self._to_drive, checkpoint, run)
        config = self._settings.driving(settings)
        await self._begin(Drive(config=_as_json(config), checkpoint=number, run=of), config)
        return of, number

    def _to_drive(self, checkpoint: int | None, run: int | None) -> tuple[int, int, dict[str, Any]]:
        restored = self._state.checkpoint
        with Store(self._state.config.store) as store:
            if checkpoint is None and run is None and restored is not None:
                with suppress(StoreError):  # of a run that was deleted meanwhile
                    checkpoint = restored if store.run_of(restored) else None
            if checkpoint is not None:
                of = store.run_of(checkpoint)
                return checkpoint, of, store.run(of).settings
            for info in [store.run(run)] if run else store.each_run():
                best = next((one for one in store.checkpoints(info.id) if "best" in one.marks), None)
                if best is not None:
                    return best.id, info.id, info.settings
        if run is None and self._state.config.robot != "sim":
            return KNOWN
        raise Problem(409, "There is nothing to drive yet; train first, or upload a policy.")

    async def restore(self, checkpoint: int) -> None:
        """Make this checkpoint the default to drive; if the robot is driving, drive this one at once."""
        await asyncio.to_thread(self._settings_of, checkpoint)
        self._state.checkpoint = checkpoint
        self._persisted.set(checkpoint=checkpoint)
        self._state.touch()
        if self._state.activity == "driving" and not self._state.latched:
            await self.drive(checkpoint)

    def remember(self) -> bool:
        """Plan to go on with the run of a server that was killed, unless a real robot would move.

        Returns:
            Whether the run will go on.
        """
        if (run := self._persisted.get("run")) is None:
            return False
        try:
            config = self._resumable(run)
        except RobotAgentError:
            self._persisted.set(run=None)
            return False
        if config.robot != "sim":
            self._state.reason = f"The server ended during run {run}; resume it when all is well."
            return False
        self._under_way = Start(config=_as_json(config), run=run), config
        return True

    def ended(self, message: Ended) -> bool:
        """Note that the job has ended; return whether the policy just learned is to be driven now."""
        self._under_way = None
        self._state.job_config = None
        if message.activity != "training":
            return False
        self._persisted.set(run=None)
        return message.how == "finished" and bool(self._persisted.get("then_drive"))


def _as_json(config: Config) -> dict[str, Any]:
    return config.model_dump(mode="json")
