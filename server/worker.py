"""The process that trains, drives and looks: `python -m server.worker --fd N`, started by the server.

It alone has torch, the camera, the detector and the simulator. Commands come through the pipe, one JSON
object each, and are taken between two moves; what must not wait (stop, halt, hand over, the pipe's end)
stops the wheels as soon as it comes. When the server is gone, this process ends.
"""

import argparse
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from robot_agent.calibration import sights as take_sights
from robot_agent.config import Config, load
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.robot import Robot, open_body
from robot_agent.starts import Ask, Manual
from robot_agent.store import Store
from robot_agent.wiring import make_camera, make_detector, make_physics, make_randomisation, make_start
from server.activities import Activity, Demonstration, Seen, driving, training
from server.live import LiveHardware, LiveRoom
from server.messages import Garbage, Message, decode, encode
from server.view import Shown, View, learn_color
from vision.camera import CameraError
from vision.sight import Frame, Sight

URGENT = ("stop", "halt", "yield", "close")
"""Commands before which the wheels are stopped."""

TOLD_SECONDS = 0.1
"""Seconds between two messages of a kind of which only the newest matters."""

FAREWELL = 8.0
"""Seconds that the end may take, once the server has gone."""

IDLE_PICTURES = 0.5
"""Seconds between two pictures of a simulated robot that stands."""

LEASE = 0.4
"""Seconds that the simulated room is moved by one command of who drives by hand."""


class Interrupted(BaseException):
    """The activity is to end, from wherever it is; its text says how."""


