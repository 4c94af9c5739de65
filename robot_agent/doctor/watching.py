"""The doctor as Python functions: `with doctor(): ...`, or `doctor.watch(model, optimizer)` in a notebook."""

import math
import weakref
from types import TracebackType
from typing import Any

import torch

from robot_agent.doctor.entries import Built
from robot_agent.doctor.report import Report
from robot_agent.doctor.session import Session
from robot_agent.doctor.site import here
from robot_agent.health.finding import Finding


class Watching:
    """The observation of a training in a notebook, until `stop()`."""

    def __init__(self, session: Session, networks: list[Any]) -> None:
        """Begin."""
        self.session = session
        self.networks = networks

    @property
    def findings(self) -> list[Finding]:
        """The faults so far, the cause first."""
        return self.session.findings()

    def report(self) -> Report:
        """Return the report so far; show it with `print(w.report().as_text())`."""
        return self.session.report("notebook")

    def table(self) -> str:
        """Return a table of the weights: name, shape, gradient norm, and how far they have moved.

        The findings so far are listed below the table.
        """
        observer, steps = self.session.observer, self.session.steps
        rows = [("weight", "shape", "gradient", "moved")]
        with observer.silent():
            for network in self.networks:
                for name, weight in network.named_parameters():
                    number = observer.origins.weight(weight)
                    norms = [each.norms[number] for each in observer.record.backwards if number in each.norms]
                    first = steps.first_weights.get(number)
                    moved = math.nan
                    if first is not None:
                        size = float(first[1].norm())
                        moved = float((weight.detach() - first[1]).norm()) / (size if size > 0 else 1.0)
                    gradient = f"{norms[-1]:.3g}" if norms else "none"
                    rows.append(
                        (
                            name,
                            "x".join(map(str, weight.shape)),
                            gradient,
                            f"{moved:.2%}" if math.isfinite(moved) else "",
                        )
                    )
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        found = self.findings
        lines += [f"{each.kind}: {each.seen} {each.cure}" for each in found] or ["no finding so far"]
        return "\n".join(lines)

    def stop(self) -> list[Finding]:
        """Stop observing, remove all patches, and return the findings."""
        found = self.findings
        self.session.end()
        self.session.forget()
        return found

    def __repr__(self) -> str:
        """Return the table, so that a notebook shows it."""
        return self.table()


def watch(*watched: Any) -> Watching:
    """Start to observe the training of networks and optimizers.

    Args:
        watched: `torch.nn.Module`s and `torch.optim.Optimizer`s, in any order.
    """
    session = Session()
    networks = [each for each in watched if isinstance(each, torch.nn.Module)]
    site = here()
    record = session.observer.record
    session.begin()
    with session.observer.silent():
        for network in networks:
            for layer in network.modules():
                if site is not None:
                    name, weights = type(layer).__name__, next(layer.parameters(), None) is not None
                    record.modules[site].append(Built(0, name, False, False, weakref.ref(layer), weights))
        for each in watched:
            if isinstance(each, torch.optim.Optimizer):
                session.steps.optimizers.made(each, site)
    return Watching(session, networks)


class doctor:  # noqa: N801 - it reads as a verb: with doctor():
    """Observe the training in a block, and print the report at its end.

    with doctor() as d:
        train(model)
    d.findings
    """

    def __init__(self, *, quiet: bool = False) -> None:
        """Begin."""
        self.quiet = quiet
        self.session: Session | None = None
        self.report: Report | None = None

    def __enter__(self) -> "doctor":
        """Start to observe."""
        self.session = Session()
        self.session.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop observing, and print the report."""
        assert self.session is not None
        self.session.end(error)
        self.report = self.session.report()
        self.session.forget()
        if not self.quiet:
            print(self.report.as_text())

    @property
    def findings(self) -> list[Finding]:
        """The faults, the cause first; inside of the block, those so far."""
        if self.report is not None:
            return list(self.report.findings)
        return self.session.findings() if self.session is not None else []

    @staticmethod
    def watch(*watched: Any) -> Watching:
        """Start to observe, as in a notebook: `w = doctor.watch(model, optimizer)`, then `w.table()`."""
        return watch(*watched)
