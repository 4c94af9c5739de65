"""Strangers whose faults no parameter of the robot model describes.

    python -m tests.benchmarks.strangers --odd --seeds 2

The model has one dead band, one dead time, one straight line from power to speed, and a camera on the middle
of the robot. Here are robots where that is wrong.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from robot_agent.motors.motors import check_pulse
from tests.benchmarks.strangers import Stranger, StrangerRobot
from vision.sight import SLICES, Sight


@dataclass(frozen=True, slots=True)
class Odd(Stranger):
    """A stranger with what the others do not have."""

    grip: tuple[float, float] | None = None
    """Friction under the left and the right wheel."""
    drag: tuple[float, float] = (0.0, 0.0)
    """Friction of the front caster, and how far it is to the right, m."""
    aside: float = 0.0
    """How far the camera is to the right of the robot's middle, m."""
    pitch: float = 0.0
    """Degrees that the camera looks down from a height of 0.15 m; what is seen is the target's foot."""
    late: tuple[float, float] = (0.0, 0.0)
    """Latency is drawn anew for each pulse between these, s."""
    side_late: tuple[float, float] = (0.0, 0.0)
    """What each wheel starts later, s."""
    steps: int = 0
    """Powers are cut to so many steps."""
    stall: tuple[float, float] = (0.0, 0.0)
    """Power below which each wheel stands; at that power it jumps to speed."""
    bands: tuple[float, float] | None = None
    """A dead band for each wheel."""
    curve: float = 1.0
    """Speed is power to this."""
    cap: tuple[float, float] = (1.0, 1.0)
    """Each wheel turns no faster than at this power."""
    slope: float = 0.0
    """Degrees by which the floor falls towards x."""
    stale: int = 0
    """Pictures come so many moves late."""
    false_sights: float = 0.0
    """Share of the sights that are of something else."""
    start_gap: float = 0.0
    """Share of the power that is lost in the first 0.15 s: weak starts."""

    def robot(self, seed: int, change_at: int | None = None) -> StrangerRobot:
        """Build it before its target."""
        return OddRobot(self, seed, change_at)


ODD = (
    Odd("grip 0.8 left, 0.25 right", grip=(0.8, 0.25)),
    Odd("caster drags, 30 mm right", drag=(0.6, 0.03)),
    Odd("camera 20 mm right", aside=0.02),
    Odd("camera 40 mm left", aside=-0.04),
    Odd("camera 20 deg down", pitch=20.0),
    Odd("latency 0 to 0.2 s", late=(0.0, 0.2)),
    Odd("left wheel 0.1 s late", side_late=(0.1, 0.0)),
    Odd("four steps of power", steps=4),
    Odd("both stall below 0.5", stall=(0.5, 0.5)),
    Odd("both stall below 0.3", stall=(0.3, 0.3)),
    Odd("left stalls below 0.4", stall=(0.4, 0.0)),
    Odd("dead bands 0.05, 0.35", bands=(0.05, 0.35)),
    Odd("speed as power squared", curve=2.0),
    Odd("speed as root of power", curve=0.5),
    Odd("left no faster than 0.6", cap=(0.6, 1.0)),
    Odd("slips on starts", friction=0.12, lag=0.004),
    Odd("slope 3 degrees", slope=3.0),
    Odd("battery -30 % in 20", sag=0.3),
    Odd("pictures a move late", stale=1),
    Odd("3 % false sights", false_sights=0.03),
    Odd("edges 1.2 slices off", vision_noise=1.2),
    Odd("slip 15 %, jitter 0.04", noise=0.15, jitter=0.04),
    Odd("motors lag 0.25 s", lag=0.25),
    Odd("yaw 12", yaw=12.0),
    Odd("lens 110", field_of_view=110.0),
    Odd("left 45 % weak", left=0.55),
    Odd("base 0.28, 2x", wheel_base=0.28, full_speed=0.7),
    Odd("weak starts", start_gap=0.6),
    Odd("swapped, late, steps", swapped=True, late=(0.0, 0.12), steps=6, yaw=-4.0),
    Odd("inverted, bands differ", left_sign=-1, bands=(0.3, 0.1), right=0.85),
    Odd("swapped, both inverted, sag", swapped=True, left_sign=-1, right_sign=-1, sag=0.15, aside=0.02),
)  # fmt: skip


