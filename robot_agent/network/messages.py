"""What a desktop and the robot that it has borrowed say to each other, over one WebSocket.

desktop --Borrow, orders, Echo--> robot
desktop <--Lent or Refused, Done, pictures, Beat, TakenBack-- robot

Each order has a number, and is carried out once: sent again after a lost connection, it gets the answer that
it had. The robot sends its own time in `Beat`; the desktop returns the newest with all that it says. So
the robot knows how old an order can be at most, whatever the network has held back, and its wheels stop when
the time that it hears is older than the lease. An order that is sent again has the beat that it had first.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from robot_agent.network.address import API
from vision.sight import Sight

PROTOCOL = 1
"""Number of this protocol; robot and desktop must have the same."""

PATH = f"{API}/robot"
"""Where the WebSocket is, below a robot's address."""

BEAT_SECONDS = 0.1
"""Time between two beats."""

FRESH_SECONDS = 1.0
"""An order that moves the robot is not given or carried out any more when it is older than this."""


def plain(value: Any, most: int) -> str:
    """Return a text that came from outside, without what cannot be printed, cut to a length."""
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text[: 2 * most] if letter.isprintable())[:most].strip()


Words = Annotated[str, AfterValidator(lambda text: plain(text, 500))]
"""A sentence that the other side is shown."""
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
        """Refuse what no frame can show; raises ValueError."""
        self.sight()

    def sight(self) -> Sight:
        """Return it as what the learners take."""
        return Sight(self.x1, self.x2, self.confidence)


class HandMove(_Message):
    """What a person at the robot did with its wheels, and what was seen after it."""

    left: Power
    right: Power
    seconds: Seconds
    sight: SeenSight | None


# From the desktop


class Borrow(_Message):
    """Ask for the robot, or, with the same `loan`, go on after a lost connection."""

    type: Literal["borrow"] = "borrow"
    protocol: int
    version: Words = Field(max_length=40)
    """Of robot-agent at the desktop."""
    who: Words = Field(min_length=1, max_length=80)
    """Name of the person and the desktop, for those who look at the robot's page."""
    desktop: str = Field(min_length=8, max_length=64)
    """Random name of the desktop, always the same."""
    loan: str = Field(min_length=8, max_length=64)
    """Random name of this loan, which nobody else knows."""


class _Order(_Message):
    number: Number
    """Higher than that of the order before."""
    beat: Seconds = 0.0
    """The newest time that the robot has sent."""


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
    """Come to a new start; only for a robot that can do that by itself."""

    type: Literal["reset"] = "reset"


class SeedOrder(_Order):
    """Seed what is random, as a simulated robot has it."""

    type: Literal["seed"] = "seed"
    seed: int = Field(ge=0, le=2**53)


class StopOrder(_Message):
    """Stop the wheels at once."""

    type: Literal["stop"] = "stop"


class Echo(_Message):
    """The newest beat has come."""

    type: Literal["echo"] = "echo"
    beat: Seconds


class GiveBack(_Message):
    """The robot is not needed any more."""

    type: Literal["give back"] = "give back"


# From the robot


class Lent(_Message):
    """The robot is yours until you give it back."""

    type: Literal["lent"] = "lent"
    version: Words
    """Of robot-agent at the robot."""
    robot: Words
    """Its name."""
    kind: str
    """sim, pi or own."""
    can_reset: bool
    """Whether it comes to a new start by itself."""
    lease_seconds: float
    """Its wheels stop when it has not heard from the desktop for this time."""


class Refused(_Message):
    """The robot is not lent."""

    type: Literal["refused"] = "refused"
    kind: Literal["taken", "halted", "version", "other"]
    why: Words


class Done(_Message):
    """What became of the order with this number; a look is answered by a picture if it succeeds."""

    type: Literal["done"] = "done"
    number: int
    how: Literal["done", "torn", "old", "halted", "camera", "failed", "taken over"] = "done"
    """torn: the wheels were stopped, the connection was lost; old: too old when it came, nothing moved;
    camera: the camera fails; taken over: a person had the wheel, and it was not carried out."""
    why: Words = ""
    before: SeenSight | None = None
    """What was seen before the person drove."""
    moves: list[HandMove] = []
    """What the person did."""


class Beat(_Message):
    """A sign of life, with the robot's time in seconds."""

    type: Literal["beat"] = "beat"
    at: Seconds
    waits: Words = ""
    """What orders wait for, as a person who has paused the robot; empty if for nothing."""


class TakenBack(_Message):
    """The loan has ended at the robot."""

    type: Literal["taken back"] = "taken back"
    how: Literal["stopped", "halted", "failed", "given back"]
    why: Words


class PictureHead(_Message):
    """Stands before the bytes of a picture."""

    number: int
    """Of the order to look."""
    sight: SeenSight | None


Order = PulseOrder | LookOrder | ResetOrder | SeedOrder
FromDesktop = Order | StopOrder | Echo | GiveBack | Borrow
FromRobot = Lent | Refused | Done | Beat | TakenBack

_FROM_DESKTOP: TypeAdapter[FromDesktop] = TypeAdapter(Annotated[FromDesktop, Field(discriminator="type")])
_FROM_ROBOT: TypeAdapter[FromRobot] = TypeAdapter(Annotated[FromRobot, Field(discriminator="type")])


class NoMessage(ValueError):
    """What came is no message of this protocol."""


def from_desktop(data: str | bytes) -> FromDesktop:
    """Return a message of a desktop; raises NoMessage."""
    message: FromDesktop = _parsed(_FROM_DESKTOP, data)
    return message


def from_robot(data: str | bytes) -> FromRobot:
    """Return a message of a robot; raises NoMessage."""
    message: FromRobot = _parsed(_FROM_ROBOT, data)
    return message


def _parsed(adapter: TypeAdapter[Any], data: str | bytes) -> Any:
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        raise NoMessage(str(error.errors()[0]["msg"])) from None


def pack(head: PictureHead, jpeg: bytes) -> bytes:
    """Put a picture behind its head: the head's length in four bytes, big-endian, the head, the JPEG."""
    data = head.model_dump_json().encode()
    return len(data).to_bytes(4, "big") + data + jpeg


def unpack(data: bytes) -> tuple[PictureHead, bytes]:
    """Return head and JPEG; raises NoMessage."""
    length = int.from_bytes(data[:4], "big")
    try:
        return PictureHead.model_validate_json(data[4 : 4 + length]), data[4 + length :]
    except ValidationError as error:
        raise NoMessage(str(error)) from None
