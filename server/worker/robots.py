"""The worker's robot: its body, opened once, as a camera to show and as a robot to train and drive."""

from contextlib import suppress
from typing import Any

from robot_agent.build import make_camera, make_detector, make_physics, make_randomisation, make_start
from robot_agent.errors import SettingsError
from robot_agent.robot.own import adapt
from robot_agent.robot.reset import Ask, Manual
from robot_agent.robot.robot import Robot, open_hardware
from robot_agent.settings.config import Config
from robot_agent.simulator import SimulatedRobot
from server.worker.activities import Seen
from server.worker.frames import Look, Shown, View, look_at
from server.worker.realtime import LiveHardware, LiveRoom
from vision.cameras.camera import CameraError
from vision.detectors.detector import Detector
from vision.sight import Frame


class Body:
    """The body that the settings name; a camera and the motors have only one owner, so it is opened once."""

    def __init__(self, view: View, seen: Seen) -> None:
        """Show in `view` what it sees, and write down in `seen` what it looks at."""
        self._view, self._seen = view, seen
        self.config = Config()
        self.guard = ""
        """Where the guard listens."""
        self._opened: Any = None
        self._detector: tuple[Any, Detector] | None = None
        """The settings that it was opened with, and the detector."""
        self._under: Config | None = None
        """Settings of the activity under way, whose detector finds what is shown meanwhile."""

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
                self._opened = open_hardware(config.robot, seed=config.seed)
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

    def detector(self, config: Config) -> Detector:
        """Return the detector that settings name, opened anew only when they have changed.

        Raises SettingsError when it cannot be opened; the last one is kept then.
        """
        wanted = _settings_of_detector(config)
        if self._detector is None or self._detector[0] != wanted:
            self._detector = wanted, make_detector(config)
        return self._detector[1]

    def choose_detector(self, config: Config, frame: Frame) -> None:
        """Open the detector that settings name, anew in any case, and keep it if it can look at `frame`.

        Raises SettingsError or what the detector itself raises; the last one is kept then.
        """
        opened = make_detector(config)
        look_at(frame, opened)
        self._detector = _settings_of_detector(config), opened
        self.config = config

    def rest(self) -> None:
        """Leave the wheels to someone else, and look with the server's own settings again."""
        self._under = None
        self.let_go()

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
        detector = self.detector(self._under or self.config)
        self._view.show(frame, look_at(frame, detector), room=room)

    def _show_moving(self) -> None:
        if self._view.due():
            with suppress(ValueError, CameraError):
                self.show()

    def robot(self, config: Config, ask: Ask, seed: int | None = None) -> Robot:
        """Return it as a robot to train and drive, whose looks are shown and written down."""
        detector = self.detector(config)  # first of all: nothing moves with one that does not load
        hardware, room = adapt(self.open()), self.room
        self._under = config
        if seed is not None:
            hardware.seed(seed)

        def show(frame: Frame, found: Look) -> None:
            self._view.show(frame, found, room=room, look=self._seen.take(found.sight, room))

        start = make_start(config, ask, seed)
        if start is None and not hardware.can_reset:
            start = Manual(ask)
        settle = config.camera.settle_seconds if config.robot == "pi" else 0.0
        return Robot(hardware, Shown(detector, show), start=start, settle_seconds=settle)

    def looker(self) -> Robot:
        """Return it as a robot that only looks, and may be closed without harm."""
        if not self.can_be_watched:
            raise SettingsError(
                "A robot of your own is not looked through from here; use robot.toml and its code."
            )
        return Robot(_Borrowed(self.open()), self.detector(self.config))


def _settings_of_detector(config: Config) -> tuple[str, Any]:
    name = config.vision.detector
    return name, getattr(config.vision, name)


class _Borrowed:
    """A body that is looked through and not closed: somebody else has it open."""

    def __init__(self, body: Any) -> None:
        self.camera, self.motors = body.camera, body.motors
