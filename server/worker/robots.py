"""The worker's robot: it is opened once, and then trained, driven, or shown while it stands still."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from robot_agent.build.robot import make_camera, make_detector, make_start
from robot_agent.build.simulation import make_physics, make_randomisation
from robot_agent.errors import GuardBusy, SettingsError
from robot_agent.robot.obedient import ObedientRobot
from robot_agent.robot.own import adapt
from robot_agent.robot.reset import Ask, Manual
from robot_agent.robot.robot import Robot, Witness, open_hardware
from robot_agent.settings.config import Config
from robot_agent.simulator import SimulatedRobot
from server.worker.by_hand import Takeover
from server.worker.events import EpisodeLooks
from server.worker.frames import Frames, Look, look_at
from server.worker.realtime import RealtimeHardware, RealtimeSimulation
from vision.cameras.camera import CameraError
from vision.detectors.detector import Detector
from vision.sight import Frame, Sight


class WorkerRobot:
    """The robot that the settings name; it is opened once, as camera and motors can have only one owner."""

    def __init__(self, frames: Frames, looks: EpisodeLooks, must_stop: Callable[[], bool]) -> None:
        """Open nothing yet.

        Args:
            frames: sends the robot's pictures.
            looks: records what the robot sees in an episode.
            must_stop: returns whether a command has come that must stop a pulse.
        """
        self._frames, self._looks, self._must_stop = frames, looks, must_stop
        self.await_server: Callable[[], None] = lambda: None
        """Is called before each pulse; see `Inbox.await_server`."""
        self.config = Config()
        self.guard = ""
        """Path of the guard's socket."""
        self._opened: Any = None
        self._detector: tuple[Any, Detector] | None = None
        """The settings that the detector was opened with, and the detector."""
        self.witness: Witness | None = None
        """Is called with every move of a job, to learn from it."""
        self._driven: _JobRobot | None = None
        """The robot of the training or driving under way."""
        self._job_config: Config | None = None
        """Settings of the training or driving under way, whose detector is used meanwhile."""

    def open(self) -> Any:
        """Open the robot's camera and motors if they are not open yet, and return them."""
        if self._opened is None:
            config = self.config
            if config.robot == "sim":
                simulated = SimulatedRobot(
                    physics=make_physics(config.simulator),
                    randomisation=make_randomisation(config.simulator),
                    seed=config.seed,
                )
                self._opened = RealtimeSimulation(simulated, self.guard, self._show_moving, self._must_stop)
            elif config.robot == "pi":
                camera = make_camera(config)
                self._opened = RealtimeHardware(camera, self.guard, self._show_moving, self._must_stop)
            else:
                self._opened = open_hardware(config.robot, seed=config.seed)
            if config.robot in ("sim", "pi"):
                self._opened.before_each_pulse(lambda: self.await_server())
        return self._opened

    @property
    def simulated(self) -> SimulatedRobot | None:
        """The simulated robot, which is opened if needed; None for other robots."""
        if self.config.robot != "sim":
            return None
        simulated: SimulatedRobot = self.open().simulated
        return simulated

    @property
    def has_open_camera(self) -> bool:
        """Whether the camera may be read at any time; a user's own robot may not allow that."""
        return self.config.robot in ("sim", "pi")

    def stop(self) -> None:
        """Stop the wheels, if they turn; may be called from any thread."""
        if (opened := self._opened) is not None:
            with suppress(Exception):
                opened.motors.stop()

    def detector(self, config: Config) -> Detector:
        """Return the detector that the settings name; it is opened only when the settings have changed.

        Raises:
            SettingsError: the detector cannot be opened; the last one is kept.
        """
        wanted = _detector_settings(config)
        if self._detector is None or self._detector[0] != wanted:
            self._detector = wanted, make_detector(config)
        return self._detector[1]

    def choose_detector(self, config: Config, frame: Frame) -> None:
        """Open the detector that the settings name, and use it from now on if it can look at `frame`.

        Raises:
            SettingsError, or any error of the detector: the last detector is kept.
        """
        opened = make_detector(config)
        look_at(frame, opened)
        self._detector = _detector_settings(config), opened
        self.config = config

    def rest(self) -> None:
        """End the robot's job: let go of the wheels, and use the server's own detector settings again."""
        self._job_config = self._driven = None
        self.let_go()

    def let_go(self) -> None:
        """Leave the wheels to somebody else."""
        getattr(self._opened, "let_go", lambda: None)()

    def close(self) -> None:
        """Close the camera and the motors."""
        getattr(self._opened, "close", lambda: None)()

    def move_along(self, left: float, right: float, seconds: float) -> None:
        """Move a simulated robot along, with the powers that a person gives to the wheels by hand."""
        if isinstance(self._opened, RealtimeSimulation):
            self._opened.move_along(left, right, seconds)

    def show(self) -> None:
        """Take a picture, find the target in it, and send both."""
        opened, simulated = self.open(), self.simulated
        frame = simulated.peek() if simulated is not None else opened.camera.read()
        detector = self.detector(self._job_config or self.config)
        self._frames.show(frame, look_at(frame, detector), simulated=simulated)

    def _show_moving(self) -> None:
        if self._frames.due():
            with suppress(ValueError, CameraError):
                self.show()

    def robot(self, config: Config, between: Callable[[], None], ask: Ask, seed: int | None = None) -> Robot:
        """Return the robot for a training or driving; each of its pictures is sent to the page.

        Args:
            config: the settings of the training or driving.
            between: is called before each look and each pulse; it may wait, or raise to end the job.
            ask: asks a person to do something, and waits until it is done.
            seed: seed of everything random in the robot.
        """
        detector = self.detector(config)  # first of all: nothing moves with one that does not load
        hardware, simulated = adapt(self.open()), self.simulated
        self._job_config = config
        if seed is not None:
            hardware.seed(seed)

        def show(frame: Frame, found: Look) -> None:
            look = self._looks.add(found.sight, simulated)
            self._frames.show(frame, found, simulated=simulated, look=look)

        start = make_start(config, ask, seed)
        longest = config.task.max_seconds
        if start is None and not hardware.can_reset:
            start = Manual(ask)
        settle = config.camera.settle_seconds if config.robot == "pi" else 0.0
        self._driven = _JobRobot(
            between,
            ask,
            longest,
            hardware,
            _ShowingDetector(detector, show),
            start=start,
            settle_seconds=settle,
            looks_again=simulated is None,
        )
        self._driven.witness, self._driven.retaken = self.witness, self._looks.take_back
        return self._driven

    def takeover(self) -> Takeover | None:
        """Start a record of what a person drives with the job's robot; None if no job has a robot."""
        return None if self._driven is None else self._driven.takeover()

    def looker(self) -> Robot:
        """Return a robot for looking only; closing it does not close the camera."""
        if not self.has_open_camera:
            raise SettingsError(
                "Your own robot's camera cannot be used from here; set this in robot.toml or in its code."
            )
        return Robot(_Borrowed(self.open()), self.detector(self.config))


