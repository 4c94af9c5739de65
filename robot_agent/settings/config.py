"""Every setting, its default and a sentence; from robot.toml, the environment and flags.

Strength upward: defaults, the preset, robot.toml, variables ROBOT_AGENT_SECTION__NAME, flags.
Nothing else in this package knows of settings: they are turned into plain keyword arguments in
`robot_agent.build`.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from robot_agent.envs.task import ActionKind, ObservationKind, RewardKind
from robot_agent.errors import SettingsError
from robot_agent.learning.policy import BackendKind
from robot_agent.simulator.world import CONTACT_GAP
from vision.names import did_you_mean, unknown

PREFIX = "ROBOT_AGENT_"

_file: ContextVar[Path | None] = ContextVar("file", default=None)
"""The settings file that is being read; a class for each would take megabytes and a while."""


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError("the first is larger than the second; swap them")
    return ends


def _pin(number: Any) -> Any:
    if number is not False and (isinstance(number, bool) or not isinstance(number, int)):
        raise ValueError("give a BCM number, or false for a pin that is not wired")
    return number


Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
LogStd = Annotated[float, Ge(-10), Le(2)]
Range = Annotated[tuple[Positive, Positive], AfterValidator(_ordered)]
ShareRange = Annotated[tuple[Share, Share], AfterValidator(_ordered)]
NotNegative = Annotated[float, Ge(0)]
Count = Annotated[int, Ge(1)]
Slice = Annotated[int, Ge(0), Le(41)]

# Moves of a single robot are dear: the last four batches are used eight times, with wider exploration.
ONE_ROBOT = {
    "gamma": 0.9,
    "baseline": "value",
    "gae_lambda": 0.9,
    "epochs": 8,
    "replay_batches": 4,
    "clip_range": 0.3,
}
WIDE = {"log_std_steering": -2.0, "log_std_duration": -1.0}
LARGER = {"hidden": (32, 32)}

PRESETS: dict[str, dict[str, Any]] = {
    "fleet": {},
    "one": {
        "train": {"robots": 1, "moves": 5000, "episodes_per_update": 4, "evaluate_every": 100},
        "learner": ONE_ROBOT | {"mirror": True, "learning_rate": 0.01},
        "network": WIDE | LARGER,
    },
    # Segments of five moves and a small network, for which NumPy is quicker, and loads in no time.
    "quick": {
        "train": {"robots": 320, "episodes_per_update": 320, "rollout_moves": 5, "moves": 100_000},
        "learner": {"backend": "numpy", "gamma": 0.7, "learning_rate": 0.032, "epochs": 3},
        "network": {"hidden": (8,), "log_std_steering": -2.4},
    },
    # A robot that is not the one the policy comes from is hardly symmetric: no mirror.
    "fine-tune": {
        "train": {"robots": 1, "moves": 3000, "episodes_per_update": 4, "evaluate_every": 100},
        "learner": ONE_ROBOT | {"learning_rate": 0.005},
        "network": WIDE,
    },
    "randomised": {
        # A value network as the baseline finds its way out of the last slices before the goal, where the
        # plain mean of each time step leaves some policies stuck.
        "simulator": {"randomise": True},
        "train": {"robots": 256, "episodes_per_update": 256, "moves": 1_500_000},
        "learner": {"gamma": 0.95, "baseline": "value", "epochs": 1, "learning_rate": 0.01},
        "network": {"log_std_duration": -1.5} | LARGER,
    },
    "original": {
        "task": {"observation": "raw"},
        "train": {"robots": 128, "episodes_per_update": 128, "moves": 450_000},
        "learner": {"learning_rate": 0.01, "clip_range": 0.6},
        "network": {"activation": "relu", "output": "relu", "initialisation": "default"} | LARGER,
    },
}
"""Settings that belong together, weaker than all that is set by hand."""


class Section(BaseModel):
    """A table of robot.toml; unknown names in it are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


class ColorSettings(Section):
    """The colour detector."""

    hue_degrees: tuple[float, float] = (345.0, 15.0)
    """First and last hue of the target, degrees; through red when the first is the larger."""
    saturation: ShareRange = (0.55, 1.0)
    """Least and greatest saturation."""
    value: ShareRange = (0.1, 1.0)
    """Least and greatest brightness."""


