"""What the page shows of the moment: one dictionary, made of what worker, guard and hand say."""

import time
from dataclasses import dataclass, field
from typing import Any

from server.protocol import Message

FRESH = 2.0
"""Seconds over which the rate of the pictures is counted."""


@dataclass
class State:
    """The server's picture of everything."""

    robot: str = "sim"
    goal: tuple[int, int] = (10, 31)
    detector: str = "color"
    """What finds the target, by the settings."""
    activity: str = "idle"
    """Of the worker: idle, training or driving."""
    paused: bool = False
    reason: str = ""
    progress: Message = field(default_factory=dict)
    """What the worker says of its activity."""
    failure: str = ""
    """Why there is no worker, or no guard."""
    starting: bool = True
    halt: dict[str, Any] = field(default_factory=lambda: {"halted": False, "what": "", "why": "", "at": None})
    hand: bool = False
    """Whether somebody drives by hand."""
    checkpoint: int | None = None
    """The checkpoint that is driven when none is named."""
    findings: list[Message] = field(default_factory=list)
    """What the training's health report says."""
    pictures: list[float] = field(default_factory=list)
    """Moments of the last pictures, seconds of time.monotonic."""
    _word: str = "idle"
    _since: float = field(default_factory=time.time)

    @property
    def word(self) -> str:
        """The state in one word: idle, training, driving, hand, paused, halted or failed."""
        if self.halt["halted"]:
            word = "halted"
        elif self.failure:
            word = "failed"
        elif self.hand:
            word = "hand"
        elif self.paused:
            word = "paused"
        else:
            word = self.activity
        if word != self._word:
            self._word, self._since = word, time.time()
        return word

    @property
    def why(self) -> str:
        """Why it is so, in a sentence; empty where that is plain."""
        if self.halt["halted"]:
            return f"Halted: {self.halt['why']}."
        if self.failure:
            return self.failure
        return "The trainer is starting." if self.starting else self.reason

    def saw_picture(self) -> None:
        """Count a picture."""
        now = time.monotonic()
        self.pictures.append(now)
        while now - self.pictures[0] > FRESH:
            self.pictures.pop(0)

    @property
    def frame_rate(self) -> float:
        """Pictures a second."""
        now = time.monotonic()
        return round(sum(now - moment <= FRESH for moment in self.pictures) / FRESH, 1)

    def message(self) -> Message:
        """Return it as the page gets it, without `can`, which is everyone's own."""
        progress, word = self.progress, self.word
        known = ("run", "moves", "total_moves", "episodes", "success_rate", "moves_mean", "seconds_left")
        driver = "hand" if self.hand else None
        if driver is None and word in ("training", "driving") and progress.get("rendered"):
            driver = "worker"
        return {
            "type": "state",
            "state": word,
            "since": self._since,
            "reason": self.why,
            "robot": self.robot,
            "rendered": bool(progress.get("rendered", True)),
            **{name: progress.get(name) for name in known},
            "checkpoint": (word == "driving" and progress.get("checkpoint")) or self.checkpoint,
            "activity": self.activity,
            "halt": dict(self.halt),
            "driver": driver,
            "frame_rate": self.frame_rate,
            "goal": list(self.goal),
            "detector": self.detector if self.activity == "idle" else progress.get("detector", self.detector),
        }
