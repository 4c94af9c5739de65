"""Robots that learn to drive to what they see: simulator, task, REINFORCE, training and keeping.

Importing this package registers the Gymnasium environment ``RobotAgent/Approach-v0`` (one robot, or
a fleet through ``gymnasium.make_vec``), as soon as Gymnasium is imported too. Nothing here imports
Gymnasium, NumPy, torch, gpiozero or a camera until it is used: the guard of the motors has no use for them.
"""

import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

# At the size of these networks a second thread makes all slower; this must come before NumPy.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

__version__ = "0.1.0"


def register_environments() -> None:
    """Make Gymnasium know the environments of this package; it is called when both are imported."""
    import gymnasium

    gymnasium.register(
        id="RobotAgent/Approach-v0",
        entry_point="robot_agent.envs.environment:RobotEnvironment",
        vector_entry_point="robot_agent.envs.environment:FleetEnvironment",
    )


class _OnceGymnasiumIsImported:
    """Registers the environments when something imports Gymnasium, which has no plug-ins since 1.0."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> "ModuleSpec | None":
        """Find Gymnasium as everyone would, and register right after it has been run."""
        if fullname != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_register(module: Any) -> None:
                run(module)
                register_environments()

            spec.loader.exec_module = run_and_register  # type: ignore[method-assign]
        return spec


if "gymnasium" in sys.modules:
    register_environments()
else:
    sys.meta_path.insert(0, _OnceGymnasiumIsImported())
