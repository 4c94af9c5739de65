"""A doctor for any PyTorch training: it observes an unmodified script and names the line that keeps it from learning.

    from robot_agent.doctor import doctor

    with doctor():
        train(model)

The command is `robot-agent doctor my_script.py`. How it works: `observe` sees every call, `provenance` remembers where
each tensor came from, `steps` follows backward() and step(), `rules` judge what they kept, `report` shows it.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Import PyTorch only when it is needed."""
    if name in ("doctor", "Session"):
        from robot_agent.doctor import session

        return getattr(session, name)
    raise AttributeError(name)
