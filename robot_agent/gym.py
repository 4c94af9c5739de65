"""Importing this module makes `RobotAgent/Approach-v0` known to Gymnasium: one robot, or a fleet of them.

import gymnasium
import robot_agent.gym

one = gymnasium.make("RobotAgent/Approach-v0")
fleet = gymnasium.make_vec("RobotAgent/Approach-v0", num_envs=256)
"""

from robot_agent.registration import register_environments

register_environments()
