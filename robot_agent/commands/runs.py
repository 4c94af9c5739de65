"""`robot-agent runs` and `export`: list, compare and delete runs, and write policies to files."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from robot_agent.commands import Json, app, console, messages, print_json
from robot_agent.commands.stores import open_store
from robot_agent.errors import StoreError
from robot_agent.runs.store import RunInfo, Store
from robot_agent.settings.flags import Flags, takes
from robot_agent.settings.public import without_secrets

runs_app = typer.Typer(help="List, show, compare and delete runs.", invoke_without_command=True)
app.add_typer(runs_app, name="runs")


def _open(flags: Flags) -> Store:
    return open_store(flags.load().store)


def _score(info: RunInfo) -> tuple[str, str]:
    success = "" if info.success_rate is None else f"{info.success_rate:.1%}"
    return success, "" if info.moves_mean is None else f"{info.moves_mean:.2f}"


def _json(info: RunInfo) -> dict[str, Any]:
    return asdict(info) | {"settings": without_secrets(info.settings)}


@runs_app.callback()
@takes("store", "config")
def list_runs(
    flags: Flags,
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List all runs, the newest first."""
    if context.invoked_subcommand is not None:
        return
    with _open(flags) as opened:
        infos = opened.runs()
    if as_json:
        print_json([_json(info) for info in infos])
        return
    table = Table("run", "begun", "status", "robot", "moves made", "success", "moves to goal")
    for info in infos:
        begun = datetime.fromtimestamp(info.created).strftime("%m-%d %H:%M")
        table.add_row(
            str(info.id), begun, info.status, info.settings["robot"], f"{info.moves:,}", *_score(info)
        )
    console.print(table)


@runs_app.command("show")
@takes("store", "config")
def show_run(
    flags: Flags,
    run: Annotated[int, typer.Argument(help="Number of the run.")],
    as_json: Json = False,
) -> None:
    """Show one run: how it went, and its checkpoints."""
    with _open(flags) as opened:
        info, checkpoints = opened.run(run), opened.checkpoints(run)
    if as_json:
        print_json(_json(info) | {"checkpoints": [asdict(c) for c in checkpoints]})
        return
    success, moves = _score(info)
    console.print(
        f"Run {run}, {info.status}: {info.episodes} episodes, {info.moves} moves, {info.updates} updates."
    )
    console.print(f"Best checkpoint: {success or 'not evaluated'} {f'in {moves} moves' if moves else ''}")
    table = Table("checkpoint", "moves made", "success", "moves to goal", "")
    for c in checkpoints:
        success = "" if c.success_rate is None else f"{c.success_rate:.1%}"
        table.add_row(
            str(c.id),
            str(c.moves),
            success,
            "" if c.moves_mean is None else f"{c.moves_mean:.2f}",
            " ".join(c.marks),
        )
    console.print(table)


@runs_app.command("compare")
@takes("store", "config")
def compare_runs(
    flags: Flags,
    runs: Annotated[list[int], typer.Argument(help="Numbers of two or more runs.")],
    as_json: Json = False,
) -> None:
    """Compare runs: how good they became, how soon, and which settings they differ in."""
    with _open(flags) as opened:
        infos = [opened.run(run) for run in runs]
        at_95 = [
            next((e["moves"] for e in opened.evaluations(run) if e["success_rate"] >= 0.95), None)
            for run in runs
        ]
    flat = [dict(_flatten(without_secrets(info.settings))) for info in infos]
    names = dict.fromkeys(name for one in flat for name in one)
    differing = [name for name in names if len({str(one.get(name)) for one in flat}) > 1]
    if as_json:
        print_json([_json(info) | {"moves_to_95": moves} for info, moves in zip(infos, at_95, strict=True)])
        return
    table = Table("", *(f"run {run}" for run in runs))
    table.add_row("success", *(_score(info)[0] for info in infos))
    table.add_row("moves to goal", *(_score(info)[1] for info in infos))
    table.add_row("moves made", *(str(info.moves) for info in infos))
    table.add_row("moves until 95 %", *(str(moves or "") for moves in at_95))
    table.add_row("learning s", *(f"{info.seconds:.1f}" for info in infos), end_section=True)
    for name in differing:
        table.add_row(name, *("-" if (value := one.get(name)) is None else str(value) for one in flat))
    console.print(table)


def _flatten(settings: dict[str, Any], prefix: str = "") -> Any:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@runs_app.command("delete")
@takes("store", "config")
def delete_runs(
    flags: Flags,
    runs: Annotated[list[int], typer.Argument(help="Numbers of the runs.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete runs with all their episodes and checkpoints; not one that another program works on."""
    with _open(flags) as opened:  # also on a full disk, where this makes room
        for run in runs:
            opened.run(run)
        if not yes:
            typer.confirm(f"Delete {', '.join(f'run {run}' for run in runs)} for good?", abort=True)
        for run in runs:
            opened.delete_run(run)
        messages.print(f"Deleted {len(runs)}.")
        try:
            opened.compact()
        except StoreError as error:
            messages.print(f"New runs will use their space; the disk did not get it back: {error}")


@app.command()
@takes("robot", "store", "config", "set")
def export(
    flags: Flags,
    policy: Annotated[
        str,
        typer.Argument(
            help="A run's number (3:last is its last checkpoint instead of its best); or known: the policy "
            "that is given what is known of the robot, with all that is known of it."
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("policy.safetensors"),
) -> None:
    """Write a policy as a safetensors file with its settings, to drive with elsewhere."""
    from robot_agent.commands.policies import find_policy
    from robot_agent.runs.policy_file import save_policy

    if policy == "known":
        from robot_agent.commands.known import known_policy

        settings = flags.load()
        content = known_policy(settings)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise OSError(f"{out} cannot be written ({error}); choose another place with --out.") from error
    else:
        with _open(flags) as opened:
            tensors, settings_of_run = find_policy(policy, opened)
        save_policy(out, tensors, settings_of_run)
    messages.print(f"Wrote {out}; drive with it: robot-agent drive --policy {out}")
