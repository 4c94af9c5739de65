"""The sections of robot, task, learning and simulator: each setting with default, range and a sentence."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, Field, model_validator

from robot_agent.envs.task import MAX_MOVES, MAX_SECONDS, TOLERANCE, ActionKind, ObservationKind, RewardKind
from robot_agent.learning.policy import BackendKind
from robot_agent.motors.boards import BOARDS, USUAL_BOARD
from robot_agent.settings.values import (
    Count,
    Listed,
    LogStd,
    NotNegative,
    Positive,
    Range,
    Section,
    Share,
    Slice,
    ordered,
)
from robot_agent.simulator.physics import CONTACT_GAP
from vision.sight import GOAL


def _pin(number: Any) -> Any:
    if number is not False and (isinstance(number, bool) or not isinstance(number, int)):
        raise ValueError("give a BCM number, or false for a pin that is not wired")
    return number


class MotorsSettings(Section):
    """The motor board of a real robot."""

    board: str = Field(default=USUAL_BOARD, description=f"The motor board: {', '.join(BOARDS)}.")
    pins: dict[str, Annotated[Any, AfterValidator(_pin)]] = {}  # noqa: RUF012 - pydantic copies it
    """Pins that differ from the board's usual ones, by BCM number, as in left_forward = 17. An enable,
    standby or sleep pin is false if it is not wired because the board itself holds it high."""
    swapped: bool = False
    """The left motor is wired where the right one should be."""
    left_inverted: bool = False
    """The left wheel turns backwards when it should turn forwards."""
    right_inverted: bool = False
    """The right wheel turns backwards when it should turn forwards."""
    left_trim: Annotated[float, Gt(0), Le(1)] = 1.0
    """Factor of the left wheel's power, so that the robot drives straight."""
    right_trim: Annotated[float, Gt(0), Le(1)] = 1.0
    """The same for the right wheel."""
    dead_band: Annotated[float, Ge(0), Le(0.9)] = 0.0
    """Smallest power that turns the wheels; all powers are mapped to above it."""
    frequency: Annotated[int, Ge(1), Le(10_000)] = 100
    """Frequency of the pulse-width modulation, Hz."""
    ramp_seconds: Annotated[float, Ge(0), Le(0.2)] = 0.03
    """Seconds in which the wheels come up to speed, and down again, to spare the gears."""
    pin_factory: str = "lgpio"
    """What drives the pins: lgpio; mock for no real pins; or MODULE:FACTORY."""
    guard: str | None = None
    """Path of the socket of a guard that already runs; if not set, a guard is started."""


class EpisodesSettings(Section):
    """How episodes begin on a real floor."""

    start: Literal["robot", "manual", "back_and_search"] = "robot"
    """robot: the robot's own reset, or a person if it has none; manual: a person puts the robot there;
    back_and_search: the robot backs off and turns until it sees its target."""
    max_distance: Positive = 2.2
    """Greatest distance of the robot from its target, metres."""
    max_pulses: Count = 60
    """Number of pulses after which a robot that has not come to a start asks for help."""


class TaskSettings(Section):
    """What is to be learned."""

    goal: Annotated[tuple[Slice, Slice], Listed, AfterValidator(ordered)] = (GOAL.x1, GOAL.x2)
    """The goal sight: first and last slice that the target fills at the end."""
    tolerance: Annotated[int, Ge(0)] = TOLERANCE
    """The goal is reached when both ends are at most this many slices off."""
    max_moves: Count = MAX_MOVES
    """Moves after which an episode times out."""
    max_seconds: Annotated[float, Gt(0), Le(1.5)] = MAX_SECONDS
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
    """Penalty for losing the target, taken off the reward."""
    factory: str = ""
    """A task of your own as MODULE:FACTORY, see `Task` in robot_agent/envs/task.py. The factory is called
    with those of the settings above that its parameters name; empty: the task of this package."""


class NetworkSettings(Section):
    """The policy's network and its exploration."""

    hidden: Annotated[tuple[Count, ...], Listed] = (16, 16)
    """Sizes of the hidden layers."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Activation function between the layers."""
    output: Literal["linear", "relu"] = "linear"
    """Activation function of the output; the original network had relu."""
    initialisation: Literal["orthogonal", "default"] = "orthogonal"
    """First weights: orthogonal with a small output layer, or PyTorch's default."""
    log_std_steering: LogStd = -2.5
    """Logarithm of the exploration's standard deviation at the start, for curvature or wheels."""
    log_std_duration: LogStd = -1.0
    """The same for the duration."""
    log_std_floor: LogStd = -3.0
    """Smallest logarithm of the exploration's standard deviation."""