class Worker:
    """Does one thing at a time, and what the server says."""

    def __init__(self, connection: Connection) -> None:
        """Speak over `connection`."""
        self._connection = connection
        self._sending = threading.Lock()
        self._commands: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._newest: dict[str, Message] = {}
        self._told: dict[str, float] = {}
        self.view = View(self._send, self.tell)
        self.seen = Seen()
        self.config = Config()
        self.guard = ""
        self.body: Any = None
        self.activity: Activity | None = None
        self.kind = "idle"
        self.paused = self.hand = False
        self.reason = ""
        self.progress: Message = {}
        self._episodes_driven = 0
        self._powers, self._powers_until, self._moved = (0.0, 0.0), 0.0, 0.0
        self._next_idle = 0.0
        self._closing = False

    # Telling

    def _send(self, data: bytes) -> None:
        try:
            with self._sending:
                self._connection.send_bytes(data)
        except OSError:
            self._closing = True

    def tell(self, message: Message) -> None:
        """Tell the server."""
        self._send(encode(message))

    def newest(self, message: Message) -> None:
        """Tell the newest of its type, at most ten times a second."""
        kind = message["type"]
        if time.monotonic() - self._told.get(kind, 0.0) >= TOLD_SECONDS:
            self._told[kind] = time.monotonic()
            self._newest.pop(kind, None)
            self.tell(message)
        else:
            self._newest[kind] = message

    def _tell_rest(self) -> None:
        for message in self._newest.values():
            self.tell(message)
        self._newest.clear()

    def _status(self, *, now: bool = True) -> None:
        message = {
            "type": "status",
            "activity": self.kind,
            "paused": self.paused,
            "reason": self.reason,
            **self.progress,
        }
        (self.tell if now else self.newest)(message)

    # Listening

    def listen(self) -> None:
        """Take what the server says, in a thread of its own; end with the server."""
        try:
            while True:
                message = decode(self._connection.recv_bytes())
                if message.get("do") in URGENT:
                    self._stop_wheels()
                self._commands.put(message)
        except (EOFError, OSError, Garbage):
            self._closing = True
            self._stop_wheels()
            self._commands.put({"do": "close"})
            threading.Timer(FAREWELL, lambda: os._exit(3)).start()

    def _stop_wheels(self) -> None:
        if (body := self.body) is not None:
            with suppress(Exception):
                body.motors.stop()

    def _pump(self, seconds: float) -> None:
        """Do what the server has said; wait so long for the first of it."""
        try:
            message = self._commands.get(timeout=seconds) if seconds > 0 else self._commands.get_nowait()
            while True:
                self._obey(message)
                message = self._commands.get_nowait()
        except queue.Empty:
            return

    def _obey(self, message: Message) -> None:
        handler = _COMMANDS.get(str(message.get("do")))
        answer: Message
        try:
            answer = {"value": handler(self, message) if handler is not None else None}
        except (RobotAgentError, CameraError, OSError, ValueError) as error:
            answer = {"error": str(error), "kind": type(error).__name__}
        except Interrupted:
            self._answer(message, {"value": None})
            raise
        self._answer(message, answer)

    def _answer(self, message: Message, answer: Message) -> None:
        if "id" in message:
            self.tell({"type": "answer", "id": message["id"], **answer})

    # The loop

    def run(self) -> None:
        """Work until the end."""
        while not self._closing:
            if self.activity is not None and not self.paused:
                self._pump(0)
                if self.activity is not None and not self.paused:
                    self._step()
            else:
                self._pump(self._idle_wait())
                if self.activity is None or self.paused:
                    self._idle()
        self._end("stopped")
        if self.body is not None:
            getattr(self.body, "close", lambda: None)()

    def _step(self) -> None:
        assert self.activity is not None
        try:
            self.progress |= next(self.activity)
        except StopIteration as end:
            self._finish(end.value)
        except Interrupted as how:
            self._finish(str(how))
        except (RobotAgentError, OSError, ValueError) as error:
            self.tell({"type": "told", "level": "error", "text": str(error)})
            self._finish("failed")
        else:
            self._status(now=False)

    def _finish(self, how: str) -> None:
        self.activity, kind, self.kind, self.paused, self.reason = None, self.kind, "idle", False, ""
        if kind == "driving":
            self._episodes_driven = self.progress.get("episodes", 0)
        self._let_go()
        self._tell_rest()
        self.tell({"type": "ended", "activity": kind, "how": how, "run": self.progress.get("run")})
        self._status()

    def _end(self, how: str) -> None:
        """End the activity in good order."""
        if (activity := self.activity) is None:
            return
        try:
            activity.close()
        except (RobotAgentError, OSError) as error:
            self.tell({"type": "told", "level": "error", "text": str(error)})
        run = self.progress.get("run")
        if how == "halted" and self.kind == "training" and run:
            with Store(self.config.store) as store:
                store.set_status(run, "halted")
        self._finish(how)

    def _let_go(self) -> None:
        if (let_go := getattr(self.body, "let_go", None)) is not None:
            let_go()

    def _idle_wait(self) -> float:
        return 0.02 if self.hand else 0.1

    def _idle(self) -> None:
        """Show what the camera sees while nothing is done; move the room by what the hand does."""
        now = time.monotonic()
        if self.hand and isinstance(self.body, LiveRoom):
            passed, self._moved = min(now, self._powers_until) - self._moved, now
            if passed > 0 and self._powers != (0.0, 0.0):
                self.body.creep(*self._powers, min(passed, 1.0))
        elif now < self._next_idle:
            return
        if not self.view.due() or self.config.robot not in ("sim", "pi"):
            return
        self._next_idle = now + IDLE_PICTURES
        try:
            frame, room = self._frame()
            self.view.show(frame, make_detector(self.config).detect(frame), room=room)
        except (CameraError, RobotAgentError) as error:
            self._next_idle = now + 5.0
            self.newest({"type": "told", "level": "warning", "text": str(error)})

    def _frame(self) -> tuple[Frame, Any]:
        body = self._open()
        if isinstance(body, LiveRoom):
            return body.room.peek(), body.room
        return body.camera.read(), None

    # The robot

    def _open(self) -> Any:
        """Return the body, opened once."""
        if self.body is None:
            config = self.config
            if config.robot == "sim":
                from robot_agent.simulator import SimulatedRobot

                room = SimulatedRobot(
                    physics=make_physics(config.simulator),
                    randomisation=make_randomisation(config.simulator),
                    seed=config.seed,
                )
                self.body = LiveRoom(room, self.guard, self._show_moving)
            elif config.robot == "pi":
                self.body = LiveHardware(make_camera(config), self.guard, self._show_moving)
            else:
                self.body = open_body(config.robot, seed=config.seed)
        return self.body

    def _show_moving(self) -> None:
        if not self.view.due():
            return
        frame, room = self._frame()
        with suppress(ValueError, CameraError):
            self.view.show(frame, make_detector(self.config).detect(frame), room=room)

    def _robot(self, config: Config, seed: int | None = None) -> Robot:
        body = self._open()
        room = body.room if isinstance(body, LiveRoom) else None
        if seed is not None and hasattr(body, "seed"):
            body.seed(seed)

        def show(frame: Frame, sight: Sight | None) -> None:
            self.view.show(frame, sight, room=room, look=self.seen.take(sight, room))

        start = make_start(config, self._ask(), seed)
        if start is None and not hasattr(body, "reset"):
            start = Manual(self._ask())
        return Robot(
            body,
            Shown(make_detector(config), show),
            start=start,
            settle_seconds=config.camera.settle_seconds if config.robot == "pi" else 0.0,
        )

    def _ask(self) -> Ask:
        def ask(words: str) -> None:
            self._let_go()
            self.paused, self.reason = True, f"{words} Then resume."
            self._status()
            while self.paused and not self._closing:
                self._pump(0.1)
            if self._closing or self.activity is None:
                raise Interrupted("stopped")

        return ask

    # Commands

    def _configure(self, message: Message) -> None:
        self.config = load(None, message["config"])
        self.guard = message["guard"]

    def _start(self, message: Message) -> Message:
        if self.activity is not None and (self.kind == "training"):
            raise SettingsError("A training is under way; stop it first.")
        self._end("stopped")
        config = load(None, message["config"])
        alone = config.one_robot
        show: Callable[[Any], None] = lambda trainer: None  # noqa: E731
        if not alone and self.config.robot == "sim":
            demo = Demonstration(self._open().room, make_detector(config), config, self.view)
            show = lambda trainer: demo.show(trainer.learner.policy)  # noqa: E731
        start = self._tensors(message["from"])[0] if message.get("from") else None
        activity = training(
            config,
            self,
            run=message.get("run"),
            start=start,
            robot=(lambda seed: self._robot(config, seed)) if alone else None,
            seen=self.seen if alone else None,
            show=show,
        )
        return self._begin(activity, "training", rendered=alone, total_moves=config.train.moves)

    def _begin(self, activity: Activity, kind: str, **progress: Any) -> Message:
        first = next(activity)
        self.activity, self.kind, self.paused, self.reason = activity, kind, False, ""
        self.progress = {"rendered": True, **progress, **first}
        self._status()
        return first

    def _tensors(self, checkpoint: int) -> tuple[dict[str, Any], dict[str, Any]]:
        with Store(self.config.store) as store:
            run = store.run_of(checkpoint)
            _, tensors = store.checkpoint(run, checkpoint)
            settings = store.run(run).settings
        prefix = "policy."
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}, settings

    def _drive(self, message: Message) -> Message:
        if self.activity is not None and self.kind == "training":
            raise SettingsError("A training is under way; stop it first.")
        self._end("stopped")
        config = load(None, message["config"])
        tensors, _ = self._tensors(message["checkpoint"])
        activity = driving(
            config, self, tensors, self._robot(config), self.seen, first=self._episodes_driven + 1
        )
        progress = {"checkpoint": message["checkpoint"], "run": message.get("run")}
        return self._begin(activity, "driving", **progress)

    def _pause(self, message: Message) -> None:
        if self.activity is None:
            raise SettingsError("Nothing is under way that could be paused.")
        self.paused, self.reason = True, "paused"
        self._let_go()
        self._status()

    def _resume(self, message: Message) -> None:
        if self.activity is None:
            raise SettingsError("Nothing is paused; start a training.")
        self.paused, self.hand, self.reason = False, False, ""
        self._status()

    def _stop(self, message: Message) -> None:
        self._interrupt("stopped")

    def _halt(self, message: Message) -> None:
        self.hand = False
        self._interrupt("halted")

    def _interrupt(self, how: str) -> None:
        if self.activity is not None and self.activity.gi_running:  # type: ignore[attr-defined]  # it waits for a person
            self.paused, self.activity = False, None
            raise Interrupted(how)
        self._end(how)

    def _yield(self, message: Message) -> None:
        """Let go of the wheels for who drives by hand."""
        if self.activity is not None and not self.paused:
            self.paused, self.reason = True, "paused while somebody drove by hand"
        self.hand = True
        self._let_go()
        self._open()
        self._status()

    def _hand_over(self, message: Message) -> None:
        self.hand = False
        self._powers = (0.0, 0.0)
        self._status()

    def _hand(self, message: Message) -> None:
        now = time.monotonic()
        self._idle()
        self._powers = float(message["left"]), float(message["right"])
        self._powers_until, self._moved = now + LEASE, now

    def _watch(self, message: Message) -> None:
        self.view.watched = bool(message["frames"])

    def _learn_color(self, message: Message) -> Message:
        frame = self.view.frames.get(message["sequence"])
        if frame is None:
            raise SettingsError("That picture is too old; click on a newer one.")
        learned, sight = learn_color(frame, message["x"], message["y"])
        told = None if sight is None else asdict(sight)
        return {"learned": learned, "sight": told}

    def _teach_goal(self, message: Message) -> Message:
        body = self._open()
        spread = take_sights(Robot(body, make_detector(self.config)), 5)
        return {"goal": [spread.sight.x1, spread.sight.x2], "spread": spread.slices}

    def _check(self, message: Message) -> list[Message]:
        from server.findings import findings

        opened = self.body if self.config.robot in ("sim", "pi") else None
        robot = None if opened is None else (lambda: Robot(_Borrowed(opened), make_detector(self.config)))
        return [asdict(finding) for finding in findings(self.config, robot)]

    def _close(self, message: Message) -> None:
        self._closing = True


