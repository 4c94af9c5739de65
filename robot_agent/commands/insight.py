"""`robot-agent insight`: a policy's most extreme moves, and the differences between two policies."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from robot_agent.commands import Json, app, console, messages, print_json
from robot_agent.errors import SettingsError
from robot_agent.settings.flags import Flags, takes

if TYPE_CHECKING:
    from robot_agent.learning.insight import Change


@app.command()
@takes("store", "config", "set")
def insight(
    flags: Flags,
    policy: Annotated[
        str | None, typer.Argument(help="A policy file or a run's number (3:last, 3:12 are its checkpoints).")
    ] = None,
    other: Annotated[
        str | None, typer.Argument(help="A later policy, to print what changed since the first.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Draw what changed over all sights: .png or .svg.")] = None,
    as_json: Json = False,
) -> None:
    """Print a policy's sharpest turns, longest and least sure moves; of two policies, where they differ."""
    from robot_agent.build.simulation import make_approach
    from robot_agent.commands.policies import open_policy
    from robot_agent.figures import check_picture, draw_changes
    from robot_agent.learning.insight import changes, extremes

    if out is not None:
        check_picture(out)
    net, settings, _ = open_policy(policy, flags)
    task = make_approach(settings)
    if other is None:
        if out is not None:
            raise SettingsError("--out draws what changed between two policies; name the later one as well.")
        found = extremes(net, task)
        if as_json:
            print_json([asdict(one) for one in found])
            return
        table = Table("", "sight", "left wheel", "right wheel", "seconds", "u")
        for one in found:
            output = f"{one.value:+.2f}" if one.name != "least sure" else f"{one.value:.1f} sigma a slice"
            table.add_row(
                one.name,
                f"({one.x1}, {one.x2})",
                f"{one.left:.0%}",
                f"{one.right:.0%}",
                f"{one.seconds:.2f}",
                output,
            )
        console.print(table)
        return
    later, later_settings, _ = open_policy(other, flags)
    change = changes((net, task), (later, make_approach(later_settings)))
    if out is not None:
        draw_changes(out, f"What changed from {policy} to {other}", change, task)
        messages.print(f"Wrote {out}")
    _print_change(change, as_json)


def _print_change(change: "Change", as_json: bool) -> None:
    """Print where two policies differ most, and by how much over all sights."""
    differences: dict[str, Any] = {}
    asked = (("turn", change.turn, change.most_turned), ("seconds", change.seconds, change.most_seconds))
    for (name, values, most), size in zip(asked, change.size, strict=True):
        x1, x2 = change.sights[:, most].tolist()
        differences[name] = {"x1": x1, "x2": x2, "most": float(values[most]), "rms": size}
    if as_json:
        print_json(differences)
        return
    turn, seconds = differences["turn"], differences["seconds"]
    console.print(
        f"Most at ({turn['x1']}, {turn['x2']}) it turns {abs(turn['most']):.2f} of full speed further to "
        f"the {'right' if turn['most'] > 0 else 'left'} now; {turn['rms']:.2f} over all sights (rms)."
    )
    console.print(
        f"Most at ({seconds['x1']}, {seconds['x2']}) it drives {abs(seconds['most']):.2f} s "
        f"{'longer' if seconds['most'] > 0 else 'shorter'} now; {seconds['rms']:.2f} s over all sights."
    )
