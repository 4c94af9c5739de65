"""The bodies of the API's requests, and the checks of names and texts in them."""

import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from robot_agent.envs.task import ActionKind
from robot_agent.settings.presets import PRESETS
from vision.detectors.registry import DETECTORS
from vision.names import unknown

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of characters that are removed from names: controls, line breaks, unassigned ones."""

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that look like nothing."""


def visible(name: str) -> str:
    """Return the visible part of a name that a person gave; raise ValueError if nothing is visible."""
    shown = [letter for letter in name if unicodedata.category(letter) not in HIDDEN and letter not in BLANK]
    seen = "".join(shown).strip()
    if not any(unicodedata.category(letter)[0] not in "MZ" for letter in seen):
        raise ValueError("a name needs something that can be seen")
    return seen


def must_be_text(value: Any) -> Any:
    """Return a JSON value; raise ValueError if it has a lone surrogate, which no file can keep."""
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("it has half of a character (a lone surrogate); write it anew")
    if isinstance(value, dict):
        for name, below in value.items():
            must_be_text(name)
            must_be_text(below)
    elif isinstance(value, list):
        for below in value:
            must_be_text(below)
    return value


def _one_of(what: str, names: Iterable[str]) -> Any:
    """Return the type of a string that has to be one of `names`; `what` says what it is, for the error."""
    known: list[Any] = list(names)

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(unknown(what, name[:80], known))
        return name

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"enum": known})]


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(visible),
]
"""A name that a person gives; the page shows it as plain text."""

Number = Annotated[int, Field(ge=1, le=2**53)]
"""Number of a run or a checkpoint."""

Value = bool | int | float | str | list[float] | list[int] | None
Table = dict[str, bool | int | float | str | list[float]]


POLICY_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""OpenAPI's description of a body that is a policy file."""


class RequestBody(BaseModel):
    """Base class of the bodies of requests; unknown names in a body are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    _text = model_validator(mode="before")(must_be_text)


class RunChange(RequestBody):
    """Changes of a run."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "carpet", "marked": True}]})
    name: Name | None = None
    marked: bool | None = None


class TrainingStart(RequestBody):
    """The training that is to begin."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"robot": "sim", "moves": 300000, "settings": {"learner.gamma": 0.95}}]
        }
    )
    robot: Literal["sim", "robot"] = "sim"
    """sim: train a fleet of simulated robots; robot: train the robot of this server, real or simulated."""
    preset: _one_of("preset", PRESETS) | None = None  # type: ignore[valid-type]
    moves: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    action: ActionKind | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] | None = None
    from_checkpoint: Number | None = None
    drive: bool = False
    """Whether the learned policy is driven in endless episodes after the training."""
    settings: Annotated[dict[str, Value | Table], Field(max_length=100)] | None = None


class DriveStart(RequestBody):
    """What to drive: a checkpoint, or with `known` the policy that uses what is known of the robot."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"checkpoint": 3}, {}, {"known": True}]})
    checkpoint: Number | None = None
    known: bool = False


class Click(RequestBody):
    """A pixel of a picture that was shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"x": 160, "y": 120, "sequence": 42}]})
    x: Annotated[float, Field(ge=0, le=10_000)]
    y: Annotated[float, Field(ge=0, le=10_000)]
    sequence: Annotated[int, Field(ge=0, le=2**53)]


class RobotFit(RequestBody):
    """What is known of a robot, as `GET /robot/fit` returns it."""

    version: int
    known: dict[str, Any]


class DetectorChoice(RequestBody):
    """The detector to use from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "slices"}]})
    name: _one_of("detector", DETECTORS)  # type: ignore[valid-type]


class Confirmed(RequestBody):
    """A confirmation, so that nobody does this by mistake."""

    confirm: Literal[True]


class Code(RequestBody):
    """The pairing code that the terminal shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "7KQ-M4X"}]})
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class TokenName(RequestBody):
    """A name for a new token, which says what the token is for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "lesson plan"}]})
    name: Name
