"""A space file: fixed settings as in robot.toml, the settings to try in [space], and how to in [sweep].

preset = "quick"

[sweep]
figure = "moves_to_95"
trials = 64
seeds = 5

[space]
"learner.learning_rate" = {low = 0.003, high = 0.3, log = true}
"learner.epochs" = {low = 1, high = 5}
"network.hidden" = {choices = [[8], [16], [16, 16]]}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from robot_agent.errors import SettingsError
from robot_agent.settings.config import (
    Config,
    describe,
    explain,
    from_environment,
    merge,
    read_toml,
    resolve,
)
from robot_agent.settings.renamed import refusal
from robot_agent.sweep.job import check_simulated
from robot_agent.sweep.ranges import KEYS, Range, parse_range
from robot_agent.sweep.seeds import LARGEST_SEED, MOST_SEEDS, parse_seeds
from vision.names import did_you_mean

FigureName = Literal["moves_to_95", "worst_seed", "held_out_robots"]

TRIED = ("preset", "vision", "task", "network", "learner", "train", "simulator")
"""The settings and sections that a sweep can try: those that change a training."""

FIRST_FINAL, FIRST_HELD_OUT = 1_000_000, 2_000_000
"""First seeds of the final, and of the last comparison; no trial is trained with them."""


def _seeds(value: Any) -> Any:
    if isinstance(value, str | list):
        seeds = parse_seeds(value if isinstance(value, str) else ",".join(map(str, value)))
        if max(seeds) >= FIRST_FINAL:
            raise ValueError(f"the seeds from {FIRST_FINAL:,} on are those of the final; give smaller ones")
        return seeds
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SEEDS:
        return tuple(range(value))
    raise ValueError('give how many, at least 1, or which, as in "0..9"')


class SweepSettings(BaseModel):
    """The table [sweep] of a space file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    figure: FigureName = "moves_to_95"
    """The figure to optimise: moves_to_95 (few moves until 95 % succeed), worst_seed (success of the worst
    seed at the end), held_out_robots (success on robots that are all different)."""
    trials: Annotated[int, Ge(1), Le(1_000_000)] = 64
    """Number of trials: combinations of settings that are tried."""
    seeds: Annotated[tuple[int, ...], BeforeValidator(_seeds)] = (0, 1, 2, 3, 4)
    """Seeds with which each trial is trained: how many, or which, as in "0..9"."""
    finalists: Annotated[int, Ge(0), Le(1000)] = 4
    """Number of the best trials that are compared again, on twice as many new seeds; 0 for no such final."""
    held_out_seeds: Annotated[int, Ge(0), Le(10_000)] = 10
    """Number of further seeds on which the winner is compared with the settings without a sweep."""
    processes: Annotated[int, Ge(1), Le(10_000)] | None = None
    """Trainings at the same time; the number of cores if not set."""
    pruner: Literal["median", "none"] = "median"
    """median: a trial ends early if its seeds so far are worse than the median of the others; or none."""
    seed: Annotated[int, Ge(0), Le(LARGEST_SEED)] = 0
    """Seed of the search itself."""


class _SpaceFile(BaseModel):
    sweep: SweepSettings = SweepSettings()


@dataclass(frozen=True, slots=True)
class Space:
    """The content of a space file: what a sweep tries, and how."""

    file: Path
    given: Mapping[str, Any]
    """The fixed settings, nested. If one is also in [space], its value here is tried first."""
    ranges: tuple[Range, ...]
    sweep: SweepSettings
    base: Config
    """The fixed settings alone, with their preset."""
    longest: int
    """Moves of the longest training in the space."""

    def settings_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fixed settings with `values` put over them, nested as in robot.toml."""
        settings = dict(self.given)
        for name, value in values.items():
            settings = merge(settings, _nested(name, value))
        return settings

    def config_of(self, values: Mapping[str, Any]) -> Config:
        """Return all settings of a trial; raise SettingsError if the values do not go together."""
        try:
            return resolve(self.settings_of(values))
        except ValidationError as error:
            raise SettingsError(" ".join(explain(Config, error))) from None

    def defaults(self) -> dict[str, Any]:
        """Return the values that the settings in [space] have without a sweep, if in their ranges."""
        usual = self.base.model_dump(mode="json")
        found = {one.name: _at(usual, one.name) for one in self.ranges}
        return {one.name: found[one.name] for one in self.ranges if one.holds(found[one.name])}

    def fingerprint(self) -> dict[str, Any]:
        """Return what all trials of a sweep share, as JSON values; a change makes another sweep."""
        return {
            "figure": self.sweep.figure,
            "seeds": list(self.sweep.seeds),
            "pruner": self.sweep.pruner,
            "seed": self.sweep.seed,
            "space": {one.name: one.to_json() for one in self.ranges},
            "settings": self.base.model_dump(mode="json", exclude={"store", "camera", "motors"}),
        }


def read_space(file: Path) -> Space:
    """Read a space file.

    Raises:
        SettingsError: the file is missing or wrong; the text has one sentence for each fault.
    """
    if not file.is_file():
        raise SettingsError(f"There is no space file {str(file)!r}; name an existing one.")
    content = read_toml(file)
    tables = {name: content.pop(name) for name in ("space", "sweep") if name in content}
    for name in content:
        if name in SweepSettings.model_fields and name not in Config.model_fields:
            raise SettingsError(f"{name} stands below [sweep] in {file}; move it there.")
    try:
        sweep = _SpaceFile(**{"sweep": tables["sweep"]} if "sweep" in tables else {}).sweep
    except ValidationError as error:
        raise SettingsError(" ".join(explain(_SpaceFile, error))) from None
    given = merge(content, from_environment())
    try:
        base = resolve(given)
    except ValidationError as error:
        raise SettingsError(" ".join(explain(Config, error))) from None
    check_simulated(base.robot)
    if base.seed is not None:
        raise SettingsError("A sweep trains many seeds: leave out seed, and give seeds below [sweep].")
    found = tables.get("space")
    if not isinstance(found, Mapping) or not found:
        raise SettingsError(
            f'{file} has nothing to try; write below [space] as "learner.gamma" = {{low = 0.5, high = 0.99}}.'
        )
    leaves = list(_leaves(found))
    names = [name for name, _ in leaves]
    if twice := [name for name in names if names.count(name) > 1]:
        raise SettingsError(f"{twice[0]} stands twice below [space]; leave one.")
    ranges = [_checked(name, written, given, set(names) - {name}) for name, written in leaves]
    return Space(file, given, tuple(ranges), sweep, base, _longest(base, ranges, given))


def _leaves(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the full name and the value of each setting in [space], for all ways to write it in TOML."""
    for name, value in table.items():
        whole = f"{before}{name}"
        if isinstance(value, Mapping) and value and not value.keys() & set(KEYS) and _is_section(whole):
            yield from _leaves(value, f"{whole}.")
        else:
            yield whole, value


