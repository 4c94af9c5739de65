"""Importing this module registers `RobotAgent/Approach-v0` with Gymnasium: one robot, or a fleet of them.

import gymnasium
import robot_agent.gym

one = gymnasium.make("RobotAgent/Approach-v0")
fleet = gymnasium.make_vec("RobotAgent/Approach-v0", num_envs=256)
"""

import gymnasium

gymnasium.register(
    id="RobotAgent/Approach-v0",
    entry_point="robot_agent.envs.single:RobotEnvironment",
    vector_entry_point="robot_agent.envs.fleet:FleetEnvironment",
)