def _detector_settings(config: Config) -> tuple[str, Any]:
    return config.vision.detector, config.vision.options()


class _JobRobot(ObedientRobot):
    """The robot of a job; when somebody else has the wheels, a person is asked for help."""

    def __init__(
        self, between: Callable[[], None], ask: Ask, longest: float, *parts: Any, **more: Any
    ) -> None:
        super().__init__(between, *parts, **more)
        self._ask, self._longest = ask, longest

    def takeover(self) -> Takeover:
        """Start a record of what a person drives with this robot."""
        return Takeover(self.look_after, self.is_about_to_look, self._longest)

    def act(self, left: float, right: float, seconds: float) -> None:
        while True:
            try:
                return super().act(left, right, seconds)
            except GuardBusy as error:
                self._ask(str(error))


class _ShowingDetector:
    """A detector that sends each frame that it has looked at."""

    def __init__(self, detector: Detector, show: Callable[[Frame, Look], None]) -> None:
        self._detector, self._show = detector, show

    def detect(self, frame: Frame) -> Sight | None:
        found = look_at(frame, self._detector)
        self._show(frame, found)
        return found.sight


class _Borrowed:
    """Camera and motors of another owner, which closes them."""

    def __init__(self, opened: Any) -> None:
        self.camera, self.motors = opened.camera, opened.motors