class MarkerSettings(Section):
    """The marker detector."""

    dictionary: str = "DICT_5X5_1000"
    """Family of the marker: an ArUco or AprilTag dictionary of OpenCV."""
    id: int | None = None
    """Number of the marker; the nearest one if not set."""


class SlicesSettings(Section):
    """The detector that is a network of ours."""

    model: str = ""
    """A .tflite file that robot-agent target train made; the shipped one, for a red target, if empty."""
    sure: Annotated[float, Gt(0), Lt(1)] = 0.6
    """At least one slice is as probable as that, or nothing is seen."""
    edge: Annotated[float, Gt(0), Lt(1)] = 0.5
    """A slice as probable as that belongs to the target."""
    gap: Annotated[int, Ge(0), Le(41)] = 2
    """So many less probable slices within the target do not cut it in two."""


class ObjectsSettings(Section):
    """The detector that is anybody's TF-Lite detection model."""

    model: str = ""
    """The .tflite file of a detection model or a BlazeFace."""
    target: str | int = 0
    """Which class is the target, by number or by the name in the labels."""
    labels: str = ""
    """A text file with a class a line; those packed into the model if empty."""
    score: Annotated[float, Gt(0), Lt(1)] = 0.5
    """What is less certain than that is nothing."""
    input_range: tuple[float, float] | None = None
    """What black and white are to the model; what the model itself says if not set."""
    channels: Literal["rgb", "bgr"] = "rgb"
    """The order of colours that the model was trained with."""


class VisionSettings(Section):
    """From pictures to sights."""

    detector: Literal["color", "marker", "slices", "objects"] = "color"
    """What finds the target in a picture."""
    color: ColorSettings = ColorSettings()
    marker: MarkerSettings = MarkerSettings()
    slices: SlicesSettings = SlicesSettings()
    objects: ObjectsSettings = ObjectsSettings()


class CameraSettings(Section):
    """The camera of a robot of wood and wheels; the simulated one has its own."""

    source: str | int = "pi"
    """pi for the Raspberry Pi camera, a number for a USB camera, an address for a stream."""
    width: Count = 320
    """Asked of the camera, pixels."""
    height: Count = 240
    """Asked of the camera, pixels."""
    settle_seconds: NotNegative = 0.2
    """The robot stands still for so long before a picture is taken."""
    frozen_seconds: NotNegative = 1.5
    """Pictures that do not change at all for so long are told as a fault; 0 is never."""
    black_seconds: NotNegative = 1.5
    """Pictures that are black for so long are told as a fault; 0 is never."""


class MotorsSettings(Section):
    """The motor board of a robot of wood and wheels."""

    board: str = "l298n"
    """l298n, l293d, drv8833, tb6612fng, drv8835, explorer, two-motor, camjam or ryanteck."""
    pins: dict[str, Annotated[Any, AfterValidator(_pin)]] = {}
    """Pins that differ from the board's usual ones, BCM numbers, as in left_forward = 17; false for an
    enable, standby or sleep pin that is not wired because the board holds it high."""
    swapped: bool = False
    """The left motor is wired where the right one should be."""
    left_inverted: bool = False
    """The left wheel turns backwards when it should turn forwards."""
    right_inverted: bool = False
    """The right wheel turns backwards when it should turn forwards."""
    left_trim: Annotated[float, Gt(0), Le(1)] = 1.0
    """The left wheel's power is multiplied by this, so that straight is straight."""
    right_trim: Annotated[float, Gt(0), Le(1)] = 1.0
    """The right wheel's."""
    dead_band: Annotated[float, Ge(0), Le(0.9)] = 0.0
    """Smallest power that turns the wheels; all powers are mapped to above it."""
    frequency: Annotated[int, Ge(1), Le(10_000)] = 100
    """Of the pulse-width modulation, Hz."""
    ramp_seconds: Annotated[float, Ge(0), Le(0.2)] = 0.03
    """Wheels come up to speed and down again over so long, to spare the gears."""
    pin_factory: str = "lgpio"
    """What reaches the pins: lgpio; mock for no pins at all; or MODULE:FACTORY."""
    guard: str | None = None
    """Socket of a guard that is running already; one is started if not set."""