class OddRobot(StrangerRobot):
    """One of them before its target."""

    kind: Odd

    def _build(self) -> None:
        super()._build()
        kind, model = self.kind, self.model
        wheels = [g for g in range(model.ngeom) if model.geom_priority[g] == 2]
        casters = [g for g in range(model.ngeom) if model.geom_priority[g] == 1]
        if kind.grip:
            model.geom_friction[wheels, 0] = kind.grip
        if kind.drag[0]:
            model.geom_friction[casters[1], 0] = kind.drag[0]
            model.geom_pos[casters[1], 1] = -kind.drag[1]
        model.opt.gravity[:] = (
            9.81 * math.sin(math.radians(kind.slope)),
            0,
            -9.81 * math.cos(math.radians(kind.slope)),
        )
        self.seen: deque[Sight | None] = deque(maxlen=kind.stale + 1)

    def reset(self) -> None:
        """Carry the robot to a new start."""
        super().reset()
        self.seen.clear()

    def _power(self, wheel: int, command: float) -> float:
        kind = self.kind
        size = abs(command)
        if kind.steps:
            size = round(size * kind.steps) / kind.steps
        band = kind.bands[wheel] if kind.bands else kind.dead_band
        if kind.stall[wheel]:
            share = size if size >= kind.stall[wheel] else 0.0
        else:
            share = max(size - band, 0) / (1 - band)
        return math.copysign(min(share, kind.cap[wheel]) ** kind.curve, command)

    def act(self, left: float, right: float, seconds: float) -> None:
        """Make a pulse, and wait until the robot stands."""
        check_pulse(left, right, seconds)
        kind = self.kind
        if kind.swapped:
            left, right = right, left
        strength = (1 - kind.sag) ** (self.moves / 100) * (1 + kind.noise * self.rng.standard_normal(2))
        speeds = [
            self._power(i, p) * kind.full_speed * g * s
            for i, (p, g, s) in enumerate(
                zip(
                    (left * kind.left_sign, right * kind.right_sign),
                    (kind.left, kind.right),
                    strength,
                    strict=True,
                )
            )
        ]
        late = kind.latency + self.rng.uniform(*kind.late)
        length = seconds + kind.jitter * self.rng.standard_normal() if seconds else 0.0
        at = 0.0
        for until in sorted(
            {*(late + s for s in kind.side_late), late + 0.15 * bool(kind.start_gap), length}
        ):
            until = min(max(until, 0.0), max(length, 0.0))
            if until > at:
                weak = 1 - kind.start_gap if at < late + 0.149 else 1.0
                now = [
                    weak * v if at >= late + s - 1e-9 else 0.0
                    for v, s in zip(speeds, kind.side_late, strict=True)
                ]
                self._step(until - at, (now[0], now[1]))
                at = until
        self._step(0.3, (0.0, 0.0))
        self.moves += 1

    def place(self) -> tuple[float, float]:
        """Distance and bearing of the target from the camera."""
        distance, bearing = super().place()
        seen = distance * complex(math.cos(bearing), math.sin(bearing)) - 1j * self.kind.aside
        return abs(seen), math.atan2(seen.imag, seen.real)

    def _edges(self) -> np.ndarray:
        edges = super()._edges()
        pitch = math.radians(self.kind.pitch)
        if pitch:
            depth = max(self.place()[0], 0.1)
            edges = (edges - SLICES / 2) * depth / (
                depth * math.cos(pitch) + 0.15 * math.sin(pitch)
            ) + SLICES / 2
        return edges

    def look(self) -> Sight | None:
        """What is seen now, or was some moves ago."""
        sight = super().look()
        if self.rng.random() < self.kind.false_sights:
            first = int(self.rng.integers(0, SLICES - 4))
            sight = Sight(first, first + int(self.rng.integers(1, 4)))
        self.seen.append(sight)
        return self.seen[0]
