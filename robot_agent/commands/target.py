"""`robot-agent target`: record pictures of your own target, train the network to find it, and test that."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robot_agent.commands import app, console, report, say
from robot_agent.errors import SettingsError
from robot_agent.settings.flags import Flags, takes
from vision.cameras.camera import Camera, CameraError, EndOfPictures, heal
from vision.cameras.decoding import writable, write_picture
from vision.cameras.files import pictures
from vision.sheet import contact_sheet, tile
from vision.sight import Frame, Sight, draw_sight

if TYPE_CHECKING:
    from vision.training.evaluate import Detect
    from vision.training.recorded import Shot

target = typer.Typer(
    help="Train the detector `slices` on your own target: record, train, test, in this order.",
    no_args_is_help=True,
)
app.add_typer(target, name="target")

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Pictures with their labels.csv.")]
Name = Annotated[
    str | None,
    typer.Option("--target", help="Name of the thing, if labels.csv has several; see its column target."),
]
ModelFile = Annotated[Path, typer.Option("--model", metavar="FILE", help="The .tflite file of the network.")]


@target.command()
@takes("config", "set")
def record(
    flags: Flags,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A USB camera's number, pi, a URL, a video, or a folder.")
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where pictures and labels.csv go.")] = Path(
        "target"
    ),
    frames: Annotated[int, typer.Option(min=1, help="Number of pictures to record.")] = 30,
    every: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Keep only every Nth picture: neighbours look alike. Default: 10, for a folder 1.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An existing labels.csv: its labels are taken over by file name."),
    ] = None,
) -> None:
    """Record pictures, and a labels.csv to fill in: in which columns of each picture the target is."""
    from robot_agent.build.robot import make_camera
    from vision.training.recorded import LABELS, read_labels, write_labels

    known = {label.file: label for label in read_labels(labels)} if labels is not None else {}
    if (out / LABELS).exists():
        raise SettingsError(
            f"{out / LABELS} exists already; choose another folder with --out, or move it away."
        )
    # The pictures of a folder keep their names, as labels may know them.
    files = [path.name for path in pictures(Path(source))] if Path(source).is_dir() else None
    if files and out.is_dir() and out.samefile(source):
        raise SettingsError(
            f"--out {out} is the folder of the pictures, which would be written anew: name another."
        )
    step = every or (10 if files is None else 1)
    camera = make_camera(flags.load(), source)
    names: list[str] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for count, frame in enumerate(_pictures(camera, skips_faulty=files is not None)):
            if frame is not None and count % step == 0:
                name = f"frame_{len(names):04d}.png" if files is None else writable(files[count])
                if files is not None and files[count] in known:
                    known[name] = replace(known[files[count]], file=name)
                write_picture(out / name, frame)
                names.append(name)
                report(f"{name} recorded, {len(names)} of {frames}")
            if len(names) == frames:
                break
    finally:
        camera.close()
        if names:
            write_labels(out / LABELS, names, known)
    missing = sum(name not in known for name in names)
    say(f"{len(names)} pictures are in {out}.")
    if len(names) < frames and step > 1:
        say(f"The source has ended before {frames}: keep more of it with --every {max(1, step // 2)}.")
    if missing:
        say(
            f"{missing} have no label yet: in {out / LABELS} give visible 1 with x_left_px and x_right_px "
            "(and y_top_px, y_bottom_px, which help), or visible 0."
        )


def _pictures(camera: Camera, *, skips_faulty: bool) -> Iterator[Frame | None]:
    """Yield a camera's pictures; None for a faulty one, if such are to be skipped."""
    while True:
        try:
            yield heal(camera, report=report, patience=30.0)
        except EndOfPictures:
            return
        except CameraError as error:
            if not skips_faulty:
                raise
            report(f"Error: {error}")
            yield None


