"""The base classes of all messages: frozen dataclasses with a name; `codec` turns them into bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, dataclass_transform, get_args

from pydantic import WithJsonSchema

SUBPROTOCOL = "robot-agent.1"
"""Name of the subprotocol that page and server agree on when a WebSocket opens."""

Ends = Annotated[
    tuple[int, int],
    WithJsonSchema({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
]
"""First and last slice of a sight."""

Settings = dict[str, Any]
"""A `Config` as JSON: sections by name, and their settings by name."""


@dataclass_transform(frozen_default=True)
class Part:
    """Base class of the parts of a message; subclasses become frozen dataclasses, which mypy checks.

    `__eq__` and `__repr__` are defined here once for all; making them for each class slows the start by 10 %.
    """

    def __init_subclass__(cls) -> None:
        """Make a dataclass of the class."""
        dataclass(eq=False, repr=False)(cls)

    def __eq__(self, other: object) -> bool:
        """Return whether two parts have the same type and values."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self) -> str:
        """Return the values by their names."""
        return f"{type(self).__name__}({vars(self)})"


class Message(Part):
    """Base class of the messages; `class Lease(Message, type="lease")` has the name `lease` in JSON."""

    type: ClassVar[str]

    def __init_subclass__(cls, type: str) -> None:
        """Make a dataclass of the class, and name it."""
        cls.type = type
        super().__init_subclass__()


def by_name(union: Any) -> Mapping[str, type[Message]]:
    """Return the message classes of a union, by their names in JSON."""
    return {one.type: one for one in get_args(union)}
