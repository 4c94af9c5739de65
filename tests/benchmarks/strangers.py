"""Strangers: robots that this project's simulator does not model, in a physics world of their own (MuJoCo).

    pip install mujoco
    python -m tests.benchmarks.strangers --action wheels --seeds 5

A robot is a chassis on two driven wheels and two ball casters, with contact, friction, inertia, motors that
lag, a dead band, and batteries whose voltage sags. A driver can only call `look` and `act`; it does not get
the robot's numbers.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import mujoco
import numpy as np

from robot_agent.build.simulation import make_approach
from robot_agent.envs.task import Approach, Ending, as_array, judge_sight
from robot_agent.identification.pilot import Driven, KnowingPilot
from robot_agent.identification.policies import read_policy
from robot_agent.motors.motors import Pulse, check_pulse
from robot_agent.pilot import load_policy
from vision.sight import SLICES, Sight

LEAST_VISIBLE = 0.5
"""Slices of the target that must be in the picture for it to be seen."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """One robot, its floor, its camera and its target."""

    name: str
    full_speed: float = 0.32
    left: float = 1.0
    """Strength of the left motor."""
    right: float = 1.0
    wheel_base: float = 0.14
    dead_band: float = 0.05
    latency: float = 0.0
    """Seconds until a command reaches the motors; the pulse's end is on time."""
    lag: float = 0.04
    """Time constant of the motors, s."""
    coast: float = 0.0
    """Share of the braking torque that is missing after a pulse: the robot rolls on."""
    friction: float = 0.8
    damping: float = 0.0
    """Resistance of the floor, share of the motor's own."""
    tyre: float = 0.006
    """Width of the tyres, m: wide ones scrub over the floor in turns."""
    noise: float = 0.02
    """Standard deviation of either motor's strength from pulse to pulse."""
    jitter: float = 0.008
    """Standard deviation of a pulse's length, s."""
    yaw: float = 0.0
    """Degrees to the right."""
    ahead: float = 0.05
    field_of_view: float = 62.2
    """Degrees; the robot's settings say 62.2 whatever it is."""
    target: float = 0.20
    vision_noise: float = 0.35
    swapped: bool = False
    left_sign: int = 1
    right_sign: int = 1
    sag: float = 0.0
    """Share of speed lost in each 100 moves."""
    later: dict[str, Any] = field(default_factory=dict)
    """What changes at the episode `change_at`."""

    def robot(self, seed: int, change_at: int | None = None) -> "StrangerRobot":
        """Build it before its target."""
        return StrangerRobot(self, seed, change_at)


STRANGERS = (
    Stranger("symmetric"),
    Stranger("left 20 % weak", left=0.8),
    Stranger("right 20 % weak", right=0.8),
    Stranger("latency 0.1 s", latency=0.1),
    Stranger("yaw 5", yaw=5.0),
    Stranger("yaw -5", yaw=-5.0),
    Stranger("lens 45", field_of_view=45.0),
    Stranger("lens 90", field_of_view=90.0),
    Stranger("target 0.15", target=0.15),
    Stranger("target 0.30", target=0.30),
    Stranger("base 0.11", wheel_base=0.11),
    Stranger("base 0.18", wheel_base=0.18),
    Stranger("speed 0.25x", full_speed=0.0875),
    Stranger("speed 2x", full_speed=0.70),
    Stranger("dead band 0.3", dead_band=0.3),
    Stranger("wires swapped", swapped=True),
    Stranger("left inverted", left_sign=-1),
    Stranger("right inverted", right_sign=-1),
    Stranger("both inverted", left_sign=-1, right_sign=-1),
    Stranger("swapped, right weak", swapped=True, right=0.8),
    Stranger("battery sags", sag=0.08),
    Stranger("floor changes", later={"friction": 0.3, "damping": 0.5}),
    Stranger("wide tyres", tyre=0.024),
    Stranger("coasts", coast=0.9, lag=0.12),
    Stranger(
        "all at once", left=0.82, latency=0.05, yaw=3.0, wheel_base=0.16, dead_band=0.15, field_of_view=55.0,
        target=0.24, full_speed=0.42, noise=0.04, jitter=0.02, friction=0.5,
    ),
)  # fmt: skip