class EpisodesSettings(Section):
    """How episodes begin on a real floor."""

    start: Literal["robot", "manual", "back_and_search"] = "robot"
    """robot: as the robot can, and by hand where it cannot; manual: a person puts it there;
    back_and_search: it backs off and turns until it sees its target."""
    max_distance: Positive = 2.2
    """The robot may go so far from its target, m."""
    max_pulses: Count = 60
    """After so many pulses without coming to a start it asks for help."""


class TaskSettings(Section):
    """What is to be learned."""

    goal: Annotated[tuple[Slice, Slice], AfterValidator(_ordered)] = (10, 31)
    """The goal sight: first and last slice that the target fills at the end."""
    tolerance: Annotated[int, Ge(0)] = 2
    """The goal is reached when both ends are within so many slices."""
    max_moves: Count = 20
    """An episode times out after so many moves."""
    max_seconds: Annotated[float, Gt(0), Le(1.5)] = 1.0
    """Length of the longest pulse, seconds."""
    action: ActionKind = "curvature"
    """What the policy decides: curvature and duration, or wheels (left, right, duration)."""
    observation: ObservationKind = "centre"
    """What the policy sees: centre (error of the centre, log width), ends (scaled) or raw slices."""
    reward: RewardKind = "slices"
    """How progress is measured: in slices of both ends, or in log_width and centre."""
    reached_bonus: NotNegative = 2.0
    """Reward for reaching the goal."""
    lost_penalty: NotNegative = 1.0
    """Subtracted when the target is lost."""
    factory: str = ""
    """A task of your own as MODULE:FACTORY, see `Task` in robot_agent/envs/task.py. The factory is called
    with those of the settings above that its parameters name; empty: the task of this package."""


class NetworkSettings(Section):
    """The policy's network and its exploration."""

    hidden: tuple[Count, ...] = (16, 16)
    """Sizes of the hidden layers."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Between the layers."""
    output: Literal["linear", "relu"] = "linear"
    """On the output; relu is what the original network had."""
    initialisation: Literal["orthogonal", "default"] = "orthogonal"
    """First weights: orthogonal with a small output layer, or PyTorch's default."""
    log_std_steering: LogStd = -2.5
    """Logarithm of the exploration's standard deviation at the start, for curvature or wheels."""
    log_std_duration: LogStd = -1.0
    """The same for the duration."""
    log_std_floor: LogStd = -3.0
    """It never falls below this."""


class LearnerSettings(Section):
    """REINFORCE."""

    backend: BackendKind = "torch"
    """What computes the gradients: torch, or numpy where PyTorch is not installed. Both learn the same,
    and either goes on with what the other has learned."""
    gamma: Annotated[float, Gt(0), Le(1)] = 0.9
    """Discount of later rewards per move; lower is in more of a hurry."""
    baseline: Literal["time", "value", "none"] = "time"
    """What a return is compared to: mean of each time step, a value network, nothing."""
    gae_lambda: Share = 1.0
    """Lambda of the generalised advantage; below 1 it needs the value network."""
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.02
    """Of the policy at the start; falls linearly to 0."""
    value_learning_rate: Annotated[float, Gt(0), Le(1)] = 0.01
    """Of the value network."""
    entropy_bonus: NotNegative = 0.0
    """Weight of the policy's entropy in the objective."""
    max_gradient_norm: Positive = 1.0
    """A longer gradient is scaled down to this length."""
    epochs: Count = 2
    """How often each batch is used; from the second on with clipped importance weights."""
    replay_batches: Count = 1
    """Each update learns from so many of the latest batches, under the same weights."""
    clip_range: Positive = 0.8
    """How far an importance weight may leave 1."""
    mirror: bool = False
    """Learn from each episode also as if it was seen in a mirror."""


