"""Routes for the choices that the page offers, and for all settings."""

from typing import Any

from fastapi import APIRouter, Request

from robot_agent.settings.config import describe
from robot_agent.settings.public import without_secrets
from server.api.options import Options, options_of
from server.api.routes_control import control_of
from server.api.schemas import Setting
from server.control.server_settings import LEARNED_COLOR, is_open

router = APIRouter(tags=["control"])


@router.get("/options", response_model=Options)
async def options(request: Request) -> Any:
    """The choices that the page offers, and the numbers of the robot and the task under way."""
    return options_of(control_of(request).state.current_config)


@router.get("/settings", response_model=list[Setting])
async def settings(request: Request) -> Any:
    """All settings: name, value, default, and a sentence on each."""
    now = control_of(request).settings.config.model_dump(mode="json")

    def value(name: str) -> Any:
        found: Any = now
        for part in name.split("."):
            found = found[part]
        if name == LEARNED_COLOR and isinstance(found, dict):  # its tables are thousands of characters
            return {key: own for key, own in found.items() if not isinstance(own, str)}
        return without_secrets(found)

    return [
        Setting(name=name, value=value(name), default=_json(default), help=sentence, open=is_open(name))
        for name, default, sentence in describe()
    ]


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int | float | str | list | dict | None) else str(value)