CHANGING = (
    Stranger("floor with less grip", later={"friction": 0.3, "damping": 0.6}),
    Stranger("battery plugged in", full_speed=0.25, later={"full_speed": 0.40}),
    Stranger("left motor weakens by 40 %", later={"left": 0.6}),
    Stranger("wires plugged in swapped", later={"swapped": True}),
    Stranger("left motor plugged in backwards", later={"left_sign": -1}),
)
"""Robots that become other ones in the middle of a run."""

_XML = """
<mujoco>
  <option timestep="0.004" integrator="implicitfast" cone="elliptic"/>
  <default>
    <geom condim="4"/>
    <default class="caster">
      <geom type="sphere" size=".014" mass=".02" friction=".02 .001 .0001" condim="3" priority="1"/>
    </default>
    <default class="wheel">
      <joint axis="0 1 0" damping="{damping}" armature=".0001"/>
      <geom type="cylinder" size=".033 {tyre}" euler="90 0 0" mass=".03" priority="2"
        friction="{friction} .005 .0001"/>
    </default>
    <default class="motor">
      <general dyntype="filter" dynprm="{lag}" gainprm="{torque}" biastype="affine" biasprm="0 0 -{torque}"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 .1" friction="{friction} .005 .0001"/>
    <geom name="target" type="cylinder" size="{radius} .15" pos="0 0 .15"/>
    <body name="chassis" pos="3 0 .035">
      <freejoint/>
      <geom type="box" size=".07 {half_body} .02" pos="-.01 0 .012" mass=".45"/>
      <geom class="caster" pos="-.06 0 -.021"/>
      <geom class="caster" pos=".045 0 -.0195"/>
      <body pos="0 {half_base} -.002">
        <joint class="wheel" name="left"/>
        <geom class="wheel"/>
      </body>
      <body pos="0 -{half_base} -.002">
        <joint class="wheel" name="right"/>
        <geom class="wheel"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <general class="motor" joint="left"/>
    <general class="motor" joint="right"/>
  </actuator>
</mujoco>
"""
RADIUS, TORQUE = 0.033, 0.008
"""Of a wheel, m; a motor's torque for each rad/s that it is too slow, N m s."""


