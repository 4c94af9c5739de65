"""`Report`: the doctor's report, as text for the terminal in a compiler's style, and as JSON for programs."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import combining, east_asian_width

from robot_agent.doctor.notebook import cell_of
from robot_agent.health.finding import Finding


@dataclass(frozen=True)
class Report:
    """The findings in a script, and how much of it was observed."""

    findings: tuple[Finding, ...]
    """The faults, the cause first."""
    script: str
    steps: int
    """Number of calls of backward()."""
    looked: int
    """Number of steps at which every call was observed."""
    seconds: float
    unseen: tuple[str, ...] = ()
    """Sentences on what could not be checked."""
    hints: tuple[Finding, ...] = ()
    """Suggestions that would make the training better, although there is no fault."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data; each of `findings` has kind, file, line, seen, means, cure, sure and more."""
        return {
            "script": self.script,
            "steps": self.steps,
            "steps_looked_at": self.looked,
            "seconds": round(self.seconds, 3),
            "findings": [_plain(each) for each in self.findings],
            "hints": [_plain(each) for each in self.hints],
            "not_checked": list(self.unseen),
        }

    def as_json(self) -> str:
        """Return the report as one line of JSON."""
        return json.dumps(self.as_dict())

    def as_text(self, color: bool = False) -> str:
        """Return the report as text for a terminal, with colours if `color`."""
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


def _plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data; for a notebook, with `cell`, and `line` counted in that cell."""
    plain = asdict(finding)
    if finding.file is not None and finding.line is not None:
        cell = cell_of(finding.file, finding.line)
        if cell is not None:
            plain["cell"], plain["line"] = cell
    return plain


def _finding(finding: Finding, color: bool, what: str) -> list[str]:
    bold, red, blue, plain = ("\033[1m", "\033[1;31m", "\033[1;34m", "\033[0m") if color else ("", "", "", "")
    lines = [f"{red}{what}[{finding.kind}]{plain}{bold}: {finding.seen}{plain}  ({finding.sure:.0%} sure)"]
    line = finding.line
    where = f":{line}"
    if finding.file is not None and line is not None and (cell := cell_of(finding.file, line)) is not None:
        line, where = cell[1], f", cell {cell[0]}, line {cell[1]}"
    pad = " " * len(str(line or ""))
    if finding.file is not None:
        lines.append(f"{pad}{blue}-->{plain} {_short(finding.file)}{where}")
        if finding.source:
            source = finding.source.expandtabs(4)
            lines += [f"{pad} {blue}|{plain}", f"{blue}{line} |{plain} {source}"]
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
    """Return the width, in cells of a terminal, of the first `column` bytes of a line."""
    shown = source.encode()[:column].decode(errors="ignore").expandtabs(4)
    return sum(0 if combining(each) else 1 + (east_asian_width(each) in "WF") for each in shown)


def _short(file: str) -> str:
    relative = os.path.relpath(file)
    return file if relative.startswith("..") else relative
