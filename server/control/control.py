"""What can be done: everything the routes and the WebSocket ask for, in one place."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from robot_agent.build import wheel_settings
from robot_agent.errors import RobotAgentError, StoreError
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from robot_agent.settings.robot_toml import write_settings
from server.control.clients import Client, Clients
from server.control.guard_service import Wheels
from server.control.halt import Halts
from server.control.manual import Steering
from server.control.relay import Relay
from server.control.server_settings import Plans
from server.control.state import State
from server.control.worker_process import Link
from server.problems import Problem
from server.protocol import MOVING, Message, encode
from server.service.heartbeat import Heartbeat
from server.service.persisted import Memory

log = logging.getLogger("robot-server")

STATE_SECONDS = 0.1
"""Between two states that are sent."""

UNDO_SECONDS = 600.0
"""A run that was deleted can be brought back for so long."""

GIVE_UP = 5
"""After so many failures in a row the worker is started, but does nothing by itself."""


def open_wheels(config: Config, **on: Any) -> Wheels:
    """Return the guard that the settings name; one without pins, where the robot is not made of them."""
    wheels = wheel_settings(config)
    if config.robot != "pi" and "pin_factory" not in config.motors.model_fields_set:
        wheels["pin_factory"] = "mock"
    return Wheels(wheels, ramp_seconds=config.motors.ramp_seconds, socket=config.motors.guard, **on)


class Control:
    """One robot, one worker, one guard."""

    def __init__(self, plans: Plans, memory: Memory, *, settings_file: Path, train: bool = False) -> None:
        """Take the settings and what is remembered.

        Args:
            plans: the settings.
            memory: what the server remembers between its lives.
            settings_file: where what a real robot learned is written down.
            train: begin training as soon as there is a worker, and drive what was learned when it is done.
        """
        self.plans, self._memory, self._settings_file, self._train = plans, memory, settings_file, train
        config = plans.config
        self._own_robot = config.robot not in ("sim", "pi")
        self.state = State(
            robot=config.robot,
            goal=config.task.goal,
            detector=config.vision.detector,
            checkpoint=memory.get("checkpoint"),
        )
        self.clients = Clients()
        self.relay = Relay(self.state, self.clients, memory, on_ended=self._on_ended)
        self.link = Link(
            on_message=self._on_message,
            on_picture=self.relay.on_picture,
            on_change=self._on_worker,
            backend=config.learner.backend,
        )
        self.halts: Halts
        self.wheels = open_wheels(
            config,
            on_event=lambda event: self.halts.on_event(event),
            on_lost=self._on_guard_lost,
            on_ready=self._on_guard,
        )
        self._changed, self._turn = asyncio.Event(), asyncio.Lock()
        self.steering = Steering(self.state, self.link, self.wheels, self._turn, on_change=self.changed)
        self.halts = Halts(
            self.state,
            memory,
            self.clients,
            self.link,
            self.wheels,
            own_robot=self._own_robot,
            on_latched=self._on_latched,
        )
        self._intent: tuple[str, dict[str, Any]] | None = None
        """What is under way, to be begun again when the worker has ended."""
        self._tasks: set[asyncio.Task[Any]] = set()

    # Life

    async def open(self) -> None:
        """Start the guard and the worker."""
        await asyncio.to_thread(self._purge, time.time() - UNDO_SECONDS)
        await self.wheels.open()
        if self.halts.latched:
            await self.wheels.halt()
        elif (await self.wheels.status())["halted"]:
            self.halts.found()
        self._remember_run()
        beats = Heartbeat(self.wheels, self.link)
        for work in (self.link.run(), self._tell_state(), self._look_after(), beats.run()):
            self._spawn(work)

    def ending(self) -> None:
        """Take it as no failure when the guard ends from now on: a service's stop goes to all at once."""
        self.wheels.ending()
        self.clients.end_streams()

    async def close(self) -> None:
        """Stop the wheels, keep what was learned, end worker and guard."""
        with suppress(RobotAgentError):
            await self.wheels.release(let_go=True)
        await self.link.close()
        for task in self._tasks:
            task.cancel()
        await self.wheels.close()
        self._purge(time.time() + 1)

    def _purge(self, before: float) -> None:
        with suppress(RobotAgentError), Store(self.plans.config.store) as store:
            store.purge(before)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def changed(self) -> None:
        """Have the state be sent."""
        self._changed.set()

    async def _tell_state(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            message = self.state.message()
            for client in self.clients.all:
                self.greet(client, message)
            await asyncio.sleep(STATE_SECONDS)

    def greet(self, client: Client, message: Message | None = None) -> None:
        """Give a client the state, with what it may do."""
        can = {"control": client.control, "halt": True}
        client.put("state", encode((message or self.state.message()) | {"can": can}).decode())

    async def _look_after(self) -> None:
        """Hand the wheels over when nobody drives by hand any more; forget what was deleted; tick."""
        purged = time.monotonic()
        while True:
            await asyncio.sleep(0.25)
            await self.steering.let_go_when_silent()
            if time.monotonic() - purged > 60:
                purged = time.monotonic()
                await asyncio.to_thread(self._purge, time.time() - UNDO_SECONDS)
            if self.clients.all:
                self.changed()

    def watch(self) -> None:
        """Tell the worker whether anybody wants pictures."""
        self.link.say("watch", frames=self.clients.watching)

    # What worker and guard say

    def _on_message(self, message: Message) -> None:
        if self.relay.on_message(message):
            self.changed()

    def _on_worker(self) -> None:
        ready = self.link.ready.is_set()
        if self.link.failure and self.link.failure != self.state.failure:
            log.warning(self.link.failure)
        self.state.starting = not ready and not self.link.failure
        self.state.failure = self.link.failure
        if ready:
            self._configure()
            self.watch()
            self._spawn(self._go_on(paused=self.state.paused))
        else:
            self.state.activity = "idle"
        self.changed()

    def _configure(self) -> None:
        config = self.plans.config.model_dump(mode="json")
        self.link.say("configure", config=config, guard=self.wheels.socket)

    async def _go_on(self, *, paused: bool) -> None:
        """Do again what was under way when the worker or the server ended; what was paused stays so."""
        self.state.paused = False
        if self.halts.latched or self.link.failures >= GIVE_UP:
            return
        intent, self._intent = self._intent, None
        train, self._train = self._train, False
        with self._telling():
            if intent is not None:
                await self._begin(*intent, paused=paused)
            elif train:
                await self.start(robot="sim" if self.plans.config.robot == "sim" else "robot", drive=True)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell everyone what cannot be done, where nobody waits for an answer."""
        try:
            yield
        except RobotAgentError as error:
            self.clients.tell({"type": "told", "level": "error", "text": str(error)})

    def _remember_run(self) -> None:
        """After a server that was killed: go on with its run, unless wheels of a real robot would turn."""
        if (run := self._memory.get("run")) is None:
            return
        try:
            config = self._going_on(run)
        except RobotAgentError:
            return self._memory.set(run=None)
        if config.robot != "sim":
            self.state.reason = f"The server was ended during run {run}; resume it when all is well."
            return
        self._train = False
        self._intent = ("start", {"run": run, "config": config.model_dump(mode="json")})

    def _on_ended(self, message: Message) -> None:
        self._intent, run = None, message.get("run")
        if message["activity"] != "training":
            return
        self._memory.set(run=None)
        if message["how"] == "finished":
            self.clients.tell({"type": "told", "level": "info", "text": f"Run {run} is finished."})
            if self._memory.get("then_drive"):
                self._spawn(self._drive_when_done(run))

    async def _drive_when_done(self, run: int | None) -> None:
        with self._telling():
            await self.drive(None, run=run)

    def _on_guard(self) -> None:
        if self.state.failure.startswith("The guard"):
            self.state.failure = self.link.failure
        if self.halts.latched:
            self._spawn(self.wheels.halt())
        self.changed()

    def _on_guard_lost(self, why: str) -> None:
        log.error("the guard of the wheels is gone: %s", why)
        self.state.hand = False
        self.state.failure = f"The guard of the wheels has ended; another one is started. {why}"
        self.changed()

    def _on_latched(self) -> None:
        self._intent = None
        self._spawn(self.steering.let_go())
        self.changed()

    # Training and driving

    async def _begin(self, do: str, values: dict[str, Any], *, paused: bool = False) -> Message:
        async with self._turn:
            self.halts.must_not_be()
            await self.steering.let_go()
            answer: Message = await self.link.ask(do, **values, paused=paused)
            run = answer.get("run", values.get("run"))
            again = {"run": run, "config": values["config"]} if do == "start" else values
            self._intent = (do, again)
        log.info("%s: run %s", "training" if do == "start" else "driving", run)
        self.state.findings = []
        return {"run": run} | ({"checkpoint": values["checkpoint"]} if do == "drive" else {})

    async def start(
        self, *, robot: str, from_checkpoint: int | None = None, drive: bool = False, **asked: Any
    ) -> Message:
        """Begin a training; see `Plans.training` for what may be asked."""
        self.halts.must_not_be()
        policy = await asyncio.to_thread(self._settings_of, from_checkpoint) if from_checkpoint else None
        config = self.plans.training(robot=robot, policy=policy, **asked)
        self._memory.set(then_drive=drive)
        return await self._begin("start", {"config": config.model_dump(mode="json"), "from": from_checkpoint})

    def _settings_of(self, checkpoint: int) -> dict[str, Any]:
        with Store(self.plans.config.store) as store:
            return store.run(store.run_of(checkpoint)).settings

    async def pause(self) -> None:
        """Stand still between two moves, until resumed."""
        await self.link.ask("pause")

    async def resume(self) -> Message:
        """Go on with what is paused, or with the last run that is not finished."""
        self.halts.must_not_be()
        if self.state.paused:
            await self.steering.let_go()
            await self.link.ask("resume")
            return {"run": self.state.progress.get("run")}
        run = self._memory.get("last_run")
        if run is None or self.state.activity != "idle":
            raise Problem(409, "Nothing is paused; start a training.")
        config = await asyncio.to_thread(self._going_on, run)
        return await self._begin("start", {"run": run, "config": config.model_dump(mode="json")})

    def _going_on(self, run: int) -> Config:
        """Return the settings to go on with a run under; raises Problem when it is at its end."""
        with Store(self.plans.config.store) as store:
            info = store.run(run)
        if info.status == "finished" or info.deleted:
            raise Problem(409, f"Run {run} cannot be gone on with; start a training.")
        return self.plans.going_on(info.settings)

    async def stop(self, kind: str) -> None:
        """End what is under way, in good order."""
        if self.state.activity != kind:
            raise Problem(409, f"There is no {kind} under way.")
        self._intent = None
        await self.link.ask("stop")

    async def drive(self, checkpoint: int | None, *, run: int | None = None) -> Message:
        """Drive a checkpoint in endless episodes: the one named, the restored one, or the newest's best."""
        self.halts.must_not_be()
        number, of, settings = await asyncio.to_thread(self._to_drive, checkpoint, run)
        config = self.plans.driving(settings)
        values = {"checkpoint": number, "run": of, "config": config.model_dump(mode="json")}
        return await self._begin("drive", values)

    def _to_drive(self, checkpoint: int | None, run: int | None) -> tuple[int, int, dict[str, Any]]:
        with Store(self.plans.config.store) as store:
            if checkpoint is None and run is None and self.state.checkpoint is not None:
                with suppress(StoreError):  # of a run that was deleted meanwhile
                    checkpoint = self.state.checkpoint if store.run_of(self.state.checkpoint) else None
            if checkpoint is not None:
                of = store.run_of(checkpoint)
                return checkpoint, of, store.run(of).settings
            for info in [store.run(run)] if run else store.each_run():
                best = next((one for one in store.checkpoints(info.id) if "best" in one.marks), None)
                if best is not None:
                    return best.id, info.id, info.settings
        raise Problem(409, "There is nothing to drive yet; train first, or upload a policy.")

    async def restore(self, checkpoint: int) -> Message:
        """Take a checkpoint as the one that is driven; drives it at once if another one is being driven."""
        await asyncio.to_thread(self._settings_of, checkpoint)
        self.state.checkpoint = checkpoint
        self._memory.set(checkpoint=checkpoint)
        self.changed()
        if self.state.activity == "driving" and not self.halts.latched:
            await self.drive(checkpoint)
        return {"checkpoint": checkpoint}

    async def drive_by_hand(self, client: Client, left: float, right: float, sequence: int) -> str:
        """Carry out a command of who drives by hand; returns why it is not, or nothing."""
        if self.halts.latched:
            return "Everything is halted; see that all is well, then reset the halt."
        if self._own_robot:
            return "A robot of your own has no guard here, so it is not driven by hand; use its own remote."
        return await self.steering.drive(client, left, right, sequence)

    # Vision

    async def learn_color(self, x: float, y: float, sequence: int) -> Message:
        """Learn the target's colour from a pixel of a picture that was shown."""
        answer: Message = await self.link.ask("learn color", x=x, y=y, sequence=sequence)
        self._learn({"vision": {"detector": "color", "color": answer["learned"]}})
        return answer

    async def choose_detector(self, name: str) -> Message:
        """Take another detector from now on; it is tried first, and the old one stays if that fails.

        Raises Problem when something is under way, or with what the detector cannot be had for.
        """
        settings = {"vision": {"detector": name}}
        async with self._turn:  # nothing begins to move meanwhile
            if self.state.hand or self.state.activity != "idle":
                raise Problem(409, MOVING)
            config = self.plans.learned(settings).model_dump(mode="json")
            answer = await self.link.ask("choose detector", config=config)
            if answer["refused"]:
                raise Problem(422, answer["refused"])
            self._learn(settings)
        log.info("the detector is %s now", name)
        return {"detector": name}

    async def teach_goal(self) -> Message:
        """Take what is seen now as the sight to reach."""
        answer: Message = await self.link.ask("teach goal")
        self._learn({"task": {"goal": answer["goal"]}})
        self.state.goal = self.plans.config.task.goal
        return answer

    def _learn(self, settings: Message) -> None:
        self.plans.learn(settings)
        self.state.detector = self.plans.config.vision.detector
        if self.plans.config.robot != "sim":
            try:
                write_settings(self._settings_file, settings)
            except (OSError, RobotAgentError) as error:
                text = f"This holds until the server ends, as it could not be written down: {error}"
                self.clients.tell({"type": "told", "level": "warning", "text": text})
        self._configure()
        self.changed()
