"""The worker's robot: its body, opened once, as a camera to show and as a robot to train and drive."""

from contextlib import suppress
from typing import Any

from robot_agent.config import Config
from robot_agent.errors import SettingsError
from robot_agent.robot import Robot, open_body
from robot_agent.simulator import SimulatedRobot
from robot_agent.starts import Ask, Manual
from robot_agent.wiring import make_camera, make_detector, make_physics, make_randomisation, make_start
from server.activities import Seen
from server.live import LiveHardware, LiveRoom
from server.view import Shown, View
from vision.camera import CameraError
from vision.sight import Frame, Sight


class Body:
    """The body that the settings name; a camera and the motors have only one owner, so it is opened once."""

    def __init__(self, view: View, seen: Seen) -> None:
        """Show in `view` what it sees, and write down in `seen` what it looks at."""
        self._view, self._seen = view, seen
        self.config = Config()
        self.guard = ""
        """Where the guard listens."""
        self._opened: Any = None

    def open(self) -> Any:
        """Return it, opened."""
        if self._opened is None:
            config = self.config
            if config.robot == "sim":
                room = SimulatedRobot(
                    physics=make_physics(config.simulator),
                    randomisation=make_randomisation(config.simulator),
                    seed=config.seed,
                )
                self._opened = LiveRoom(room, self.guard, self._show_moving)
            elif config.robot == "pi":
                self._opened = LiveHardware(make_camera(config), self.guard, self._show_moving)
            else:
                self._opened = open_body(config.robot, seed=config.seed)
        return self._opened

    @property
    def room(self) -> SimulatedRobot | None:
        """The simulated room, opened; None for other robots."""
        return self.open().room if self.config.robot == "sim" else None

    @property
    def can_be_watched(self) -> bool:
        """Whether its camera may be read at any time: one of somebody's own may not like that."""
        return self.config.robot in ("sim", "pi")

    def stop(self) -> None:
        """Stop the wheels, if they turn; may be called from any thread."""
        if (body := self._opened) is not None:
            with suppress(Exception):
                body.motors.stop()

    def let_go(self) -> None:
        """Leave the wheels to someone else."""
        getattr(self._opened, "let_go", lambda: None)()

    def close(self) -> None:
        """Give all devices back."""
        getattr(self._opened, "close", lambda: None)()

    def creep(self, left: float, right: float, seconds: float) -> None:
        """Move the simulated room as somebody else has the wheels turn."""
        if isinstance(self._opened, LiveRoom):
            self._opened.creep(left, right, seconds)

    def show(self) -> None:
        """Show what the camera sees now."""
        body = self.open()
        room = self.room
        frame = room.peek() if room is not None else body.camera.read()
        self._view.show(frame, make_detector(self.config).detect(frame), room=room)

    def _show_moving(self) -> None:
        if self._view.due():
            with suppress(ValueError, CameraError):
                self.show()

    def robot(self, config: Config, ask: Ask, seed: int | None = None) -> Robot:
        """Return it as a robot to train and drive, whose looks are shown and written down."""
        body, room = self.open(), self.room
        if seed is not None and hasattr(body, "seed"):
            body.seed(seed)

        def show(frame: Frame, sight: Sight | None) -> None:
            self._view.show(frame, sight, room=room, look=self._seen.take(sight, room))

        start = make_start(config, ask, seed)
        if start is None and not hasattr(body, "reset"):
            start = Manual(ask)
        settle = config.camera.settle_seconds if config.robot == "pi" else 0.0
        return Robot(body, Shown(make_detector(config), show), start=start, settle_seconds=settle)

    def looker(self) -> Robot:
        """Return it as a robot that only looks, and may be closed without harm."""
        if not self.can_be_watched:
            raise SettingsError(
                "A robot of your own is not looked through from here; use robot.toml and its code."
            )
        return Robot(_Borrowed(self.open()), make_detector(self.config))


class _Borrowed:
    """A body that is looked through and not closed: somebody else has it open."""

    def __init__(self, body: Any) -> None:
        self.camera, self.motors = body.camera, body.motors
