"""What the messages are made of: frozen dataclasses with a name; `codec` turns them into bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, dataclass_transform, get_args

from pydantic import WithJsonSchema

SUBPROTOCOL = "robot-agent.1"
"""Name of this protocol at the WebSocket."""

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

    The methods that all share are defined here once: made for each class, they would slow the start by 10 %.
    """

    def __init_subclass__(cls) -> None:
        """Make a dataclass of the class."""
        dataclass(eq=False, repr=False)(cls)

    def __eq__(self, other: object) -> bool:
        """Say whether two parts have the same values."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self) -> str:
        """Return the values by their names."""
        return f"{type(self).__name__}({vars(self)})"


class Message(Part):
    """A message; `class Lease(Message, type="lease")` has the name `lease` as JSON."""

    type: ClassVar[str]

    def __init_subclass__(cls, type: str) -> None:
        """Make a dataclass of the class, and name it."""
        cls.type = type
        super().__init_subclass__()


def by_name(union: Any) -> Mapping[str, type[Message]]:
    """Return the messages of a union by their names."""
    return {one.type: one for one in get_args(union)}