class TrainSettings(Section):
    """How long, on how many robots, how often tried."""

    robots: Count = 384
    """Robots simulated at once; a real robot, or a rendered one, is always one."""
    moves: Count = 600_000
    """Moves of the whole training."""
    episodes_per_update: Count = 384
    """Episodes, or segments of them, of each update of the policy."""
    rollout_moves: Annotated[int, Ge(0)] = 0
    """A fleet learns from so many moves of each robot at a time, which then goes on where it stands;
    0 for whole episodes. Segments are in a hurry: they learn sooner, and end a little worse."""
    evaluate_every: Count = 5000
    """Moves between two evaluations; they become rarer as the training goes on."""
    evaluation_episodes: Count = 1000
    """Held-out starts of each evaluation in the simulator."""
    checkpoint_seconds: NotNegative = 1.0
    """At least so long between two checkpoints of a fleet; one robot's episodes are kept one by one."""


class RandomisationSettings(Section):
    """How far each episode's robot may differ from the nominal one."""

    weak_motor: Share = 0.30
    """One motor is weaker by up to this share."""
    dead_time: NotNegative = 0.15
    """Up to so many seconds pass before the wheels turn."""
    camera_yaw_degrees: NotNegative = 6.0
    """The camera is turned by up to so much to either side."""
    speed: Range = (0.8, 1.1)
    """Full speed times a factor in this range."""
    target_width: Range = (0.9, 1.1)
    """Width of the target times a factor in this range."""
    field_of_view: Range = (0.95, 1.05)
    """Field of view times a factor in this range."""


class SimulatorSettings(Section):
    """The simulated robot, its target and its starts."""

    full_speed: Positive = 0.35
    """Speed of a wheel at full power, m/s."""
    wheel_base: Positive = 0.14
    """Distance between the wheels, m."""
    target_width: Positive = 0.20
    """Diameter of the target, m."""
    field_of_view_degrees: Annotated[float, Gt(1), Le(170)] = 62.2
    """Horizontal field of view of the camera."""
    start_distance: Range = (0.6, 2.0)
    """Nearest and farthest start, m."""
    start_bearing_degrees: Annotated[float, Ge(0), Le(85)] = 25.0
    """The target is at most so far to either side at the start."""
    wheel_noise: NotNegative = 0.02
    """Standard deviation of each wheel's speed from move to move, as a share."""
    asymmetry: NotNegative = 0.05
    """Standard deviation of the difference of the motors from episode to episode, as a share."""
    vision_noise: NotNegative = 0.5
    """Standard deviation of each end of the sight, in slices."""
    left_gain: Positive = 1.0
    """Strength of the left motor; 0.75 is a quarter too weak."""
    right_gain: Positive = 1.0
    """Strength of the right motor."""
    dead_time: NotNegative = 0.0
    """Seconds at the beginning of each pulse in which the wheels do not turn yet."""
    camera_yaw_degrees: Annotated[float, Ge(-45), Le(45)] = 0.0
    """How far the camera is turned to the right."""
    battery_sag: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of its speed that a robot loses in each 1,000 moves, as its battery runs down."""
    rendered: bool = False
    """Train and drive one robot through drawn pictures and the detector, not a fleet by geometry."""
    randomise: bool = False
    """Make each episode's robot differ, so that the policy also drives a robot that is not perfect."""
    randomisation: RandomisationSettings = RandomisationSettings()

    @model_validator(mode="after")
    def _possible(self) -> "SimulatorSettings":
        nearest = self.target_width / 2 + CONTACT_GAP
        if self.start_distance[0] < nearest:
            raise ValueError(
                f"the robot would start inside a target {self.target_width} m wide; "
                f"let start_distance begin at {nearest:.2f} m or more"
            )
        return self


