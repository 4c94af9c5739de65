"""The simulated robot: its geometry, its world, and the pictures that its camera sees."""

from robot_agent.simulator.robot import SimulatedRobot

__all__ = ["SimulatedRobot"]
