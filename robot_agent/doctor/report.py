"""The doctor's report: for the terminal, as a compiler would write it, and as JSON for programs."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import combining, east_asian_width

from robot_agent.health.finding import Finding


@dataclass(frozen=True)
class Report:
    """What was found, and what could be seen."""

    findings: tuple[Finding, ...]
    """The cause first."""
    script: str
    steps: int
    """Calls of backward()."""
    looked: int
    """Steps at which every call was seen."""
    seconds: float
    unseen: tuple[str, ...] = ()
    """What could not be checked, in sentences."""
    hints: tuple[Finding, ...] = ()
    """What is no fault, and would make the training better."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data: `findings` with kind, file, line, seen, means, cure, sure and more."""
        return {
            "script": self.script,
            "steps": self.steps,
            "steps_looked_at": self.looked,
            "seconds": round(self.seconds, 3),
            "findings": [asdict(each) for each in self.findings],
            "hints": [asdict(each) for each in self.hints],
            "not_checked": list(self.unseen),
        }

    def as_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(self.as_dict())

    def as_text(self, color: bool = False) -> str:
        """Return it for a terminal."""
        lines: list[str] = []
        for each in self.findings:
            lines += _finding(each, color, "fault")
        for each in self.hints:
            lines += _finding(each, color, "hint")
        count = len(self.findings)
        watched = f"{self.steps:,} training step{'s' * (self.steps != 1)} watched"
        if self.looked < self.steps:
            watched += f", {self.looked:,} of them call by call"
        lines.append(f"doctor: {count or 'no'} finding{'s' * (count != 1)}; {watched}.")
        lines += [f"doctor: not checked: {each}" for each in self.unseen]
        return "\n".join(lines)


def _finding(finding: Finding, color: bool, what: str) -> list[str]:
    bold, red, blue, plain = ("\033[1m", "\033[1;31m", "\033[1;34m", "\033[0m") if color else ("", "", "", "")
    lines = [f"{red}{what}[{finding.kind}]{plain}{bold}: {finding.seen}{plain}  ({finding.sure:.0%} sure)"]
    pad = " " * len(str(finding.line or ""))
    if finding.file is not None:
        lines.append(f"{pad}{blue}-->{plain} {_short(finding.file)}:{finding.line}")
        if finding.source:
            source = finding.source.expandtabs(4)
            lines += [f"{pad} {blue}|{plain}", f"{blue}{finding.line} |{plain} {source}"]
            start = _width(finding.source, finding.column or 0)
            width = max(1, _width(finding.source, finding.end_column or 0) - start)
            if not finding.end_column:
                start = len(source) - len(source.lstrip())
                width = max(1, len(source.strip()))
            lines.append(
                f"{pad} {blue}|{plain} {' ' * start}{red}{'^' * width} {finding.label}{plain}".rstrip()
            )
    lines += [f"{pad} {blue}= means:{plain} {finding.means}", f"{pad} {blue}= cure:{plain} {finding.cure}"]
    lines += [f"{pad} {blue}= note:{plain} {each}" for each in finding.notes]
    if finding.follows:
        lines.append(f"{pad} {blue}= follows from it:{plain} {', '.join(finding.follows)}")
    return [*lines, ""]


def _width(source: str, column: int) -> int:
    """Return how many cells of a terminal the first bytes of a line take."""
    shown = source.encode()[:column].decode(errors="ignore").expandtabs(4)
    return sum(0 if combining(each) else 1 + (east_asian_width(each) in "WF") for each in shown)


def _short(file: str) -> str:
    relative = os.path.relpath(file)
    return file if relative.startswith("..") else relative