class StrangerRobot:
    """One stranger before its target."""

    def __init__(self, stranger: Stranger, seed: int, change_at: int | None = None) -> None:
        """Build it; at the start of episode `change_at` (from 0) what is `later` comes true."""
        self.rng, self.starts = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.kind, self.change_at = stranger, change_at
        self.moves, self.episodes = 0, 0
        self._build()

    def _build(self) -> None:
        kind = self.kind
        self.model = mujoco.MjModel.from_xml_string(
            _XML.format(
                friction=kind.friction,
                tyre=kind.tyre / 2,
                lag=max(kind.lag, 0.004),
                torque=TORQUE,
                damping=0.0004 + TORQUE * kind.damping,
                radius=kind.target / 2,
                half_base=kind.wheel_base / 2,
                half_body=max(kind.wheel_base / 2 - 0.02, 0.03),
            )
        )
        self.data = mujoco.MjData(self.model)

    def reset(self) -> None:
        """Carry the robot to a new start, 0.6 to 2 m away, from where it sees its target."""
        if self.change_at is not None and self.episodes == self.change_at:
            self.kind = replace(self.kind, later={}, **self.kind.later)
            self._build()
        self.episodes += 1
        while True:
            distance, bearing = self.starts.uniform(0.6, 2.0), math.radians(self.starts.uniform(-25, 25))
            around = self.starts.uniform(-math.pi, math.pi)
            mujoco.mj_resetData(self.model, self.data)
            heading = around + math.pi + bearing
            self.data.qpos[:3] = distance * math.cos(around), distance * math.sin(around), 0.035
            self.data.qpos[3:7] = math.cos(heading / 2), 0, 0, math.sin(heading / 2)
            self._step(0.15, (0.0, 0.0))
            edges = np.clip(self._edges(), 0, SLICES)
            if edges[1] - edges[0] >= 1.0:
                return

    def _step(self, seconds: float, speeds: tuple[float, float], brake: float = 1.0) -> None:
        """Let the motors follow wheel speeds, m/s, for a while, with so much of their torque."""
        self.model.actuator_gainprm[:, 0] = brake * TORQUE
        self.model.actuator_biasprm[:, 2] = -brake * TORQUE
        self.data.ctrl[:] = speeds[0] / RADIUS, speeds[1] / RADIUS
        mujoco.mj_step(self.model, self.data, nstep=round(seconds / self.model.opt.timestep))

    def act(self, left: float, right: float, seconds: float) -> None:
        """Make a pulse, and wait until the robot stands."""
        check_pulse(left, right, seconds)
        kind = self.kind
        if kind.swapped:
            left, right = right, left
        strength = (1 - kind.sag) ** (self.moves / 100) * (1 + kind.noise * self.rng.standard_normal(2))
        wanted = [left * kind.left_sign, right * kind.right_sign]
        speeds = [
            math.copysign(max(abs(p) - kind.dead_band, 0) / (1 - kind.dead_band), p) * kind.full_speed * g * s
            for p, g, s in zip(wanted, (kind.left, kind.right), strength, strict=True)
        ]
        length = (
            max(seconds + kind.jitter * self.rng.standard_normal() - kind.latency, 0.0) if seconds else 0.0
        )
        self._step(length, (speeds[0], speeds[1]))
        if kind.coast:
            self._step(0.15, (0.0, 0.0), brake=1 - kind.coast)
        self._step(0.3, (0.0, 0.0))
        self.moves += 1

    def effect(self, left: float, right: float, seconds: float) -> tuple[complex, float]:
        """Make a pulse far from the target.

        Returns the way, m, forward and (imaginary) to the right, and the turn to the right, radians.
        """
        mujoco.mj_resetData(self.model, self.data)
        self._step(0.15, (0.0, 0.0))
        before = complex(*self.data.qpos[:2])
        self.act(left, right, seconds)
        return (complex(*self.data.qpos[:2]) - before).conjugate(), -self.heading()

    def heading(self) -> float:
        """Direction in which the robot looks, radians to the left of the world's x axis."""
        w, x, y, z = self.data.qpos[3:7]
        return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))

    def place(self) -> tuple[float, float]:
        """Distance, m, and bearing, radians to the right of the heading, of the target from the camera."""
        heading = self.heading()
        eye = complex(*self.data.qpos[:2]) + self.kind.ahead * complex(math.cos(heading), math.sin(heading))
        to_target = -eye * complex(math.cos(heading), -math.sin(heading))
        return abs(to_target), -math.atan2(to_target.imag, to_target.real)

    def _edges(self) -> np.ndarray:
        distance, bearing = self.place()
        half = math.asin(min(self.kind.target / 2 / distance, 0.999))
        off = bearing - math.radians(self.kind.yaw)
        scale = SLICES / 2 / math.tan(math.radians(self.kind.field_of_view) / 2)
        angles = np.clip([off - half, off + half], -1.55, 1.55)
        return SLICES / 2 + scale * np.tan(angles)

    def look(self) -> Sight | None:
        """What is seen now."""
        edges = self._edges() + self.kind.vision_noise * self.rng.standard_normal(2)
        left, right = np.clip(edges, 0, SLICES * (1 - 1e-7))
        if right - left < LEAST_VISIBLE:
            return None
        return Sight(int(left), max(int(left), int(right)))

    def stop(self) -> None:
        """Do nothing: every pulse has ended."""


class Driver(Protocol):
    """What is tried on the strangers."""

    def episode(self, robot: Driven) -> tuple[Ending, int]:
        """Drive one episode; returns how it ended and the moves it took."""


