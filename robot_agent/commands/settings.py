"""`robot-agent config`: every setting with its value and what it is for."""

import json
from typing import Any

from rich.table import Table

from robot_agent.commands import Json, app, console, print_json
from robot_agent.settings.config import describe
from robot_agent.settings.flags import Flags, takes
from robot_agent.settings.public import without_secrets


@app.command("config")
@takes("config", "set")
def show_settings(
    flags: Flags,
    as_json: Json = False,
) -> None:
    """Print every setting, its default, its value here if that differs, and what it is for."""
    settings = flags.load()
    if as_json:
        print_json(without_secrets(settings.model_dump(mode="json")))
        return
    table = Table("setting", "default", "here", "what it is for")
    for name, default, sentence in describe():
        value: Any = settings
        for part in name.split("."):
            value = getattr(value, part)
        here = "" if value == default else _toml(without_secrets(value))
        table.add_row(name, _toml(default), here, sentence)
    console.print(table)


def _toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):  # a table that a click has taught: thousands of characters
        return "a table"
    return json.dumps(list(value) if isinstance(value, tuple) else value, default=str).replace("[", r"\[")
