"""A doctor for any PyTorch training: it names the line that keeps an unmodified script from learning.

    from robot_agent.doctor import doctor

    with doctor():
        train(model)

The command is `robot-agent doctor my_script.py`. How it works: `observe` sees every call of PyTorch,
`provenance` remembers where each tensor came from, `steps` follows backward(), and `optimizer_steps` follows
optimizers. They write what they see into a `record`; the `rules` find faults in it, and `report` shows them.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Import PyTorch only when it is needed."""
    if name == "doctor":
        return importlib.import_module("robot_agent.doctor.watching").doctor
    raise AttributeError(name)
