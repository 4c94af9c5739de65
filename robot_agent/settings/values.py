"""Types of values that settings may have, and the base class of the sections."""

from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def ordered(ends: tuple[float, float]) -> tuple[float, float]:
    """Return both ends; raise ValueError if the first is larger than the second."""
    if ends[0] > ends[1]:
        raise ValueError("the first is larger than the second; swap them")
    return ends


def items(value: Any) -> Any:
    """Return the items of a list written as text, such as `10,31` or a single number."""
    if isinstance(value, str):
        return [part.strip() for part in value.strip("[]() ").split(",")]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def whole(value: Any) -> Any:
    """Return the whole number in a text; return anything else unchanged."""
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