class _Borrowed:
    """A body that is looked through and not closed: somebody else has it open."""

    def __init__(self, body: Any) -> None:
        self.camera, self.motors = body.camera, body.motors


_COMMANDS: dict[str, Callable[[Worker, Message], Any]] = {
    "configure": Worker._configure,
    "start": Worker._start,
    "drive": Worker._drive,
    "pause": Worker._pause,
    "resume": Worker._resume,
    "stop": Worker._stop,
    "halt": Worker._halt,
    "yield": Worker._yield,
    "hand over": Worker._hand_over,
    "hand": Worker._hand,
    "watch": Worker._watch,
    "learn color": Worker._learn_color,
    "teach goal": Worker._teach_goal,
    "check": Worker._check,
    "close": Worker._close,
}


def main() -> int:
    """Work for the server at the other end of the pipe."""
    parser = argparse.ArgumentParser(prog="python -m server.worker", description="Train, drive and look.")
    parser.add_argument("--fd", type=int, required=True, help="the pipe to the server")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this one
    import torch

    torch.set_num_threads(1)  # at this size a second thread makes it 2 to 6 times slower
    worker = Worker(Connection(options.fd))
    threading.Thread(target=worker.listen, name="listen", daemon=True).start()
    worker.tell({"type": "ready", "process": os.getpid(), "folder": str(Path.cwd())})
    worker.run()
    sys.stdout.flush()
    os._exit(0)  # not through threads that wait


if __name__ == "__main__":
    sys.exit(main())
