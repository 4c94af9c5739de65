"""The messages between a desktop and the robot that it has borrowed, over one WebSocket.

desktop --Borrow, orders, Echo--> robot
desktop <--Lent or Refused, Done, pictures, Beat, TakenBack-- robot

Each order has a number and is carried out once: an order that is sent again after a lost connection gets the
first answer. The robot sends its own time in `Beat`, and every message of the desktop returns the newest of
these times. So the robot knows the greatest possible age of an order, even if the network delayed it. Its
wheels stop when the returned time is older than the lease. An order that is sent again keeps its first beat.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from robot_agent.network.address import API
from vision.sight import Sight

PROTOCOL = 1
"""Version number of this protocol; robot and desktop must have the same."""

PATH = f"{API}/robot"
"""Path of the WebSocket, below a robot's address."""

BEAT_SECONDS = 0.1
"""Seconds between two beats."""

FRESH_SECONDS = 1.0
"""Seconds after which an order that moves the robot is neither sent nor carried out any more."""


def plain(value: Any, most: int) -> str:
    """Return a text from outside without unprintable characters, cut to `most` characters."""
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text[: 2 * most] if letter.isprintable())[:most].strip()


Words = Annotated[str, AfterValidator(lambda text: plain(text, 500))]
"""A sentence that is shown on the other side."""
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Power = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=1, le=2**53)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class SeenSight(_Message):
    """First and last slice of the target, and how sure the detector is."""

    x1: int
    x2: int
    confidence: float = 1.0

    def model_post_init(self, context: Any) -> None:
        """Raise ValueError if no frame can show this sight."""
        self.sight()

    def sight(self) -> Sight:
        """Return this sight as a `Sight`."""
        return Sight(self.x1, self.x2, self.confidence)


class HandMove(_Message):
    """One move that a person at the robot made: a pulse, and the sight after it."""

    left: Power
    right: Power
    seconds: Seconds
    sight: SeenSight | None


# From the desktop


class Borrow(_Message):
    """Ask to borrow the robot; with the same `loan`, go on after a lost connection."""

    type: Literal["borrow"] = "borrow"
    protocol: int
    version: Words = Field(max_length=40)
    """Version of robot-agent on the desktop."""
    who: Words = Field(min_length=1, max_length=80)
    """Name of the person and the desktop, shown on the robot's page."""
    desktop: str = Field(min_length=8, max_length=64)
    """Random name of the desktop, the same for every loan."""
    loan: str = Field(min_length=8, max_length=64)
    """Random name of this loan, which nobody else knows."""


class _Order(_Message):
    number: Number
    """Number of this order; higher than that of the order before."""
    beat: Seconds = 0.0
    """The newest beat: a time that the robot has sent, s."""


class PulseOrder(_Order):
    """Turn the wheels."""

    type: Literal["pulse"] = "pulse"
    left: Power
    right: Power
    seconds: Seconds


class LookOrder(_Order):
    """Take a picture now."""

    type: Literal["look"] = "look"


class ResetOrder(_Order):
    """Go to a new start; only for a robot that can do this by itself."""

    type: Literal["reset"] = "reset"


class SeedOrder(_Order):
    """Seed the random numbers, such as those of a simulated robot."""

    type: Literal["seed"] = "seed"
    seed: int = Field(ge=0, le=2**53)


class StopOrder(_Message):
    """Stop the wheels at once."""

    type: Literal["stop"] = "stop"


class Echo(_Message):
    """Confirm that the newest beat has arrived."""

    type: Literal["echo"] = "echo"
    beat: Seconds


class GiveBack(_Message):
    """Return the robot: the desktop does not need it any more."""

    type: Literal["give back"] = "give back"


# From the robot


class Lent(_Message):
    """The robot is yours until you give it back."""

    type: Literal["lent"] = "lent"
    version: Words
    """Version of robot-agent on the robot."""
    robot: Words
    """Name of the robot."""
    kind: str
    """Kind of robot: sim, pi or own."""
    can_reset: bool
    """Whether the robot can go to a new start by itself."""
    lease_seconds: float
    """Seconds without a message from the desktop after which the robot stops its wheels."""


WhyRefused = Literal["taken", "halted", "version", "other"]
"""Kinds of reasons for which a robot is not lent."""


class Refused(_Message):
    """The robot refuses to be borrowed."""

    type: Literal["refused"] = "refused"
    kind: WhyRefused
    why: Words


class Done(_Message):
    """The result of the order with this number. A successful look is answered by a picture instead."""

    type: Literal["done"] = "done"
    number: int
    how: Literal["done", "torn", "old", "halted", "camera", "failed", "taken over"] = "done"
    """torn: the connection was lost, so the wheels were stopped; old: the order came too late, nothing moved;
    camera: the camera fails; taken over: a person had the wheels, so the order was not carried out."""
    why: Words = ""
    before: SeenSight | None = None
    """The sight before the person drove."""
    moves: list[HandMove] = []
    """The person's moves."""


class Beat(_Message):
    """A sign of life, with the robot's time in seconds."""

    type: Literal["beat"] = "beat"
    at: Seconds
    waits: Words = ""
    """What orders wait for, such as a person who has paused the robot; empty if they do not wait."""


class TakenBack(_Message):
    """The robot has ended the loan."""

    type: Literal["taken back"] = "taken back"
    how: Literal["stopped", "halted", "failed", "given back"]
    why: Words


class PictureHead(_Message):
    """The header before the bytes of a picture."""

    number: int
    """Number of the order to look."""
    sight: SeenSight | None


Order = PulseOrder | LookOrder | ResetOrder | SeedOrder
FromDesktop = Order | StopOrder | Echo | GiveBack | Borrow
FromRobot = Lent | Refused | Done | Beat | TakenBack

_FROM_DESKTOP: TypeAdapter[FromDesktop] = TypeAdapter(Annotated[FromDesktop, Field(discriminator="type")])
_FROM_ROBOT: TypeAdapter[FromRobot] = TypeAdapter(Annotated[FromRobot, Field(discriminator="type")])


class NoMessage(ValueError):
    """The received data is no message of this protocol."""


def from_desktop(data: str | bytes) -> FromDesktop:
    """Parse a message from a desktop; raise NoMessage if it is none."""
    message: FromDesktop = _parsed(_FROM_DESKTOP, data)
    return message


def from_robot(data: str | bytes) -> FromRobot:
    """Parse a message from a robot; raise NoMessage if it is none."""
    message: FromRobot = _parsed(_FROM_ROBOT, data)
    return message


def _parsed(adapter: TypeAdapter[Any], data: str | bytes) -> Any:
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        raise NoMessage(str(error.errors()[0]["msg"])) from None


def pack(head: PictureHead, jpeg: bytes) -> bytes:
    """Return head and picture as bytes: the head's length (four bytes, big-endian), the head, the JPEG."""
    data = head.model_dump_json().encode()
    return len(data).to_bytes(4, "big") + data + jpeg


def unpack(data: bytes) -> tuple[PictureHead, bytes]:
    """Return head and JPEG of `data`; raise NoMessage if it was not made by `pack`."""
    length = int.from_bytes(data[:4], "big")
    try:
        return PictureHead.model_validate_json(data[4 : 4 + length]), data[4 + length :]
    except ValidationError as error:
        raise NoMessage(str(error)) from None
