"""Training the policy on for the robot at hand: a process of its own, so that nothing here has to wait."""

import asyncio
import json
import os
import sys
from contextlib import closing
from typing import Any

from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.problems import Problem

ACTION = "wheels"
"""What the policy decides that is given what is known of the robot."""
SECONDS = 300.0
"""A training on that takes longer is ended."""


class Adapting:
    """At most one at a time."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._turn = asyncio.Lock()

    async def adapt(self, config: Config) -> dict[str, Any]:
        """Train on with what the store knows of the robot; raises Problem when that cannot be."""
        if self._turn.locked():
            raise Problem(409, "A policy is being adapted already; wait until it is done.")
        async with self._turn:
            command = (
                *(sys.executable, "-P", "-m", "robot_agent", "adapt", "--json", "--episodes", "0"),
                *("--robot", config.robot, "--store", str(config.store)),
            )
            path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
            try:
                out, said = await asyncio.wait_for(process.communicate(), SECONDS)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            words = said.decode(errors="replace").strip().removeprefix("Error:").strip()
            raise Problem(409, words.splitlines()[-1] if words else "The policy could not be adapted.")
        result: dict[str, Any] = json.loads(out)["adapted"]
        return result

    async def revert(self, config: Config) -> None:
        """Return to the policy before the adapted one; raises Problem when there is none."""

        def back() -> bool:
            from robot_agent.runs.robots import revert  # what it needs would make the server start later

            with closing(Store(config.store)) as store:
                return revert(store, config.robot, ACTION)

        if not await asyncio.to_thread(back):
            raise Problem(409, "No policy was adapted to this robot; there is nothing to return to.")
