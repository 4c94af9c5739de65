"""Adapting the policy to this robot by further training, in a process of its own so that nothing waits."""

import asyncio
import json
import os
import sys
import time
from contextlib import closing, suppress

from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.control.state import ServerState
from server.problems import Problem
from server.protocol.page import Adaptation

ACTION = "wheels"
"""The `task.action` of the policy that uses what is known of the robot."""
SECONDS = 300.0
"""Longest time for an adaptation; then it is ended without a result."""


class Adapting:
    """Runs at most one adaptation of the policy at a time; the server's state shows how it goes."""

    def __init__(self, state: ServerState) -> None:
        """Begin with no adaptation under way; show the progress in `state`."""
        self._state = state
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to adapt the policy to what the store knows of the robot.

        Raises:
            Problem: nothing is known of the robot yet, or an adaptation is under way.
        """
        if self._state.known is None or not self._state.known.moves:
            raise Problem(409, "Nothing is known of this robot yet; let it drive first.")
        if self._state.adaptation.under_way:
            raise Problem(409, "A policy is being adapted already; wait until it is done.")
        self._show(Adaptation(under_way=True, began=time.time()))
        self._task = asyncio.get_running_loop().create_task(self._adapt(self._state.config))

    async def close(self) -> None:
        """End the adaptation that is under way, if there is one; the policy stays as it was."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _show(self, adaptation: Adaptation) -> None:
        self._state.adaptation = adaptation
        self._state.touch()

    async def _adapt(self, config: Config) -> None:
        began = self._state.adaptation.began
        try:
            promoted, words = await _train_on(config)
        except TimeoutError:
            promoted, words = None, f"It took longer than {SECONDS:.0f} seconds and was ended."
        except (Problem, OSError, ValueError, KeyError) as error:
            promoted, words = None, str(error)
        self._show(Adaptation(began=began, words=words, promoted=promoted))

    async def take(self, config: Config, content: bytes, action: str) -> None:
        """Drive with a policy that was sent in from now on; `revert` returns to the one before.

        Raises:
            Problem: `content` is not a policy file, or its actions are not `action`.
        """

        def keep() -> None:
            from robot_agent.identification.policies import parse_policy  # as in revert()
            from robot_agent.runs.robots import Adapted, adapted, keep_adapted

            _, task, _ = parse_policy(content, "The file")
            if task.action != action:
                raise Problem(422, f"This policy has the actions {task.action!r}; send it as such a one.")
            with closing(Store(config.store)) as store:
                before = adapted(store, config.robot, action)
                one = Adapted(content, None if before is None else before.policy, None)
                keep_adapted(store, config.robot, action, one)

        await asyncio.to_thread(keep)

    async def give(self, config: Config, action: str) -> bytes:
        """Return the content of the adapted policy's file; raise Problem if no policy was adapted."""

        def read() -> bytes | None:
            from robot_agent.runs.robots import adapted  # as in revert()

            with closing(Store(config.store)) as store:
                own = adapted(store, config.robot, action)
                return own.policy if own else None

        if (content := await asyncio.to_thread(read)) is None:
            raise Problem(
                404, "No policy was adapted to this robot yet; press Adapt the policy to it on its page."
            )
        return content

    async def revert(self, config: Config) -> None:
        """Return to the policy before the adapted one; raise Problem if no policy was adapted."""

        def back() -> bool:
            from robot_agent.runs.robots import revert  # what it needs would make the server start later

            with closing(Store(config.store)) as store:
                return revert(store, config.robot, ACTION)

        if not await asyncio.to_thread(back):
            raise Problem(409, "No policy was adapted to this robot; there is nothing to return to.")


async def _train_on(config: Config) -> tuple[bool, str]:
    """Adapt the policy; return whether the new one is kept, and why; raise Problem if that fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "robot_agent", "adapt", "--json", "--episodes", "0"),
        *("--robot", config.robot, "--store", str(config.store)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))},
        start_new_session=True,
    )
    try:
        out, said = await asyncio.wait_for(process.communicate(), SECONDS)
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode:
        words = said.decode(errors="replace").strip().removeprefix("Error:").strip()
        raise Problem(409, words.splitlines()[-1] if words else "The policy could not be adapted.")
    adapted = json.loads(out)["adapted"]
    return adapted["promoted"], adapted["words"]
