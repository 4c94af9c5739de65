"""`robot-agent experiment`: networks that do not learn, as people asked about them, and corrected."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robot_agent.commands import Json, app, console, messages, print_json, say
from robot_agent.errors import SettingsError
from vision.names import unknown

if TYPE_CHECKING:
    from robot_agent.experiments.outcome import Outcome

FINDINGS = "findings"
"""Name that stands for the pictures of all kinds of findings, not for one experiment."""


@app.command()
def experiment(
    name: Annotated[
        str | None, typer.Argument(help="Name of the experiment; all are listed if not given.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to draw its curves into, .png or .svg; for 'findings' a folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a network that does not learn, as somebody asked about it, and the same corrected."""
    from robot_agent.experiments import NAMES, find

    if name is None:
        questions = {each: find(each)[0] for each in NAMES}
        if as_json:
            print_json(questions)
        else:
            for each, question in questions.items():
                console.print(f"[bold]{each:15}[/] {question}")
            console.print(f"[bold]{FINDINGS:15}[/] Pictures of every kind of finding, into a folder (--out).")
        return
    if name == FINDINGS:
        _draw_findings(out, as_json)
        return
    if name not in NAMES:
        raise SettingsError(unknown("experiment", name, (*NAMES, FINDINGS)))
    question, forms = find(name)
    if out is not None:
        from robot_agent.figures import check_picture, draw_curves

        check_picture(out)
    if not as_json:
        console.print(f"[bold]{question}[/]")
    outcomes = {}
    for form, run in forms.items():
        with messages.status(f"Running {form}"):
            outcomes[form] = run()
        if not as_json:
            _print_outcome(form, outcomes[form])
    if as_json:
        print_json({"question": question, "forms": {k: asdict(v) for k, v in outcomes.items()}})
    if out is not None:
        draw_curves(out, question, {form: (each.curve_name, each.curve) for form, each in outcomes.items()})
        messages.print(f"Wrote {out}")


def _print_outcome(form: str, outcome: "Outcome") -> None:
    console.print(f"\n[bold {'green' if outcome.works else 'red'}]{form}[/]", highlight=False)
    say(outcome.said)
    for finding in outcome.findings:
        console.print(f"[yellow]{finding.kind}[/] (sure: {finding.sure:.0%})")
        for words in (finding.seen, finding.means, finding.cure):
            say(f"  {words}")
    if not outcome.findings:
        console.print("Nothing is found to be wrong.")


def _draw_findings(out: Path | None, as_json: bool) -> None:
    from robot_agent.experiments.findings.every import draw_all

    if out is None:
        raise SettingsError("Name a folder for the pictures: robot-agent experiment findings --out FOLDER.")
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file; name a folder for the pictures.")
    with messages.status("Running the experiments"):
        files = [str(each) for each in draw_all(out)]
    if as_json:
        print_json({"pictures": files})
    else:
        messages.print(f"Wrote {len(files)} pictures into {out}")
