"""`ServerState`: the state of everything in this server, as worker, guard and clients have reported it."""

import asyncio
import time

from robot_agent.settings.config import Config
from server.control.server_settings import ServerSettings
from server.protocol.from_worker import Activity, Known, Progress, ReportLine, Status
from server.protocol.page import Adaptation, HaltState, State, Word

RATE_SECONDS = 2.0
"""Length of the time over which the pictures are counted for the frame rate."""


class ServerState:
    """What the server knows at this moment; code that changes an attribute calls `touch` afterwards."""

    def __init__(self, settings: ServerSettings, checkpoint: int | None = None) -> None:
        """Begin with the settings, and with the checkpoint that is driven by default."""
        self._settings, self.checkpoint = settings, checkpoint
        self.changed = asyncio.Event()
        """Set when clients should get the state."""
        self.activity: Activity = "idle"
        self.paused = False
        self.reason = ""
        self.progress = Progress()
        self.failure = ""
        """Why there is no worker or no guard; empty if both are there."""
        self.starting = True
        """Whether the worker is not ready yet."""
        self.halt = HaltState()
        self.halts_pending = 0
        """Number of halts that are being carried out."""
        self.by_hand = False
        """Whether somebody drives by hand."""
        self.job_config: Config | None = None
        """Settings of the training or driving under way."""
        self.findings: list[ReportLine] = []
        """The health report of the training, one line each."""
        self.known: Known | None = None
        """What the robot knows of itself."""
        self.adaptation = Adaptation()
        self.borrower = ""
        """Who drives the robot from another machine; empty if nobody does."""
        self._pictures: list[float] = []
        self._word: Word = "idle"
        self._since = time.time()

    def begin_paused(self) -> None:
        """Mark the job as paused, so that it begins again paused: its worker did not obey and was killed."""
        if self.activity != "idle" or self.failure:
            self.paused = True
            self.touch()

    def touch(self) -> None:
        """Note a change, so that the state is sent to the clients."""
        self.changed.set()

    @property
    def config(self) -> Config:
        """The settings of this server."""
        return self._settings.config

    @property
    def latched(self) -> bool:
        """Whether everything is halted, or is being halted now: nothing may begin to move."""
        return self.halt.halted or self.halts_pending > 0

    @property
    def current_config(self) -> Config:
        """The settings of the training or driving under way; else those of the server."""
        return self.job_config if self.job_config and self.activity != "idle" else self.config

    def take_status(self, status: Status) -> None:
        """Copy the worker's status into the state."""
        self.activity, self.paused = status.activity, status.paused
        self.reason, self.progress = status.reason, status.progress

    @property
    def word(self) -> Word:
        """The state in one word."""
        word: Word = self.activity
        if self.halt.halted:
            word = "halted"
        elif self.failure:
            word = "failed"
        elif self.by_hand:
            word = "hand"
        elif self.paused:
            word = "paused"
        if word != self._word:
            self._word, self._since = word, time.time()
        return word

    @property
    def why(self) -> str:
        """The reason for the state, in a sentence; empty if none is needed."""
        if self.halt.halted:
            return f"Halted: {self.halt.why}."
        if self.failure:
            return self.failure
        return "The trainer is starting." if self.starting else self.reason

    def count_picture(self) -> None:
        """Count a picture for the frame rate."""
        now = time.monotonic()
        self._pictures.append(now)
        while now - self._pictures[0] > RATE_SECONDS:
            self._pictures.pop(0)

    @property
    def frame_rate(self) -> float:
        """Pictures per second."""
        now = time.monotonic()
        return round(sum(now - moment <= RATE_SECONDS for moment in self._pictures) / RATE_SECONDS, 1)

    def message(self) -> State:
        """Return the state as a message; `can` stays empty, as it differs between clients."""
        progress, word, config = self.progress, self.word, self.current_config
        moving = word in ("training", "driving", "lent") and progress.rendered
        return State(
            state=word,
            since=self._since,
            reason=self.why,
            robot=self.config.robot,
            rendered=progress.rendered,
            run=progress.run,
            moves=progress.moves,
            total_moves=progress.total_moves,
            episodes=progress.episodes,
            success_rate=progress.success_rate,
            moves_mean=progress.moves_mean,
            seconds_left=progress.seconds_left,
            checkpoint=(progress.checkpoint if word == "driving" else None) or self.checkpoint,
            activity=self.activity,
            halt=self.halt,
            driver="hand" if self.by_hand else "worker" if moving else None,
            frame_rate=self.frame_rate,
            goal=config.task.goal,
            tolerance=config.task.tolerance,
            detector=(progress.detector if self.activity != "idle" else "") or self.config.vision.detector,
            adaptation=self.adaptation,
            borrower=self.borrower,
        )
