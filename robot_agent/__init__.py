"""Robots that learn to drive to what they see: simulator, task, REINFORCE, training and its store.

Nothing here imports Gymnasium, NumPy, torch, gpiozero or a camera until it is used: the guard of the
motors does not need them.
"""

import os
import sys

# For networks of this size a second thread makes everything slower. Set before NumPy is imported.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

__version__ = "0.1.0"


if "gymnasium" in sys.modules:  # so that gymnasium.make("robot_agent:RobotAgent/Approach-v0") works
    from robot_agent.registration import register_environments

    register_environments()
