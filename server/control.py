"""What can be done: everything the routes and the WebSocket ask for, in one place."""

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from robot_agent.errors import GuardError, Halted, RobotAgentError
from robot_agent.guard_client import Event
from robot_agent.keywords import wheel_settings
from robot_agent.robot_toml import write_settings
from robot_agent.store import Store
from server.clients import Client, Clients
from server.hand import Hand
from server.link import Link
from server.memory import Memory
from server.messages import Message, encode
from server.pictures import Pictures
from server.plan import Plans
from server.problems import Problem
from server.state import State
from server.wheels import Wheels

log = logging.getLogger("robot-server")

STATE_SECONDS = 0.1
"""Between two states that are sent."""

UNDO_SECONDS = 600.0
"""A run that was deleted can be brought back for so long."""

OWN_ROBOT_SECONDS = 2.0
"""A robot of somebody's own, which has no guard here, has to stop within this; else its worker is killed."""

GIVE_UP = 5
"""After so many failures in a row the worker is started, but does nothing by itself."""


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
        self.plans, self.memory, self._settings_file = plans, memory, settings_file
        self._train = train
        config = plans.config
        self.state = State(robot=config.robot, goal=config.task.goal, checkpoint=memory.get("checkpoint"))
        self.state.halt = memory.get("halt") or self.state.halt
        self.clients, self.hand, self.pictures = Clients(), Hand(), Pictures()
        self.link = Link(on_message=self._on_message, on_picture=self._on_picture, on_change=self._on_worker)
        self.halts = 0
        self._halting = self._before = ""
        self._intent: tuple[str, dict[str, Any]] | None = None
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Lock()
        self._driven: dict[int, Message] = {}
        self._moves: list[Message] = []
        self.wheels: Wheels

    # Life

    async def open(self) -> None:
        """Start the guard and the worker."""
        config = self.plans.config
        wheels = wheel_settings(config)
        if config.robot != "pi" and "pin_factory" not in config.motors.model_fields_set:
            wheels["pin_factory"] = "mock"  # a robot that is not made of wheels and pins
        self.wheels = Wheels(
            wheels,
            ramp_seconds=config.motors.ramp_seconds,
            socket=config.motors.guard,
            on_event=self._on_event,
            on_lost=self._on_guard_lost,
            on_ready=self._on_guard,
        )
        with Store(config.store) as store:
            store.purge(time.time() - UNDO_SECONDS)
        await self.wheels.open()
        if self.state.halt["halted"]:
            await self.wheels.halt()
        self._remember_run()
        self._spawn(self.link.run())
        self._spawn(self._tell_state())
        self._spawn(self._look_after())

    async def close(self) -> None:
        """Stop the wheels, keep what was learned, end worker and guard."""
        with suppress(RobotAgentError):
            await self.wheels.release(let_go=True)
        await self.link.close()
        for task in self._tasks:
            task.cancel()
        await self.wheels.close()
        with suppress(RobotAgentError), Store(self.plans.config.store) as store:
            store.purge(time.time() + 1)

    def _spawn(self, work: Any) -> None:
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
            if self.state.hand and self.hand.expired():
                await self.release(None)
            if time.monotonic() - purged > 60:
                purged = time.monotonic()
                await asyncio.to_thread(self._purge)
            if self.clients.all:
                self.changed()

    def _purge(self) -> None:
        with suppress(RobotAgentError), Store(self.plans.config.store) as store:
            store.purge(time.time() - UNDO_SECONDS)

    # What the worker says

    def _on_worker(self) -> None:
        self.state.starting = not self.link.ready.is_set() and not self.link.failure
        if self.link.failure and self.link.failure != self.state.failure:
            log.warning(self.link.failure)
        self.state.failure = self.link.failure
        if self.link.ready.is_set():
            self.link.say("configure", config=self._settings(), guard=self.wheels.socket)
            self.watch()
            self._spawn(self._go_on())
        else:
            self.state.activity, self.state.paused = "idle", False
        self.changed()

    def _settings(self) -> Message:
        return self.plans.config.model_dump(mode="json")

    async def _go_on(self) -> None:
        """Do again what was under way when the worker or the server ended."""
        if self.state.halt["halted"] or self.link.failures >= GIVE_UP:
            return
        intent, self._intent = self._intent, None
        train, self._train = self._train, False
        try:
            if intent is not None:
                await self._begin(*intent)
            elif train:
                await self.start(robot="sim" if self.plans.config.robot == "sim" else "robot", drive=True)
        except RobotAgentError as error:
            self.clients.tell({"type": "told", "level": "error", "text": str(error)})

    def _remember_run(self) -> None:
        """After a server that was killed: go on with its run, unless wheels of a real robot would turn."""
        run = self.memory.get("run")
        if run is None:
            return
        try:
            with Store(self.plans.config.store) as store:
                info = store.run(run)
            config = self.plans.going_on(info.settings)
        except RobotAgentError:
            return self.memory.set(run=None)
        if info.status == "finished" or info.deleted:
            return self.memory.set(run=None)
        if config.robot != "sim":
            self.state.reason = f"The server was ended during run {run}; resume it when all is well."
            return
        self._train = False
        self._intent = ("start", {"run": run, "config": config.model_dump(mode="json")})

    def _on_message(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "status":
            self.state.activity, self.state.paused = message["activity"], message["paused"]
            self.state.reason = message["reason"]
            self.state.progress = message
            if message["activity"] == "training":
                self.memory.set(run=message.get("run"), last_run=message.get("run"))
            self.changed()
        elif kind == "ended":
            self._on_ended(message)
        elif kind == "verdict":
            words = message["words"]
            self.state.findings = [] if words is None else [_finding(words)]
        elif kind in ("update", "pose"):
            self.clients.newest(message)
        elif kind in ("evaluation", "episode", "move", "told", "checkpoint"):
            self._keep_driven(message)
            self.clients.tell(message)

    def _keep_driven(self, message: Message) -> None:
        """Keep the last episodes that were driven, not trained: run 0, in memory alone."""
        if self.state.activity != "driving":
            return
        if message["type"] == "move":
            if message["number"] == 1:
                self._moves = []
            self._moves.append(message)
        elif message["type"] == "episode":
            self._driven[message["number"]] = message | {"steps": self._moves}
            self._moves = []
            while len(self._driven) > 20:
                del self._driven[min(self._driven)]

    @property
    def driven(self) -> dict[int, Message]:
        """The last episodes that were driven."""
        return self._driven

    def _on_ended(self, message: Message) -> None:
        how, run = message["how"], message.get("run")
        intent, self._intent = self._intent, None
        if message["activity"] == "training":
            self.memory.set(run=None)
            if how == "finished":
                self.clients.tell({"type": "told", "level": "info", "text": f"Run {run} is finished."})
                if self.memory.get("then_drive"):
                    self._spawn(self._drive_when_done(run))
        if how == "halted" and intent is not None:
            self.changed()

    async def _drive_when_done(self, run: int | None) -> None:
        try:
            await self.drive(None, run=run)
        except RobotAgentError as error:
            self.clients.tell({"type": "told", "level": "error", "text": str(error)})

    def _on_picture(self, header: Message, jpeg: bytes, data: bytes) -> None:
        run = self.state.progress.get("run") if self.state.activity == "training" else 0
        look = header.get("look")
        self.pictures.take(jpeg, run or 0, tuple(look) if look else None)
        self.state.saw_picture()
        self.clients.picture(data)

    def watch(self) -> None:
        """Tell the worker whether anybody wants pictures."""
        self.link.say("watch", frames=self.clients.watching)

    # What the guard says

    def _on_guard(self) -> None:
        if self.state.failure.startswith("The guard"):
            self.state.failure = self.link.failure
        if self.state.halt["halted"]:
            self._spawn(self.wheels.halt())
        self.changed()

    def _on_guard_lost(self, why: str) -> None:
        log.error("the guard of the wheels is gone: %s", why)
        self.state.hand = False
        self.state.failure = f"The guard of the wheels has ended; another one is started. {why}"
        self.changed()

    def _on_event(self, event: Event) -> None:
        if event.what == "halted" and not self.state.halt["halted"]:
            self._latched(self._halting or "another program told the guard to", event.wall)
        elif event.what == "reset" and self.state.halt["halted"]:
            self._reset()

    def _latched(self, why: str, at: float) -> None:
        word = self._before or self.state.word
        what = f"{word} was stopped" if word in ("training", "driving", "hand") else "nothing moved"
        self.state.halt = {"halted": True, "what": what, "why": why, "at": at}
        self.memory.set(halt=self.state.halt)
        self._intent = None
        self.hand.holder, self.state.hand = None, False
        self.link.say("halt")
        self.changed()

    def _reset(self) -> None:
        self._halting = self._before = ""
        self.state.halt = {"halted": False, "what": "", "why": "", "at": None}
        self.memory.set(halt=self.state.halt)
        self.changed()

    # Halt

    async def halt(self, who: str) -> Message:
        """Stop everything, first the wheels; answers when the pins are low."""
        self.halts += 1
        self._halting, self._before = f"{who} pressed halt", self.state.word
        stopped, milliseconds = await self.wheels.halt()  # first of all: what follows may touch the disk
        if not self.state.halt["halted"]:
            self._latched(self._halting, time.time())
        if self.plans.config.robot not in ("sim", "pi"):
            stopped = await self._stop_own_robot()
        if not stopped and self.wheels.ready:
            self._on_guard_lost("It did not answer a halt; look whether the wheels stand still.")
        answer = {"stopped": stopped, "milliseconds": round(milliseconds, 2)}
        log.info("halt (%s): pins low: %s, after %.1f ms", who, stopped, milliseconds)
        self.clients.tell(
            {"type": "halted", **{k: self.state.halt[k] for k in ("at", "what", "why")}, **answer}
        )
        return answer

    async def _stop_own_robot(self) -> bool:
        """Stop a robot whose wheels are no guard's of this server; returns whether it says so itself."""
        if not self.link.ready.is_set():
            return False
        try:
            await asyncio.wait_for(self.link.ask("halt"), OWN_ROBOT_SECONDS)
        except (TimeoutError, Problem):
            self.link.kill()  # an own guard, or whatever else it has, notices its end
            return False
        return True

    async def reset(self) -> None:
        """Let the wheels move again; nothing begins to move by that."""
        await self.wheels.reset()
        self._reset()
        log.info("the halt was reset")

    def must_not_be_halted(self) -> None:
        """Raise Problem while the halt is latched."""
        if self.state.halt["halted"]:
            raise Problem(409, "Everything is halted; see that all is well, then reset the halt.")

    # Training and driving

    async def _begin(self, do: str, values: dict[str, Any]) -> Message:
        async with self._turn:
            self.must_not_be_halted()
            await self._let_go()
            answer: Message = await self.link.ask(do, **values)
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
        self.must_not_be_halted()
        policy = await asyncio.to_thread(self._settings_of, from_checkpoint) if from_checkpoint else None
        config = await asyncio.to_thread(lambda: self.plans.training(robot=robot, policy=policy, **asked))
        self.memory.set(then_drive=drive)
        return await self._begin("start", {"config": config.model_dump(mode="json"), "from": from_checkpoint})

    def _settings_of(self, checkpoint: int) -> dict[str, Any]:
        with Store(self.plans.config.store) as store:
            return store.run(store.run_of(checkpoint)).settings

    async def pause(self) -> None:
        """Stand still between two moves, until resumed."""
        await self.link.ask("pause")

    async def resume(self) -> Message:
        """Go on with what is paused, or with the last run that is not finished."""
        self.must_not_be_halted()
        if self.state.paused:
            await self._let_go()
            await self.link.ask("resume")
            return {"run": self.state.progress.get("run")}
        run = self.memory.get("last_run")
        if run is None or self.state.activity != "idle":
            raise Problem(409, "Nothing is paused; start a training.")
        with Store(self.plans.config.store) as store:
            info = store.run(run)
        if info.status == "finished" or info.deleted:
            raise Problem(409, f"Run {run} cannot be gone on with; start a training.")
        config = self.plans.going_on(info.settings)
        return await self._begin("start", {"run": run, "config": config.model_dump(mode="json")})

    async def stop(self, kind: str) -> None:
        """End what is under way, in good order."""
        if self.state.activity != kind:
            raise Problem(409, f"There is no {kind} under way.")
        self._intent = None
        await self.link.ask("stop")

    async def drive(self, checkpoint: int | None, *, run: int | None = None) -> Message:
        """Drive a checkpoint in endless episodes: the one named, the restored one, or the newest's best."""
        self.must_not_be_halted()
        number, of, settings = await asyncio.to_thread(self._to_drive, checkpoint, run)
        config = self.plans.driving(settings)
        values = {"checkpoint": number, "run": of, "config": config.model_dump(mode="json")}
        return await self._begin("drive", values)

    def _to_drive(self, checkpoint: int | None, run: int | None) -> tuple[int, int, dict[str, Any]]:
        with Store(self.plans.config.store) as store:
            chosen = checkpoint or (None if run else self.state.checkpoint)
            if chosen is not None:
                of = store.run_of(chosen)
                return chosen, of, store.run(of).settings
            runs = [store.run(run)] if run else store.runs()
            for info in runs:
                best = next((one for one in store.checkpoints(info.id) if "best" in one.marks), None)
                if best is not None:
                    return best.id, info.id, info.settings
        raise Problem(409, "There is nothing to drive yet; train first, or upload a policy.")

    async def restore(self, checkpoint: int) -> Message:
        """Take a checkpoint as the one that is driven; drives it at once if another one is being driven."""
        await asyncio.to_thread(self._settings_of, checkpoint)
        self.state.checkpoint = checkpoint
        self.memory.set(checkpoint=checkpoint)
        self.changed()
        if self.state.activity == "driving" and not self.state.halt["halted"]:
            await self.drive(checkpoint)
        return {"checkpoint": checkpoint}

    # By hand

    async def drive_by_hand(self, client: Client, left: float, right: float, sequence: int) -> str:
        """Carry out a command of who drives by hand; returns why it is not, or nothing."""
        if self.state.halt["halted"]:
            return "Everything is halted; see that all is well, then reset the halt."
        if self.plans.config.robot not in ("sim", "pi"):
            return "A robot of your own has no guard here, so it is not driven by hand; use its own remote."
        if refused := self.hand.take(client, sequence):
            return refused
        try:
            if not self.state.hand:
                async with self._turn:
                    await self.link.ask("yield")
                    self.state.hand = True
                    self.changed()
            if self.hand.holder is not client:
                return "You let go."
            await self.wheels.drive(left, right)
            self.link.say("hand", left=left, right=right)
        except (Halted, GuardError, ValueError, Problem) as error:
            return str(error)
        return ""

    async def release(self, client: Client | None) -> None:
        """Stop what is driven by hand: a client has let go, or (None) nobody has commanded for a while."""
        if client is not None:
            if self.hand.drop(client):
                self.link.say("hand", left=0.0, right=0.0)
                await self.wheels.release(let_go=False)
            return
        await self._let_go()

    async def _let_go(self) -> None:
        if self.state.hand:
            self.hand.holder, self.state.hand = None, False
            await self.wheels.release(let_go=True)
            self.link.say("hand over")
            self.changed()

    # Vision

    async def learn_color(self, x: float, y: float, sequence: int) -> Message:
        """Learn the target's colour from a pixel of a picture that was shown."""
        answer: Message = await self.link.ask("learn color", x=x, y=y, sequence=sequence)
        self._learn({"vision": {"detector": "color", "color": answer["learned"]}})
        return answer

    async def teach_goal(self) -> Message:
        """Take what is seen now as the sight to reach."""
        answer: Message = await self.link.ask("teach goal")
        self._learn({"task": {"goal": answer["goal"]}})
        self.state.goal = self.plans.config.task.goal
        return answer

    def _learn(self, settings: Message) -> None:
        self.plans.learn(settings)
        if self.plans.config.robot != "sim":
            write_settings(self._settings_file, settings)
        self.link.say("configure", config=self._settings(), guard=self.wheels.socket)
        self.changed()


def _finding(words: str) -> Message:
    seen, _, cure = words.partition("% of the episodes reach the goal. ")
    return {
        "name": "learning",
        "level": "warning",
        "seen": f"{seen}% of the episodes reach the goal" if cure else words,
        "cure": cure or words,
    }
