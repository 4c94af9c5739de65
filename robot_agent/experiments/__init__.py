"""The questions this project grew from, as experiments: broken as they were asked, and mended.

Each module has a `QUESTION`, a sentence, and `FORMS`: functions by name, those that begin with "broken" and
those that begin with "mended". Each takes well under a minute.
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