class Plain:
    """A policy that is told nothing of its robot, as `robot-agent export` writes it."""

    def __init__(self, file: Path) -> None:
        """Read the policy and its task."""
        self.policy, settings = load_policy(file)
        self.task = make_approach(settings)

    def episode(self, robot: Driven) -> tuple[Ending, int]:
        """Drive one episode."""
        return drive_by(self.decide, self.task, robot)

    def decide(self, sight: Sight) -> Pulse:
        """Return the most probable pulse."""
        pulses = self.task.pulses(self.policy.greedy(self.task.observe(as_array(sight))).astype(np.float32))
        return Pulse(float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0]), float(pulses.seconds[0]))


class Trimming:
    """A classical controller: turn to the target in proportion, and learn the trim from what is left over."""

    def __init__(self) -> None:
        """Trust both wheels alike."""
        self.task = Approach(action="wheels")
        self.trim = 0.0
        """ln of right / left power that drives straight ahead."""

    def episode(self, robot: Driven) -> tuple[Ending, int]:
        """Drive one episode."""
        self.last: tuple[float, float] | None = None
        return drive_by(self.decide, self.task, robot)

    def decide(self, sight: Sight) -> Pulse:
        """Steer by the target's side, drive by its width; an integral term takes up what always remains."""
        off, width = (sight.x1 + sight.x2 - 41) / 42, sight.x2 - sight.x1 + 1
        if self.last is not None:
            before, asked = self.last
            # The target moves to the side that the robot does not turn to.
            self.trim = float(np.clip(self.trim - 0.3 * (off - before + asked), -0.8, 0.8))
        turn, way = 0.35 * off, float(np.clip(22 / width - 1, 0.05, 3)) * 0.33
        seconds = float(np.clip(way / 0.35, 0.08, 1.0))
        half = turn * 0.14 / max(0.35 * seconds, 0.03)
        left, right = (1 + half) * math.exp(-self.trim / 2), (1 - half) * math.exp(self.trim / 2)
        most = max(left, right, 1.0)
        self.last = (off, 0.0 if abs(off) < 0.02 else 0.8 * off)
        return Pulse(max(left / most, 0.0), max(right / most, 0.0), seconds)


def drive_by(decide: Callable[[Sight], Pulse], task: Approach, robot: Driven) -> tuple[Ending, int]:
    """Drive one episode by a function from sights to pulses; returns how it ended and its moves."""
    sight = robot.look()
    for move in range(1, task.max_moves + 1):
        if sight is None:
            return Ending.LOST, move - 1
        pulse = decide(sight)
        robot.act(pulse.left, pulse.right, pulse.seconds)
        sight = robot.look()
        if sight is not None and judge_sight(task, sight)[1] is Ending.REACHED:
            return Ending.REACHED, move
    return Ending.TIMEOUT if sight is not None else Ending.LOST, task.max_moves


@dataclass(frozen=True, slots=True)
class Result:
    """How some seeds of one stranger went."""

    success: float
    """Share of the episodes from the third on that reached the goal."""
    moves: float
    """Mean moves of those."""
    until: list[int | None]
    """Per seed, moves until 98 % of the next 50 episodes succeed; None: never."""
    changes: list[list[int]]
    """Per seed, after which moves the pilot found the robot to be another one."""


def play(kind: Stranger, driver: Driver, seed: int, episodes: int, change_at: int) -> tuple[Any, Any]:
    """Play episodes with one robot: whether each reached the goal, and its moves."""
    robot = kind.robot(seed, change_at if kind.later else None)
    reached, moves = np.zeros(episodes, np.bool_), np.zeros(episodes, np.int64)
    for number in range(episodes):
        robot.reset()
        ending, moves[number] = driver.episode(robot)
        reached[number] = ending is Ending.REACHED
    return reached, moves


def until_it_succeeds(reached: Any, moves: Any, window: int = 50) -> int | None:
    """Moves until 98 % of the next `window` episodes succeed; None when they never do."""
    for first in range(len(reached) - window + 1):
        if reached[first : first + window].mean() >= 0.98:
            return int(moves[:first].sum())
    return None