class LearnerSettings(Section):
    """REINFORCE, or a learner of your own."""

    algorithm: str = "reinforce"
    """What learns: reinforce, with the settings below, or your own as MODULE:FACTORY, a function from a
    policy, a value network, a seed and the options to a Learner (see robot_agent/learning/learner.py)."""
    options: dict[str, bool | int | float | str] = {}  # noqa: RUF012
    """Keyword arguments of your own learner, as in options.clip_range = 0.2; none of reinforce."""
    backend: BackendKind = "torch"
    """Library that computes the gradients: torch, or numpy where PyTorch is not installed. Both learn the
    same, and each can continue what the other has learned."""
    gamma: Annotated[float, Gt(0), Le(1)] = 0.9
    """Discount of later rewards per move; a lower discount gives quicker, greedier policies."""
    baseline: Literal["time", "value", "none"] = "time"
    """What a return is compared with: time (the mean of each time step), value (a value network), none."""
    gae_lambda: Share = 1.0
    """Lambda of generalised advantage estimation; below 1 it needs the value network."""
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.02
    """Learning rate of the policy at the start; it falls linearly to 0."""
    value_learning_rate: Annotated[float, Gt(0), Le(1)] = 0.01
    """Learning rate of the value network."""
    entropy_bonus: NotNegative = 0.0
    """Weight of the policy's entropy in the objective."""
    max_gradient_norm: Positive = 1.0
    """Norm to which a longer gradient is scaled down."""
    epochs: Count = 2
    """Steps that are made with each batch; from the second on with clipped importance weights."""
    replay_batches: Count = 1
    """Number of latest batches that each update learns from, with importance weights."""
    clip_range: Positive = 0.8
    """How far an importance weight may be from 1 before its move no longer counts."""
    mirror: bool = False
    """Learn from each episode a second time, with left and right exchanged."""


class TrainSettings(Section):
    """Length of the training, number of robots, evaluations."""

    robots: Count = 384
    """Number of robots simulated at once; a real or rendered robot is always one."""
    moves: Count = 600_000
    """Number of moves of the whole training."""
    episodes_per_update: Count = 384
    """Least number of episodes, or rollouts, in each update of the policy."""
    rollout_moves: Annotated[int, Ge(0)] = 0
    """Length of a rollout: a fleet learns from this number of moves of each robot, which then goes on where
    it stands; 0 for whole episodes. Short rollouts learn sooner and end a little worse."""
    evaluate_every: Count = 5000
    """Moves between two evaluations; they become rarer as the training goes on."""
    evaluation_episodes: Count = 1000
    """Held-out starts of each evaluation in the simulator."""
    checkpoint_seconds: NotNegative = 1.0
    """Least seconds between two checkpoints of a fleet; a single robot's episodes are all kept."""
    log: Annotated[tuple[str, ...], Listed] = ()
    """Further loggers of the training's events: tensorboard:DIR, or your own as MODULE:FACTORY, a function
    that returns an object which is called with each event."""


class RandomisationSettings(Section):
    """How far each episode's robot may differ from the nominal one."""

    weak_motor: Share = 0.30
    """Greatest share by which one motor, drawn at random, is weaker."""
    dead_time: NotNegative = 0.15
    """Greatest random delay before the wheels turn, seconds."""
    camera_yaw_degrees: NotNegative = 6.0
    """Greatest random angle by which the camera is turned to either side."""
    speed: Range = (0.8, 1.1)
    """Range of the random factor, new in each episode, that full speed is multiplied by."""
    target_width: Range = (0.9, 1.1)
    """Range of the random factor that the target's width is multiplied by."""
    field_of_view: Range = (0.95, 1.05)
    """Range of the random factor that the field of view is multiplied by."""


class PicturesSettings(Section):
    """The pictures of a single robot's episodes, kept beside the store."""

    megabytes: NotNegative | None = None
    """Space for the pictures, MB; the oldest are deleted for new ones, those of marked runs last. 0 keeps
    none. If not set: 500, but 0 for robot = pi, because writing wears out its memory card."""


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
    """Greatest angle of the target to either side at the start."""
    wheel_noise: NotNegative = 0.02
    """Standard deviation of each wheel's speed from move to move, as a share."""
    asymmetry: NotNegative = 0.05
    """Standard deviation of the difference of the motors from episode to episode, as a share."""
    vision_noise: NotNegative = 0.5
    """Standard deviation of each end of the sight, in slices."""
    left_gain: Positive = 1.0
    """Factor of the left wheel's speed; 0.75 is a motor that is a quarter too weak."""
    right_gain: Positive = 1.0
    """Factor of the right wheel's speed."""
    dead_time: NotNegative = 0.0
    """Seconds at the beginning of each pulse in which the wheels do not turn yet."""
    camera_yaw_degrees: Annotated[float, Ge(-45), Le(45)] = 0.0
    """How far the camera is turned to the right."""
    battery_sag: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of its speed that a robot loses in each 1,000 moves as its battery runs down."""
    rendered: bool = False
    """Train and drive one robot through rendered pictures and the detector, not a fleet by geometry."""
    randomise: bool = False
    """Give each episode a different robot, so that the policy also drives one that is not perfect."""
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
