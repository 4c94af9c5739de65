"""All settings together, and where they come from: preset, robot.toml, environment, flags.

From the weakest to the strongest: defaults, the preset, robot.toml, variables ROBOT_AGENT_SECTION__NAME,
flags. The rest of this package takes plain keyword arguments; `robot_agent.build` makes them from settings.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from robot_agent.errors import SettingsError
from robot_agent.files import read_small_text
from robot_agent.network.address import is_address, parse_address
from robot_agent.settings import presets
from robot_agent.settings.presets import PRESETS
from robot_agent.settings.renamed import RENAMED_VALUES, refusal
from robot_agent.settings.sections import (
    EpisodesSettings,
    LearnerSettings,
    MotorsSettings,
    NetworkSettings,
    PicturesSettings,
    SimulatorSettings,
    TaskSettings,
    TrainSettings,
)
from robot_agent.settings.vision_sections import CameraSettings, VisionSettings
from vision.cameras.address import public
from vision.names import did_you_mean, unknown

PREFIX = "ROBOT_AGENT_"


def _preset(name: str) -> str:
    if name not in PRESETS:
        raise ValueError(unknown("preset", name, PRESETS).removesuffix("."))
    return name


def _robot(name: str) -> str:
    return parse_address(name).url if is_address(name) else name


class Config(BaseModel):
    """All settings of robot-agent."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    preset: Annotated[str, AfterValidator(_preset)] | None = Field(
        default=None, description=f"Settings that belong together. {presets.in_words()}"
    )
    robot: Annotated[str, AfterValidator(_robot)] = "sim"
    """The robot: sim, pi (the motor board and camera below), your own as MODULE:FACTORY, or the address of
    one on the network, such as http://robot.local:8080."""
    store: Path = Path("robot-agent.db")
    """The file that keeps runs, episodes and checkpoints."""
    seed: Annotated[int, Ge(0)] | None = None
    """Seed of all random numbers: the same seed gives the same run; drawn at random if not set."""
    vision: VisionSettings = VisionSettings()
    task: TaskSettings = TaskSettings()
    network: NetworkSettings = NetworkSettings()
    learner: LearnerSettings = LearnerSettings()
    train: TrainSettings = TrainSettings()
    camera: CameraSettings = CameraSettings()
    motors: MotorsSettings = MotorsSettings()
    episodes: EpisodesSettings = EpisodesSettings()
    pictures: PicturesSettings = PicturesSettings()
    simulator: SimulatorSettings = SimulatorSettings()

    @property
    def one_robot(self) -> bool:
        """Whether a single robot is trained and driven, real or rendered."""
        return self.robot != "sim" or self.simulator.rendered


def load(
    file: Path | None = None, flags: Mapping[str, Any] | None = None, *, from_policy: bool = False
) -> Config:
    """Read the settings from a file, the environment and flags.

    Args:
        file: a robot.toml; if not given, the one in the current folder, if there is one.
        flags: the strongest settings, nested as the sections are.
        from_policy: whether a training will begin with a learned policy; this decides the usual preset.

    Raises:
        SettingsError: settings are unknown or cannot be used; the text names all of them.
    """
    if file is not None and not file.is_file():
        raise SettingsError(f"There is no settings file {str(file)!r}; name an existing one after --config.")
    try:
        return resolve(_given(file, flags), from_policy=from_policy)
    except ValidationError as error:
        raise SettingsError(" ".join(explain(Config, error))) from None


def resolve(given: Mapping[str, Any], *, from_policy: bool = False) -> Config:
    """Put settings over their preset, or over the usual one; raise pydantic's ValidationError if invalid."""
    first = Config(**given)
    name = first.preset or presets.usual_preset(one_robot=first.one_robot, from_policy=from_policy)
    return Config(**merge(PRESETS[name].settings, given))


def says_how_to_train(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> bool:
    """Return whether a file, the environment or flags set anything that changes a training, see `load`."""
    given = _given(file, flags)
    return bool(
        given.keys() & {"preset", "train", "learner", "network"} or "factory" in given.get("task", {})
    )


def _given(file: Path | None, flags: Mapping[str, Any] | None) -> dict[str, Any]:
    return merge(merge(read_toml(file or Path("robot.toml")), from_environment()), flags or {})


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file as nested settings, empty without a file; raise SettingsError if it is not TOML."""
    try:
        return tomllib.loads(read_small_text(path))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; correct that line.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not a text file; write it as UTF-8 TOML.") from None
    except (ValueError, RecursionError):
        raise SettingsError(
            f"{path} has a number of thousands of digits, or thousands of brackets within each other; "
            "correct that."
        ) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); check what it is.") from None


def from_environment() -> dict[str, Any]:
    """Return the settings from the variables ROBOT_AGENT_SECTION__NAME, nested."""
    settings: dict[str, Any] = {}
    for variable, text in sorted(os.environ.items()):
        if variable.startswith(PREFIX):
            path = variable.removeprefix(PREFIX).lower().split("__")
            if path[0] not in Config.model_fields:
                raise SettingsError(
                    f"The variable {variable}: {unknown('setting', path[0], Config.model_fields)}"
                )
            _put(settings, path, text)
    return settings


def parse_assignments(assignments: list[str]) -> dict[str, Any]:
    """Turn texts `section.name=value`, with values as in TOML, into nested settings."""
    settings: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SettingsError(f"{text!r} is no setting; write it as section.name=value.")
        _put(settings, name.strip().split("."), value)
    return settings


def _put(settings: dict[str, Any], path: list[str], text: str) -> None:
    *sections, last = path
    place = settings
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise SettingsError(f"{'.'.join(path)} is set beside a value for all of {section}; leave one.")
    value = _parsed(text)
    below = place.get(last)
    place[last] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value


def _parsed(text: str) -> Any:
    """Return the TOML or JSON value of a text, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def explain(model: type[BaseModel], error: ValidationError) -> Iterator[str]:
    """Yield one sentence for each fault; for an unknown setting it names the nearest known one."""
    for problem in error.errors():
        path = [str(part) for part in problem["loc"]]
        name = ".".join(path)
        variable = PREFIX + "__".join(path).upper()
        source = f"The variable {variable}: " if variable in os.environ else ""
        if problem["type"] == "extra_forbidden":
            yield source + _unknown_setting(model, path)
        elif problem["type"] in ("model_type", "model_attributes_type"):
            yield f"{source}The setting {name!r} is a table; write it as [{name}] with its settings below."
        elif new := RENAMED_VALUES.get((name, str(problem["input"]))):
            yield f"{source}The setting {name!r} calls {problem['input']!r} {new!r} now; rename it."
        else:
            message = problem["msg"].removeprefix("Value error, ").replace("valid tuple", "list as in [1, 2]")
            known = re.findall("'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
            hint = did_you_mean(problem["input"], known)
            given = public(problem["input"]) if isinstance(problem["input"], str) else problem["input"]
            yield f"{source}The setting {name!r} cannot be {given!r}: {message.rstrip('.')}.{hint}"


def _unknown_setting(model: type[BaseModel], path: list[str]) -> str:
    name = ".".join(path)
    if renamed := refusal(name):
        return renamed
    section: Any = model
    for part in path[:-1]:
        section = section.model_fields[part].annotation
    kind = f"setting in [{'.'.join(path[:-1])}]" if len(path) > 1 else "setting"
    return unknown(kind, path[-1], section.model_fields)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings with `over` put over `base`; neither is changed."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        nested = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[name] = merge(below or {}, value) if nested else value
    return merged


def describe(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield name, default and sentence of every setting."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from describe(type(default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", default, field.description or ""
