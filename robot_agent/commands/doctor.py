"""`robot-agent doctor`: why a PyTorch script of one's own does not learn."""

from pathlib import Path
from typing import Annotated

import typer

from robot_agent.commands import Json, app
from robot_agent.doctor.command import examine
from robot_agent.errors import RobotAgentError


@app.command(context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False})
def doctor(
    script: Annotated[
        str | None, typer.Argument(help="Your script or notebook; its arguments follow it.")
    ] = None,
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments of the script.")] = None,
    module: Annotated[str | None, typer.Option("-m", help="Run a module instead, as python -m does.")] = None,
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop the script after this time: 60s, 5m.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Stop the script after this number of training steps.", min=1)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the JSON report into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Run your own training script, unmodified, and name the line that keeps it from learning.

    Exit code: that of the script if it failed by itself; else 1 with a finding, 0 without.
    """
    if module is not None:
        rest = [*([script] if script is not None else []), *(arguments or [])]
        target = module
    elif script is not None:
        target, rest = script, arguments or []
    else:
        raise RobotAgentError("Name a script: robot-agent doctor my_script.py, or -m my_module.")
    seconds = _seconds(duration)
    raise typer.Exit(
        examine(
            target, rest, module=module is not None, seconds=seconds, steps=steps, out=out, as_json=as_json
        )
    )


def _seconds(duration: str | None) -> float | None:
    if duration is None:
        return None
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    text = duration.strip().lower()
    factor = units.get(text[-1:])
    try:
        seconds = float(text[:-1]) * factor if factor is not None else float(text)
    except ValueError as error:
        raise RobotAgentError(f"--for {duration!r} is no time; write 60s, 5m or 1h.") from error
    if not 0 < seconds < 1e7:
        raise RobotAgentError(f"--for {duration!r} is no time; write 60s, 5m or 1h.")
    return seconds
