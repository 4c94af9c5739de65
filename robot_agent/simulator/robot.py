"""One simulated robot, as a camera and motors: what `--robot sim` drives."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.motors.motors import check_pulse
from robot_agent.simulator.physics import Physics, Randomisation
from robot_agent.simulator.world import World
from vision.sight import Frame

if TYPE_CHECKING:
    from robot_agent.simulator.scene import Scene


class SimulatedRobot:
    """One robot of a `World`, as a camera and motors: pictures are rendered, and a pulse takes no real time.

    The rendered frames pass through the real detector, and the pulses through the real checks.
    """

    can_reset = True

    def __init__(
        self,
        *,
        physics: Physics | None = None,
        randomisation: Randomisation | None = None,
        seed: int | None = None,
        width: int = 320,
        height: int = 240,
    ) -> None:
        """Build a robot, its target and a room, all from one seed; frames are width x height pixels."""
        self.world = World(1, physics=physics, randomisation=randomisation, seed=seed)
        self.width, self.height = width, height
        self.clock = 0.0
        """Simulated seconds that have passed."""
        self._driven = 0.0
        self._look_rng = np.random.default_rng()
        self.seed(seed)

    def seed(self, seed: int | None) -> None:
        """Seed all random numbers, and start anew."""
        self.world.seed(seed)
        self._look_rng = np.random.default_rng(None if seed is None else [seed, 1])
        self.reset()

    @property
    def camera(self) -> "SimulatedRobot":
        """The camera: this robot itself."""
        return self

    @property
    def motors(self) -> "SimulatedRobot":
        """The motors: this robot itself."""
        return self

    def reset(self) -> None:
        """Put the robot at a new start in a new room."""
        self.world.reset()
        self._scene = self._new_scene()

    def put(self, distance: float, bearing: float = 0.0) -> None:
        """Place the robot so that its target is `distance` m away and `bearing` radians to the right."""
        self.world.place[:] = distance * np.exp(1j * bearing)

    def odometer(self) -> float:
        """Total way driven until now, forwards and backwards, m."""
        return self._driven

    def sleep(self, seconds: float) -> None:
        """Advance the simulated clock by `seconds`, without waiting."""
        self.clock += seconds

    def _new_scene(self) -> "Scene":
        from robot_agent.simulator.scene import Scene  # imported here, so that a fleet needs no OpenCV

        return Scene(self._look_rng, target_width=2 * float(self.world.radius[0]))

    def read(self) -> Frame:
        """Draw the picture that the camera takes now: (height, width, 3) uint8 BGR."""
        return self._draw(self._look_rng)

    def peek(self) -> Frame:
        """Draw the picture for a viewer, without using the robot's random numbers."""
        return self._draw(np.random.default_rng(0))

    def _draw(self, rng: np.random.Generator) -> Frame:
        x, y, heading = self.world.poses()[0].tolist()
        return self._scene.draw(
            x,
            y,
            heading,
            rng=rng,
            camera_yaw=float(self.world.yaw[0]),
            field_of_view=2 * math.atan(float(self.world.tan_half_view[0])),
            width=self.width,
            height=self.height,
        )

    def pulse(self, left: float, right: float, seconds: float) -> None:
        """Turn the wheels, see `Motors.pulse`; the simulated clock advances by `seconds`."""
        check_pulse(left, right, seconds)
        before = complex(*self.world.poses()[0, :2])
        self.world.move(np.array([[left], [right]], np.float32), np.array([seconds], np.float32))
        self._driven += abs(complex(*self.world.poses()[0, :2]) - before)
        self.clock += seconds

    def stop(self) -> None:
        """Do nothing: a simulated pulse is over when `pulse` returns."""

    def close(self) -> None:
        """Do nothing: there is no device to give back."""

    def get_state(self) -> dict[str, Any]:
        """Return the state of all random numbers, as JSON values: enough to resume between two episodes."""
        return {"world": self.world.get_state(), "look": self._look_rng.bit_generator.state}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state of `get_state`."""
        self.world.set_state(state["world"])
        self._look_rng.bit_generator.state = state["look"]
