"""Settings that a person teaches or chooses on the page: the target's colour, the goal, the detector."""

import logging
from pathlib import Path
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.settings.robot_toml import write_settings
from server.control.clients import Clients
from server.control.guard_service import GuardService
from server.control.manual import ManualDriving
from server.control.server_settings import ServerSettings
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.protocol.from_worker import Notice
from server.protocol.to_worker import (
    IN_MOTION,
    ChooseDetector,
    Configure,
    LearnColor,
    LearnedColor,
    TaughtGoal,
    TeachGoal,
    TriedDetector,
)

log = logging.getLogger("robot-server")


class Teaching:
    """Changes the server's settings after a click, a taught goal or a chosen detector."""

    def __init__(
        self,
        settings: ServerSettings,
        settings_file: Path,
        state: ServerState,
        clients: Clients,
        worker: WorkerProcess,
        guard: GuardService,
        manual: ManualDriving,
    ) -> None:
        """Change `settings`; for a real robot, write the change into `settings_file` too."""
        self._settings, self._settings_file, self._state = settings, settings_file, state
        self._clients, self._worker, self._guard, self._manual = clients, worker, guard, manual

    def configure(self) -> None:
        """Send the settings to the worker."""
        config = self._settings.config.model_dump(mode="json")
        self._worker.send(Configure(config=config, guard=self._guard.socket))

    async def learn_color(self, x: float, y: float, sequence: int) -> LearnedColor:
        """Learn the target's colour from the pixel (x, y) of the shown picture with the number `sequence`."""
        learned = await self._worker.ask(LearnColor(x=x, y=y, sequence=sequence), LearnedColor)
        self._learn({"vision": {"detector": "color", "color": learned.learned}})
        return learned

    async def choose_detector(self, name: str) -> None:
        """Use another detector from now on; it is tried first, and if that fails, the old one stays.

        Raises:
            Problem: something is under way, or the detector cannot be used.
        """
        settings = {"vision": {"detector": name}}
        async with self._manual.turn:  # nothing begins to move meanwhile
            if self._state.by_hand or self._state.activity != "idle":
                raise Problem(409, IN_MOTION)
            config = self._settings.learned(settings).model_dump(mode="json")
            tried = await self._worker.ask(ChooseDetector(config=config), TriedDetector)
            if tried.refused:
                raise Problem(422, tried.refused)
            self._learn(settings)
        log.info("the detector is %s now", name)

    async def teach_goal(self) -> TaughtGoal:
        """Make the sight of this moment the goal."""
        taught = await self._worker.ask(TeachGoal(), TaughtGoal)
        self._learn({"task": {"goal": taught.goal}})
        return taught

    def _learn(self, settings: dict[str, Any]) -> None:
        self._settings.learn(settings)
        if self._settings.config.robot != "sim":
            try:
                write_settings(self._settings_file, settings)
            except (OSError, RobotAgentError) as error:
                text = f"This holds until the server ends, as it could not be written: {error}"
                self._clients.send(Notice("warning", text))
        self.configure()
        self._state.touch()
