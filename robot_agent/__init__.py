"""Robots that learn to drive to what they see: simulator, task, REINFORCE, training and keeping.

Importing this package registers the Gymnasium environment ``RobotAgent/Approach-v0`` (one robot, or
a fleet through ``gymnasium.make_vec``). Nothing here imports torch, gpiozero or a camera until it is used.
"""

import os

# At the size of these networks a second thread makes all slower; this must come before NumPy.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

import gymnasium  # noqa: E402

__version__ = "0.1.0"

gymnasium.register(
    id="RobotAgent/Approach-v0",
    entry_point="robot_agent.environment:RobotEnvironment",
    vector_entry_point="robot_agent.environment:FleetEnvironment",
)
