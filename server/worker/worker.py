"""The process that trains, drives and looks: `python -m server.worker.worker --fd N`, started by the server.

It alone has torch (where that is the backend), the camera, the detector and the simulator. Commands come
through the pipe, one JSON object each, and are taken between two moves; what must not wait (stop, halt, hand
over, the pipe's end) stops the wheels as soon as it comes. When the server is gone, this process ends.
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

import numpy as np

from robot_agent.build import has_torch
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.robot.calibration import sights as take_sights
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config, load
from server.protocol import MOVING, Garbage, Message, decode
from server.worker.activities import Activity, Demonstration, Seen, driving, training
from server.worker.checks import findings
from server.worker.frames import View, learn_color
from server.worker.outbox import Speaker
from server.worker.robots import Body
from vision.cameras.camera import CameraError

URGENT = ("stop", "halt", "yield", "close")
"""Commands before which the wheels are stopped."""

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
        self.speaker = Speaker(connection)
        self._commands: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.view, self.seen = View(self.speaker.send, self.speaker.tell), Seen()
        self.body = Body(self.view, self.seen)
        self.config = Config()
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

    def _status(self, *, now: bool = True) -> None:
        message = {
            "type": "status",
            "activity": self.kind,
            "paused": self.paused,
            "reason": self.reason,
            **self.progress,
        }
        (self.speaker.tell if now else self.speaker.newest)(message)

    # Listening

    def listen(self) -> None:
        """Take what the server says, in a thread of its own; end with the server."""
        try:
            while True:
                message = decode(self._connection.recv_bytes())
                if message.get("do") in URGENT:
                    self.body.stop()
                self._commands.put(message)
        except (EOFError, OSError, Garbage):
            self._closing = True
            self.body.stop()
            self._commands.put({"do": "close"})
            threading.Timer(FAREWELL, lambda: os._exit(3)).start()

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
            self.speaker.tell({"type": "answer", "id": message["id"], **answer})

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
        self.body.close()

    def _step(self) -> None:
        assert self.activity is not None
        try:
            self.progress |= next(self.activity)
        except StopIteration as end:
            self._finish(end.value)
        except Interrupted as how:
            self._finish(str(how))
        except (RobotAgentError, OSError, ValueError) as error:
            self.speaker.tell({"type": "told", "level": "error", "text": str(error)})
            self._finish("failed")
        else:
            self._status(now=False)

    def _finish(self, how: str) -> None:
        self.activity, kind, self.kind, self.paused, self.reason = None, self.kind, "idle", False, ""
        if kind == "driving":
            self._episodes_driven = self.progress.get("episodes", 0)
        self.body.rest()
        self.speaker.tell_rest()
        self.speaker.tell({"type": "ended", "activity": kind, "how": how, "run": self.progress.get("run")})
        self._status()

    def _end(self, how: str) -> None:
        """End the activity in good order."""
        if (activity := self.activity) is None:
            return
        try:
            activity.close()
        except (RobotAgentError, OSError) as error:
            self.speaker.tell({"type": "told", "level": "error", "text": str(error)})
        run = self.progress.get("run")
        if how == "halted" and self.kind == "training" and run:
            with Store(self.config.store) as store:
                store.set_status(run, "halted")
        self._finish(how)

    def _idle_wait(self) -> float:
        return 0.02 if self.hand else 0.1

    def _idle(self) -> None:
        """Show what the camera sees while nothing is done; move the room by what the hand does."""
        now = time.monotonic()
        if self.hand:
            passed, self._moved = min(now, self._powers_until) - self._moved, now
            if passed > 0 and self._powers != (0.0, 0.0):
                self.body.creep(*self._powers, min(passed, 1.0))
        elif now < self._next_idle:
            return
        if not self.view.due() or not self.body.can_be_watched:
            return
        self._next_idle = now + IDLE_PICTURES
        try:
            self.body.show()
        except (CameraError, RobotAgentError, ValueError) as error:
            self._next_idle = now + 5.0
            self.speaker.newest({"type": "told", "level": "warning", "text": str(error)})

    # The robot

    def _ask(self, words: str) -> None:
        """Have a person do something: stand still until they resume."""
        self.body.let_go()
        self.paused, self.reason = True, f"{words} Then resume."
        self._status()
        while self.paused and not self._closing:
            self._pump(0.1)
        if self._closing or self.activity is None:
            raise Interrupted("stopped")

    # Commands

    def _configure(self, message: Message) -> None:
        self.config = self.body.config = load(None, message["config"])
        self.body.guard = message["guard"]

    def _start(self, message: Message) -> Message:
        if self.activity is not None and (self.kind == "training"):
            raise SettingsError("A training is under way; stop it first.")
        self._end("stopped")
        config = load(None, message["config"])
        alone = config.one_robot
        show: Callable[[Any], None] = lambda trainer: None  # noqa: E731
        if not alone and (room := self.body.room) is not None:
            demo = Demonstration(room, self.body.detector(config), config, self.view)
            show = lambda trainer: demo.show(trainer.learner.policy)  # noqa: E731
        start = self._tensors(message["from"])[0] if message.get("from") else None
        activity = training(
            config,
            self.speaker,
            run=message.get("run"),
            start=start,
            robot=(lambda seed: self.body.robot(config, self._ask, seed)) if alone else None,
            seen=self.seen if alone else None,
            show=show,
        )
        progress = {
            "rendered": alone,
            "total_moves": config.train.moves,
            "detector": config.vision.detector,
        }
        return self._begin(activity, "training", paused=message.get("paused", False), **progress)

    def _begin(self, activity: Activity, kind: str, *, paused: bool, **progress: Any) -> Message:
        first = next(activity)
        self.activity, self.kind, self.paused = activity, kind, paused
        self.reason = "paused" if paused else ""
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
            config,
            self.speaker,
            tensors,
            self.body.robot(config, self._ask),
            self.seen,
            first=self._episodes_driven + 1,
        )
        progress = {
            "checkpoint": message["checkpoint"],
            "run": message.get("run"),
            "detector": config.vision.detector,
        }
        return self._begin(activity, "driving", paused=message.get("paused", False), **progress)

    def _pause(self, message: Message) -> None:
        if self.activity is None:
            raise SettingsError("Nothing is under way that could be paused.")
        self.paused, self.reason = True, "paused"
        self.body.let_go()
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
        self.body.let_go()
        self.body.open()
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

    def _choose_detector(self, message: Message) -> Message:
        """Open another detector and look through it once; what it is refused for leaves the old one."""
        if self.activity is not None or self.hand:
            raise SettingsError(MOVING)
        config = load(None, message["config"])
        frame = next(reversed(self.view.frames.values()), np.zeros((240, 320, 3), np.uint8))
        try:
            self.body.choose_detector(config, frame)
        except (RobotAgentError, ValueError, RuntimeError) as error:
            return {"refused": str(error)}
        self.config, self._next_idle = config, 0.0
        return {"refused": ""}

    def _teach_goal(self, message: Message) -> Message:
        spread = take_sights(self.body.looker(), 5)
        return {"goal": [spread.sight.x1, spread.sight.x2], "spread": spread.slices}

    def _check(self, message: Message) -> list[Message]:
        return [asdict(finding) for finding in findings(self.config, self.body.looker)]

    def _ping(self, message: Message) -> bool:
        return True

    def _close(self, message: Message) -> None:
        self._closing = True


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
    "choose detector": Worker._choose_detector,
    "teach goal": Worker._teach_goal,
    "check": Worker._check,
    "ping": Worker._ping,
    "close": Worker._close,
}


def main() -> int:
    """Work for the server at the other end of the pipe."""
    parser = argparse.ArgumentParser(
        prog="python -m server.worker.worker", description="Train, drive and look."
    )
    parser.add_argument("--fd", type=int, required=True, help="the pipe to the server")
    parser.add_argument("--backend", default="torch", help="what is to compute the gradients")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this one
    with suppress(OSError):  # where memory is short this one is to go, not the server or the guard
        Path("/proc/self/oom_score_adj").write_text("500")
    if options.backend == "torch" and has_torch():  # now, since it takes seconds that no command should wait
        import torch

        torch.set_num_threads(1)  # at this size a second thread makes it 2 to 6 times slower
    worker = Worker(Connection(options.fd))
    threading.Thread(target=worker.listen, name="listen", daemon=True).start()
    worker.speaker.tell({"type": "ready", "process": os.getpid()})
    worker.run()
    sys.stdout.flush()
    os._exit(0)  # not through threads that wait


if __name__ == "__main__":
    sys.exit(main())
