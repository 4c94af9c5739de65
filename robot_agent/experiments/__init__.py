"""Experiments on questions that people ask about networks that do not learn: each broken and mended.

Each module has a `QUESTION`, one sentence, and `FORMS`, functions by name: "broken" ones do what the question
does, "mended" ones do it right. Each takes well under a minute.
"""

import importlib
from collections.abc import Mapping

from robot_agent.experiments.outcome import Form

NAMES = (
    "overfit",
    "xor-classic",
    "xor-mse",
    "digits-softmax",
    "digits-static",
    "rosenbrock",
    "maximise-input",
    "robot-mse",
)


def find(name: str) -> tuple[str, Mapping[str, Form]]:
    """Return the question and the forms of an experiment."""
    module = importlib.import_module(f"robot_agent.experiments.{name.replace('-', '_')}")
    return module.QUESTION, module.FORMS