def measure(
    kind: Stranger, make: Callable[[], Driver], seeds: int, episodes: int = 60, first_seed: int = 0
) -> Result:
    """Try fresh drivers on a stranger, a seed each; what changes does so half way."""
    outcomes, changes = [], []
    for seed in range(first_seed, first_seed + seeds):
        driver = make()
        outcomes.append(play(kind, driver, seed, episodes, episodes // 2))
        knowledge = getattr(driver, "knowledge", None)
        changes.append([change.move for change in knowledge.changes] if knowledge else [])
    reached, moves = (np.array(part)[:, 2:] for part in zip(*outcomes, strict=True))
    mean = float(moves[reached].mean()) if reached.any() else math.nan
    return Result(float(reached.mean()), mean, [until_it_succeeds(*outcome) for outcome in outcomes], changes)


def changes(make: Callable[[], Driver], seeds: int, before: int = 20, after: int = 10) -> None:
    """Print how soon each change is noticed, and how the ten episodes after it go."""
    print(f"{'':32} success  moves  noticed after moves, each seed (- never), false alarms before")
    for kind in CHANGING:
        reached, moves, noticed, early = [], [], [], 0
        for seed in range(seeds):
            driver: Any = make()
            ok, made = play(kind, driver, seed, before + after, before)
            at = int(made[:before].sum())
            later = [change.move - at for change in driver.knowledge.changes if change.move > at]
            early += len(driver.knowledge.changes) - len(later)
            noticed.append(str(later[0]) if later else "-")
            reached.append(ok[before:])
            moves.append(made[before:][ok[before:]].mean())
        print(
            f"{kind.name:32} {np.mean(reached):6.1%} {np.mean(moves):6.2f}  {' '.join(noticed)}  {early}",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of all strangers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--action", choices=("wheels", "curvature"), default="wheels")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--episodes", type=int, default=60)
    parser.add_argument("--policy", type=Path, help="another policy that is told its robot")
    parser.add_argument("--plain", type=Path, help="a policy that is told nothing, of robot-agent export")
    parser.add_argument("--oracle", action="store_true", help="an oracle of each robot: the fewest moves")
    parser.add_argument("--trimming", action="store_true", help="a classical controller that learns its trim")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names of strangers")
    parser.add_argument("--odd", action="store_true", help="robots that no parameter of the model describes")
    parser.add_argument("--changes", action="store_true", help="robots that become other ones instead")
    parser.add_argument("--out", type=Path, help="results as JSON")
    options = parser.parse_args(arguments)

    def make() -> Driver:
        if options.trimming:
            return Trimming()
        if options.oracle:
            from tests.benchmarks.stranger_oracle import StrangerOracle

            return StrangerOracle(options.action)
        if options.plain is not None:
            return Plain(options.plain)
        if options.policy is None:
            return KnowingPilot.shipped(options.action)
        act, task, _ = read_policy(options.policy)
        return KnowingPilot(act, task)

    if options.changes:
        changes(make, options.seeds)
        return 0
    strangers: Sequence[Stranger] = STRANGERS
    if options.odd:
        from tests.benchmarks.odd_strangers import ODD as strangers  # noqa: N811
    kinds = [kind for kind in strangers if not options.only or kind.name in options.only]
    results = {}
    print(f"{'':22} success  moves  moves until 98 %, each seed")
    for kind in kinds:
        start = time.perf_counter()
        result = results[kind.name] = measure(kind, make, options.seeds, options.episodes, options.first_seed)
        until = " ".join("never" if moves is None else str(moves) for moves in result.until)
        seconds = time.perf_counter() - start
        print(
            f"{kind.name:22} {result.success:6.1%} {result.moves:6.2f}  {until:32} "
            f"changes {result.changes}  {seconds:.0f} s",
            flush=True,
        )
    moves = [result.moves for result in results.values()]
    success = [result.success for result in results.values()]
    print(f"median of the moves {np.median(moves):.2f}, least success {min(success):.1%}")
    if options.out:
        values = {
            name: {"success": r.success, "moves": r.moves, "until": r.until} for name, r in results.items()
        }
        options.out.write_text(json.dumps(values, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
