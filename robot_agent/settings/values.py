"""What a setting may be: kinds of values, and the section that they stand in."""

from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def ordered(ends: tuple[float, float]) -> tuple[float, float]:
    """Return both ends; raises ValueError when the first is the larger."""
    if ends[0] > ends[1]:
        raise ValueError("the first is larger than the second; swap them")
    return ends


def items(value: Any) -> Any:
    """A list as people write it in a variable: `10,31`, or one number alone."""
    if isinstance(value, str):
        return [part.strip() for part in value.strip("[]() ").split(",")]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def whole(value: Any) -> Any:
    """A whole number that stands as text in a variable."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
LogStd = Annotated[float, Ge(-10), Le(2)]
Listed = BeforeValidator(items)
Pair = Annotated[tuple[float, float], Listed]
Range = Annotated[tuple[Positive, Positive], Listed, AfterValidator(ordered)]
ShareRange = Annotated[tuple[Share, Share], Listed, AfterValidator(ordered)]
NotNegative = Annotated[float, Ge(0)]
Count = Annotated[int, Ge(1), Le(2**53)]
Slice = Annotated[int, Ge(0), Le(41)]


class Section(BaseModel):
    """A table of robot.toml; unknown names in it are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)
