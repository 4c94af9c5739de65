"""`robot-agent look`: what the vision stage sees in pictures, videos and cameras."""

import json
import time
from pathlib import Path
from typing import Annotated

import cv2
import typer

from robot_agent.commands import (
    Assignments,
    ConfigFile,
    Json,
    app,
    console,
    messages,
    settings_from_flags,
)
from robot_agent.errors import SettingsError
from robot_agent.settings.config import load
from vision.cameras.camera import EndOfPictures, heal
from vision.cameras.decoding import read_picture
from vision.cameras.open import open_camera
from vision.detectors.color import ColorDetector
from vision.detectors.detector import Detector
from vision.sight import Sight, draw_sight

_PATIENCE = 30.0
"""Seconds to wait for a camera that has a fault: time to put a plug in again."""


@app.command()
def look(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Pictures, folders, videos, or cameras as in camera.source, the default.",
        ),
    ],
    detector: Annotated[
        str | None,
        typer.Option(
            help="color, marker, slices, objects or MODULE:FACTORY; as in the settings if not given."
        ),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures with slices, sight and goal drawn on them."),
    ] = None,
    color_from: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Learn the target's colour from this picture first."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="Where in it the target is, in pixels.")
    ] = None,
    frames: Annotated[
        int, typer.Option(min=0, help="Number of pictures to read from each source; 0 for all.")
    ] = 0,
    config: ConfigFile = None,
    assignments: Assignments = None,
    as_json: Json = False,
) -> None:
    """Print for every picture which slices the target fills, how sure that is, and how long it took."""
    from robot_agent.build import make_detector

    settings = load(config, settings_from_flags(assignments, vision__detector=detector))
    goal = Sight(*settings.task.goal)
    eye: Detector = make_detector(settings)
    if color_from is not None or at is not None:
        eye = _learned(color_from, at)
    if overlay is not None:
        overlay.mkdir(parents=True, exist_ok=True)
    for source in sources:
        camera = open_camera(source)
        try:
            count = 0
            while not frames or count < frames:
                try:
                    frame = heal(camera, report=_report, patience=_PATIENCE)
                except EndOfPictures:
                    break
                start = time.perf_counter()
                sight = eye.detect(frame)
                milliseconds = 1000 * (time.perf_counter() - start)
                name = source if count == 0 and Path(source).is_file() else f"{source}#{count}"
                _print_sight(name, sight, milliseconds, as_json)
                if overlay is not None:
                    file = overlay / f"{Path(source).stem or 'camera'}-{count:04d}.png"
                    if not cv2.imwrite(str(file), draw_sight(frame, sight, goal)):
                        raise OSError(f"{file} cannot be written; choose another folder with --overlay.")
                count += 1
        finally:
            camera.close()


def _learned(file: Path | None, at: str | None) -> ColorDetector:
    """Learn the colour at a point of a picture, and say which setting it would be."""
    if file is None or at is None:
        raise SettingsError(
            "--color-from FILE and --at X,Y go together: the picture, and where in it the target is."
        )
    try:
        detector = ColorDetector.learn(read_picture(file), at=parse_place(at))
    except ValueError as error:
        raise SettingsError(f"{file}: {error}") from error
    own = detector.settings()
    lines = "\n".join(f"{name} = {json.dumps(own[name])}" for name in ("hue_degrees", "saturation", "value"))
    messages.print(f"Learned colour; to keep it, put this into robot.toml:\n\\[vision.color]\n{lines}")
    return detector


def parse_place(at: str) -> tuple[int, int]:
    """Turn `X,Y` into two pixels."""
    x, comma, y = at.partition(",")
    if not (comma and x.strip().isdigit() and y.strip().isdigit()):
        raise SettingsError(f"--at {at} is no place in a picture; give two pixels as in --at 160,120.")
    return int(x), int(y)


def _report(sentence: str) -> None:
    """Print what is wrong with a camera to standard error, apart from the results."""
    messages.print(sentence, markup=False, soft_wrap=True)


def _print_sight(name: str, sight: Sight | None, milliseconds: float, as_json: bool) -> None:
    if as_json:
        seen = {"x1": None, "x2": None, "confidence": 0.0}
        if sight is not None:
            seen = {"x1": sight.x1, "x2": sight.x2, "confidence": round(sight.confidence, 3)}
        console.print(
            json.dumps({"source": name, **seen, "milliseconds": round(milliseconds, 3)}),
            soft_wrap=True,
            markup=False,
        )
    elif sight is None:
        console.print(f"{name}: nothing seen, {milliseconds:.2f} ms", soft_wrap=True, markup=False)
    else:
        console.print(
            f"{name}: x1 {sight.x1}, x2 {sight.x2}, confidence {sight.confidence:.2f}, {milliseconds:.2f} ms",
            soft_wrap=True,
            markup=False,
        )