@target.command()
def train(
    folder: Folder,
    model: ModelFile = Path("target.tflite"),
    name: Name = None,
    hold_out: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of the pictures that is kept for measuring.")
    ] = 0.25,
    variations: Annotated[
        int, typer.Option(min=100, help="Number of training pictures made from them.")
    ] = 9000,
    epochs: Annotated[int, typer.Option(min=1, help="Number of passes over the training pictures.")] = 12,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Weights to start from; the shipped ones if not given."),
    ] = None,
) -> None:
    """Train the network and learn the colour of recorded pictures' target, and keep what finds it better."""
    from vision.training.choice import choose, learn_color, unseen
    from vision.training.evaluate import measure, table
    from vision.training.own import read_weights, teach
    from vision.training.photographs import photographs
    from vision.training.recorded import read

    if model.suffix != ".tflite":
        raise SettingsError(f"--model {model} is no name for a network; let it end in .tflite.")
    shots = read(folder, name)
    kept, held = _split(shots, hold_out)
    teach(
        kept,
        list(photographs(held_out=False).values()),
        model,
        weights=None if start is None else read_weights(start),
        pictures=variations,
        epochs=epochs,
        seed=seed,
        report=report,
    )
    learned, color = learn_color(kept), model.with_suffix(".color.json")
    if learned is not None and learned.model is not None:
        learned.model.save(color)
    choice = choose(
        unseen(held, list(photographs(held_out=True).values())), model, None if learned is None else color
    )
    written = f"{model}" if learned is None else f"{model} and {color}"
    say(
        f"Trained on {len(kept)} pictures and written to {written}. Chosen: {_CHOSEN[choice.name]} "
        f"({choice.why}). To use it, put this into robot.toml:"
    )
    say(_section(choice.name, model, color))
    if held:
        detectors = _detectors(model, kept)
        console.print(f"\nOn the {len(held)} pictures that were held out:\n", soft_wrap=True)
        say(table(measure([s.example for s in held], detectors)))


@target.command()
@takes("config")
def test(
    flags: Flags,
    folder: Folder,
    model: ModelFile = Path("target.tflite"),
    name: Name = None,
    overlay: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a sheet of the pictures with what is seen.")
    ] = None,
) -> None:
    """Measure a network on labelled pictures, compared with the colour detector and the shipped network."""
    from vision.training.evaluate import measure, table
    from vision.training.recorded import read

    settings = flags.load()
    shots = read(folder, name)
    if overlay and overlay.resolve() in {(folder / shot.label.file).resolve() for shot in shots}:
        raise SettingsError(f"--overlay {overlay} would replace a labelled picture: give another name.")
    detectors = _detectors(model, shots)
    say(table(measure([s.example for s in shots], detectors)))
    if overlay is not None:
        sheet = _sheet(shots, detectors[model.name], Sight(*settings.task.goal))
        write_picture(overlay, sheet)
        say(f"The sheet is {overlay}.")


_CHOSEN = {"network": "the network", "color": "the colour", "both": "network and colour together"}


def _section(chosen: str, model: Path, color: Path) -> str:
    """Return the lines of robot.toml for the chosen detector."""
    learned = json.dumps(str(color))
    if chosen == "color":
        return f'[vision]\ndetector = "color"\n[vision.color]\nlearned = {learned}'
    lines = f'[vision]\ndetector = "slices"\n[vision.slices]\nmodel = {json.dumps(str(model))}'
    return f"{lines}\ncolor = {learned}" if chosen == "both" else lines


def _split(shots: Sequence["Shot"], share: float) -> tuple[list["Shot"], list["Shot"]]:
    """Hold out evenly spaced pictures, so that both parts cover the whole recording."""
    held = {round((i + 0.5) / share) for i in range(int(len(shots) * share))} if share else set()
    kept = [shot for i, shot in enumerate(shots) if i not in held]
    if not any(shot.label.columns for shot in kept):
        return list(shots), []
    return kept, [shot for i, shot in enumerate(shots) if i in held]


def _detectors(model: Path, shots: Sequence["Shot"]) -> dict[str, "Detect"]:
    """Return the detectors to compare: colour, shipped network, this network, and this network with colour.

    The colour is the one learned together with the network; if there is none, it is learned from the shots.
    """
    from vision.detectors.color import ColorDetector
    from vision.detectors.registry import open_detector
    from vision.training.choice import learn_color

    found: dict[str, Detect] = {}
    file = model.with_suffix(".color.json")
    try:
        learned = ColorDetector(learned=file) if file.is_file() else learn_color(shots)
        if learned is None:
            report("The colour detector cannot learn this target from any of the labelled boxes.")
        else:
            found["color"] = learned.detect
        found["shipped"] = open_detector("slices").detect
        found[model.name] = open_detector("slices", model=model).detect
        if file.is_file():
            found["both"] = open_detector("slices", model=model, color=file).detect
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        raise SettingsError(str(error)) from error
    return found


def _sheet(shots: Sequence["Shot"], detect: "Detect", goal: Sight) -> Frame:
    """Return the pictures side by side; those wrong by more than a slice come first, with a red rim."""
    wrong: list[Frame] = []
    right: list[Frame] = []
    for shot in shots:
        truth, sight = shot.example.sight, detect(shot.frame)
        good = (truth is None) == (sight is None)
        if truth is not None and sight is not None:
            good = max(abs(truth.x1 - sight.x1), abs(truth.x2 - sight.x2)) <= 1
        tiles = right if good else wrong
        tiles.append(tile(draw_sight(shot.frame, sight, goal), shot.label.file, marked=not good))
    return contact_sheet([*wrong, *right])