def _field(name: str) -> Any:
    """Return the pydantic field of a setting; None if it is unknown or stands below a free table."""
    section: Any = Config
    for part in name.split("."):
        fields = getattr(section, "model_fields", {})
        if part not in fields:
            return None
        field = fields[part]
        section = field.annotation
    return field


def _is_section(name: str) -> bool:
    return hasattr(getattr(_field(name), "annotation", None), "model_fields") or _is_free(name)


def _is_free(name: str) -> bool:
    """Return whether a name is a free table or below one, as learner.options.clip."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        field = _field(".".join(parts[:length]))
        if field is None:
            return False
        kinds = (field.annotation, *get_args(field.annotation))
        if any(kind is dict or getattr(kind, "__origin__", None) is dict for kind in kinds):
            return True
    return False


def _checked(name: str, written: Any, given: Mapping[str, Any], others: set[str]) -> Range:
    """Return the range of a setting after a check of its ends or choices.

    `others` are the other settings in [space]: an error that their values may cure is ignored.
    """
    names = [known for known, _, _ in describe()]
    if renamed := refusal(name):
        raise SettingsError(renamed)
    if _field(name) is None and not _is_free(name):
        nearest = _nearest(name, names)
        raise SettingsError(
            f"There is no setting {name!r} to try.{nearest} 'robot-agent config' lists all of them."
        )
    if hasattr(_field(name) and _field(name).annotation, "model_fields"):
        inside = ", ".join(_field(name).annotation.model_fields)
        raise SettingsError(f"{name!r} is a section; name one of its settings: {inside}.")
    if name.split(".")[0] not in TRIED or name == "train.log":
        raise SettingsError(f"{name!r} does not change how a training goes; take it out of [space].")
    found = parse_range(name, written, whole=_takes_whole_numbers(name, written))
    for value in found.probes():
        try:
            resolve(merge(given, _nested(name, value)))
        except ValidationError as error:
            if any(_is_of(name, [str(part) for part in one["loc"]], others) for one in error.errors()):
                raise SettingsError(" ".join(explain(Config, error))) from None
    return found


def _is_of(name: str, place: list[str], others: set[str]) -> bool:
    """Return whether an error at `place` is this setting's own, and not one that `others` may cure."""
    parts = name.split(".")
    if place[: len(parts)] == parts:
        return True
    section = ".".join(place)
    return parts[: len(place)] == place and not any(other.startswith(f"{section}.") for other in others)


def _nearest(name: str, names: list[str]) -> str:
    """Return "Did you mean ...?" with this name in another section, else with the nearest setting."""
    last = name.rpartition(".")[2]
    same = [known for known in names if known.rpartition(".")[2] == last]
    if same:
        return did_you_mean(same[0], same)
    by_end = {known.rpartition(".")[2]: known for known in reversed(names)}
    return did_you_mean(name, names) or did_you_mean(by_end.get(last, ""), names)


def _takes_whole_numbers(name: str, written: Any) -> bool:
    """Return whether a range is of whole numbers: by the setting's type, else by how it is written."""
    kinds: set[Any] = set()

    def collect(kind: Any) -> None:
        kinds.add(kind)
        for inner in get_args(kind):
            collect(inner)

    field = _field(name)
    if field is not None and not _is_free(name):
        if field.annotation is float or float in get_args(field.annotation):
            return False
        collect(field.annotation)
        if int in kinds and not kinds & {float, tuple, list}:
            return True
    ends = [written.get(key) for key in ("low", "high")] if isinstance(written, Mapping) else []
    return bool(ends) and all(isinstance(end, int) for end in ends)


def _longest(base: Config, ranges: list[Range], given: Mapping[str, Any]) -> int:
    """Return the number of moves of the longest training in the space."""
    most = base.train.moves
    for one in ranges:
        for value in one.probes():
            try:
                most = max(most, resolve(merge(given, _nested(one.name, value))).train.moves)
            except ValidationError:
                continue
    return most


def _nested(name: str, value: Any) -> dict[str, Any]:
    for part in reversed(name.split(".")):
        value = {part: value}
    return dict(value)


def _at(settings: Mapping[str, Any], name: str) -> Any:
    place: Any = settings
    for part in name.split("."):
        place = place.get(part) if isinstance(place, Mapping) else None
    return place
