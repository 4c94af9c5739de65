"""All experiments of findings by name, and their pictures in a folder."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from robot_agent.errors import RobotAgentError
from robot_agent.experiments.findings.curves import Experiment
from robot_agent.experiments.findings.draw import draw

MODULES = ("steps", "losses", "layers", "actions", "by_hand")


def experiments() -> Mapping[str, Experiment]:
    """Return all experiments.

    Raises:
        RobotAgentError: PyTorch is not installed.
    """
    found: dict[str, Experiment] = {}
    for name in MODULES:
        try:
            module = importlib.import_module(f"robot_agent.experiments.findings.{name}")
        except ImportError as error:
            raise RobotAgentError("These experiments need PyTorch: pip install torch.") from error
        found |= module.EXPERIMENTS
    return found


def draw_all(folder: Path) -> Iterator[Path]:
    """Run all experiments and draw each as an SVG; yield each file when it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, run in experiments().items():
        file = folder / f"{name}.svg"
        file.write_text(draw(run()), encoding="utf-8")
        yield file