class Config(BaseSettings):
    """All settings of robot-agent."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
    )

    preset: Literal["fleet", "quick", "one", "fine-tune", "randomised", "original"] | None = None
    """Settings that belong together: fleet, quick (learns soonest, with NumPy; ends a little worse),
    one (a robot alone), fine-tune (one that begins with a policy of another robot),
    randomised (also drives a robot that is not perfect), original (the network of the
    question this project began with)."""
    robot: str = "sim"
    """The robot: sim, pi (the motor board and camera below), or your own as MODULE:FACTORY."""
    store: Path = Path("robot-agent.db")
    """The file that keeps runs, episodes and checkpoints."""
    seed: Annotated[int, Ge(0)] | None = None
    """Of everything random: the same seed gives the same run; a new one is drawn if not set."""
    vision: VisionSettings = VisionSettings()
    task: TaskSettings = TaskSettings()
    network: NetworkSettings = NetworkSettings()
    learner: LearnerSettings = LearnerSettings()
    train: TrainSettings = TrainSettings()
    camera: CameraSettings = CameraSettings()
    motors: MotorsSettings = MotorsSettings()
    episodes: EpisodesSettings = EpisodesSettings()
    simulator: SimulatorSettings = SimulatorSettings()

    @property
    def one_robot(self) -> bool:
        """Whether a single robot is trained and driven, real or rendered."""
        return self.robot != "sim" or self.simulator.rendered

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, environment, robot.toml, preset: the stronger first."""
        file = TomlConfigSettingsSource(settings_cls, _file.get())
        return init_settings, env_settings, file, PresetSource(settings_cls)


class PresetSource(PydanticBaseSettingsSource):
    """The settings of the preset that the stronger sources name, or that fits the robot they name."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the preset is answered as a whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the preset's settings; nothing for an unknown one, which validation then refuses."""
        state = self.current_state
        simulator = state.get("simulator")
        given = simulator.get("rendered", False) if isinstance(simulator, Mapping) else False
        rendered = str(given).lower() in (
            "true",
            "1",
            "yes",
            "on",
        )
        alone = rendered or state.get("robot", "sim") != "sim"
        name = state.get("preset") or ("one" if alone else "fleet")
        return PRESETS.get(name, {}) if isinstance(name, str) else {}


def load(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Config:
    """Read the settings from a file, the environment and flags.

    Args:
        file: a robot.toml; the one in the current folder, if there is one, when not given.
        flags: the strongest settings, nested as the sections are.

    Raises:
        SettingsError: a setting is unknown or cannot be used; its text names all of them.
    """
    if file is not None and not file.is_file():
        raise SettingsError(f"There is no settings file {str(file)!r}; name an existing one after --config.")
    path = file or Path("robot.toml")
    for name in os.environ:
        first = name.removeprefix(PREFIX).split("__")[0].lower()
        if name.startswith(PREFIX) and first not in Config.model_fields:
            raise SettingsError(f"The variable {name}: {unknown('setting', first, Config.model_fields)}")
    before = _file.set(path)
    try:
        return Config(**(flags or {}))
    except ValidationError as error:
        raise SettingsError(" ".join(explain(Config, error))) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend that line.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not a text file; write it as UTF-8 TOML.") from None
    finally:
        _file.reset(before)


def explain(model: type[BaseModel], error: ValidationError) -> Iterator[str]:
    """Yield one sentence for each thing that is wrong, with the nearest known setting where it is unknown."""
    for problem in error.errors():
        path = [str(part) for part in problem["loc"]]
        name = ".".join(path)
        if problem["type"] == "extra_forbidden":
            section: Any = model
            for part in path[:-1]:
                section = section.model_fields[part].annotation
            kind = f"setting in [{'.'.join(path[:-1])}]" if len(path) > 1 else "setting"
            yield unknown(kind, path[-1], section.model_fields)
        elif problem["type"] == "model_type":
            yield f"The setting {name!r} is a table; write it as [{name}] with its settings below."
        else:
            message = problem["msg"].removeprefix("Value error, ")
            known = re.findall("'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
            hint = did_you_mean(problem["input"], known)
            yield f"The setting {name!r} cannot be {problem['input']!r}: {message}.{hint}"


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay nested settings over others; neither is changed."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        nested = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[name] = merge(below or {}, value) if nested else value
    return merged


def parse_assignments(assignments: list[str]) -> dict[str, Any]:
    """Turn `section.name=value` texts, values as in TOML, into nested settings."""
    settings: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SettingsError(f"{text!r} is no setting; write it as section.name=value.")
        try:
            parsed = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            parsed = value
        *sections, last = name.strip().split(".")
        place = settings
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = parsed
    return settings


def describe(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield name, default and sentence of every setting."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from describe(type(default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", default, field.description or ""
