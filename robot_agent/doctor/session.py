"""`Session`: one observation of a training, from the first patch to the report."""

import os
import time

from robot_agent.doctor.facts import Facts
from robot_agent.doctor.observe import Observer
from robot_agent.doctor.pace import Enough
from robot_agent.doctor.patches import Patches
from robot_agent.doctor.report import Report
from robot_agent.doctor.rules import diagnose, hints
from robot_agent.doctor.site import of_traceback
from robot_agent.doctor.steps import Steps
from robot_agent.health.finding import Finding


class Session:
    """Observes all PyTorch code between `begin` and `end`."""

    def __init__(self, *, steps: int | None = None) -> None:
        """Begin."""
        self.observer = Observer()
        self.steps = Steps(self.observer, steps=steps)
        self.patches = Patches(self.observer, self.steps)
        self.begun = time.perf_counter()

    def begin(self) -> None:
        """Start to observe."""
        self.begun = time.perf_counter()
        self.patches.install()

    def end(self, error: BaseException | None = None) -> None:
        """Stop observing; `error` is the exception that ended the script, if one did."""
        record = self.observer.record
        record.seconds = time.perf_counter() - self.begun
        self.patches.remove()
        if error is not None and not isinstance(error, (Enough, SystemExit, KeyboardInterrupt)):
            record.error, record.error_site = error, of_traceback(error)
        elif isinstance(error, KeyboardInterrupt):
            record.interrupted = "by Ctrl-C"

    def findings(self) -> list[Finding]:
        """Return the faults of the training so far, the cause first."""
        with self.observer.silent():
            return diagnose(Facts(self.observer, self.steps))

    def hints(self) -> list[Finding]:
        """Return suggestions that would make the training better."""
        try:
            with self.observer.silent():
                return hints(Facts(self.observer, self.steps))
        except Exception as error:
            self.observer.trouble(error)
            return []

    def forget(self) -> None:
        """Release the script's networks that were kept alive for the report."""
        self.observer.origins.kept.clear()

    def report(self, script: str = "") -> Report:
        """Return the report: the findings, and how much was observed."""
        record = self.observer.record
        found = self.findings()
        unseen = []
        if not record.backward and not record.backwards and not record.graded:
            unseen.append("nothing was trained: backward() was never called.")
        if self.observer.process != os.getpid():
            unseen.append("this is a forked process.")
        if record.own_errors:
            unseen.append(
                f"{len(record.own_errors)} observations failed in the doctor itself, the first with "
                f"{record.own_errors[0]}"
            )
        if record.interrupted:
            unseen.append(f"what would have come later; it was ended {record.interrupted}.")
        if record.error is not None and not found:
            unseen.append(
                f"why it ended with {type(record.error).__name__}; no rule of the doctor explains that."
            )
        unseen += record.skipped
        seconds = record.seconds or time.perf_counter() - self.begun
        advice = () if found else tuple(self.hints())
        return Report(tuple(found), script, record.backward, record.looked, seconds, tuple(unseen), advice)
