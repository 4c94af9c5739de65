"""The flags that several commands share to choose their settings; each flag is declared here, once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from robot_agent.settings.config import Config

Shared = Literal["robot", "task", "backend", "seed", "store", "config", "set"]

OPTIONS: dict[Shared, Any] = {
    "robot": Annotated[
        str | None,
        typer.Option(help="sim, pi, your own as MODULE:FACTORY, or the address of one: http://HOST:PORT."),
    ],
    "task": Annotated[
        str | None,
        typer.Option(help="Your own task as MODULE:FACTORY; by default the robot approaches its target."),
    ],
    "backend": Annotated[str | None, typer.Option(help="torch, or numpy where PyTorch is not installed.")],
    "seed": Annotated[
        int | None, typer.Option(help="Seed of everything random: the same seed gives the same run.")
    ],
    "store": Annotated[Path | None, typer.Option(help="File that keeps the runs.")],
    "config": Annotated[
        Path | None, typer.Option(help="Settings file; robot.toml in this folder if there is one.")
    ],
    "set": Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Any setting, as in learner.gamma=0.95; 'robot-agent config' lists them.",
        ),
    ],
}
SETTINGS = {"task": "task__factory", "backend": "learner__backend"}
"""Setting of each flag whose name differs from the setting's name."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The values of the shared flags of one command line."""

    config: Path | None = None
    """The settings file given by `--config`."""
    assignments: list[str] = field(default_factory=list)
    """The values of `--set`."""
    given: dict[str, Any] = field(default_factory=dict)
    """The values of the other flags, by the names of their settings; None for a flag that was left out."""

    def values(self, **more: Any) -> dict[str, Any]:
        """Return all flags as nested settings; `more` are the command's own flags, named section__name.

        Flags that are None or False set nothing.
        """
        from robot_agent.settings.config import parse_assignments

        settings = parse_assignments(self.assignments)
        for name, value in (self.given | more).items():
            if value is None or value is False:
                continue
            *sections, last = name.split("__")
            place = settings
            for section in sections:
                place = place.setdefault(section, {})
            place[last] = value
        return settings

    def load(self, **more: Any) -> "Config":
        """Load the settings of the command, with these flags as the strongest; see `values`."""
        from robot_agent.settings.config import load

        return load(self.config, self.values(**more))


def takes(*names: Shared) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these flags; the command gets their values as its argument `flags`."""

    def with_flags(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**arguments: Any) -> None:
            shared = {name: arguments.pop(name) for name in names}
            config, assignments = shared.pop("config", None), shared.pop("set", None)
            given = {SETTINGS.get(name, name): value for name, value in shared.items()}
            command(flags=Flags(config, assignments or [], given), **arguments)

        signature = inspect.signature(command)
        own = [one for name, one in signature.parameters.items() if name != "flags"]
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=OPTIONS[name])
            for name in names
        ]
        run.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
        return run

    return with_flags
