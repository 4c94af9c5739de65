"""`robot-agent look`: print what the detector sees in pictures, videos and cameras."""

import itertools
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from robot_agent.commands import Json, app, report, say
from robot_agent.errors import SettingsError
from robot_agent.robot.hardware import RobotCamera
from robot_agent.settings.flags import Flags, takes
from vision.cameras.address import public
from vision.cameras.camera import Camera, CameraError, EndOfPictures, heal
from vision.cameras.decoding import looks_like_picture, read_picture, write_picture
from vision.cameras.files import pictures
from vision.cameras.open import local_path
from vision.detectors.color import ColorDetector
from vision.detectors.detector import Detector
from vision.detectors.objects import ObjectDetector
from vision.hints import hint
from vision.sheet import contact_sheet, tile
from vision.sight import Frame, Sight, check_frame, draw_sight

_PATIENCE = 30.0
"""Seconds to wait for a camera that fails: time to plug it in again."""

_HINTS = 5
"""Largest number of pictures without a sight that are examined for a hint."""

_TILES = 60
"""Largest number of pictures with a sight on a sheet, and likewise of pictures without a sight."""


@app.command()
@takes("robot", "config", "set")
def look(
    flags: Flags,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE...]",
            help="Pictures, folders, videos, or cameras as in camera.source, the default.",
        ),
    ] = None,
    detector: Annotated[
        str | None,
        typer.Option(help="color, marker, slices, objects or MODULE:FACTORY; as in the settings by default."),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures with slices, sight and goal drawn on them."),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write one picture with all sights, those with none first."),
    ] = None,
    color_from: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Learn the target's colour from this picture first.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="A pixel of the target in that picture.")
    ] = None,
    frames: Annotated[
        int, typer.Option(min=0, help="Number of pictures to read from each source; 0 for all.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Print for each picture which slices the target fills, the confidence, and how long finding it took."""
    from robot_agent.build.robot import make_camera, make_detector, make_eyes, make_hardware

    settings = flags.load(vision__detector=detector)
    hardware = None
    if flags.given["robot"] is not None and settings.robot != "pi":  # pi has the settings' camera
        if sources:
            raise SettingsError("Give pictures and cameras, or --robot for what the robot sees; not both.")
        hardware = make_hardware(settings, settings.seed, wheels=False)
        frames = frames or 1
    eye: Detector = make_detector(settings) if hardware is None else make_eyes(settings, hardware)
    if color_from is not None or at is not None:
        eye = _learned(color_from, at)
    if isinstance(eye, ObjectDetector):
        report(f"{eye.model.path.name} is read as {eye.format.name}.")
    if overlay is not None:
        overlay.mkdir(parents=True, exist_ok=True)
    goal = Sight(*settings.task.goal)
    view = _View(eye, goal, as_json=as_json, overlay=overlay, sheet=sheet)
    usual = str(settings.camera.source) if hardware is None else settings.robot
    jobs = [(usual, True)] if hardware is not None else list(_jobs(sources or [usual], frames))
    files = [local_path(source) for source, _ in jobs] + ([color_from] if color_from is not None else [])
    view.inputs = {file.resolve() for file in files if file.is_file()}
    if sheet is not None and sheet.resolve() in view.inputs:
        raise SettingsError(f"--sheet {sheet} would replace a picture that is looked at: give another name.")
    failed = 0
    for source, several in jobs:
        try:
            camera = make_camera(settings, source) if hardware is None else RobotCamera(hardware)
            _show_all(view, camera, source, frames, several)
        except CameraError as error:
            if len(jobs) == 1:
                raise
            failed += 1
            report(f"Error: {error}")
    view.finish()
    if failed:
        report(f"{failed} of {len(jobs)} could not be looked at.")
        raise typer.Exit(1)


def _show_all(view: "_View", camera: Camera, source: str, frames: int, several: bool) -> None:
    """Show the first pictures of a camera (0 for all), and close it."""
    with closing(camera):
        for count in itertools.count() if not frames else range(frames):
            try:
                frame = heal(camera, report=report, patience=_PATIENCE)
                check_frame(frame)
            except EndOfPictures:
                return
            except ValueError as error:
                raise CameraError(f"{public(source)}: {error}") from error
            view.show(frame, source, count, several)


def _jobs(sources: Sequence[str], frames: int) -> Iterator[tuple[str, bool]]:
    """Yield each source, and whether it may give several pictures; a folder is split into its pictures."""
    for source in sources:
        path = local_path(source)
        if source.strip() and path.is_dir():
            try:
                files = pictures(path)
            except CameraError:
                files = []
                yield source, False  # opening it says why
            for file in files[: frames or None]:
                yield f"{source.rstrip('/')}/{file.name}", False  # ./0 is a file, and 0 a camera
        else:
            yield source, not (path.is_file() and looks_like_picture(path))


@dataclass
class _View:
    """Prints and draws the sight of each picture."""

    eye: Detector
    goal: Sight
    as_json: bool
    overlay: Path | None
    sheet: Path | None
    inputs: set[Path] = field(default_factory=set)
    """The picture files to look at, which no overlay may overwrite."""
    _written: set[Path] = field(default_factory=set)
    _hinted: set[str] = field(default_factory=set)
    _looked_again: int = 0
    _misses: list[Frame] = field(default_factory=list)
    _hits: list[Frame] = field(default_factory=list)

    def show(self, frame: Frame, source: str, count: int, several: bool) -> None:
        """Find the target in a picture; print, draw and collect the sight."""
        start = time.perf_counter()
        sight = self.eye.detect(frame)
        milliseconds = 1000 * (time.perf_counter() - start)
        name = f"{public(source)}#{count}" if several else public(source)
        _print_sight(name, sight, milliseconds, self.as_json)
        words = None
        if sight is not None and isinstance(self.eye, ColorDetector):
            words = self.eye.hint(frame)  # also with a sight: it may be a wall of that colour
        elif sight is None and self._looked_again < _HINTS:
            self._looked_again += 1
            words = hint(frame, self.eye)
        if words is not None and words not in self._hinted:
            self._hinted.add(words)
            report(f"{name}: {words}")
        if self.overlay is not None:
            file = self._free_name(self.overlay, source, count)
            write_picture(file, draw_sight(frame, sight, self.goal))
        if self.sheet is not None:
            tiles = self._misses if sight is None else self._hits
            if len(tiles) < _TILES:
                words = "nothing seen" if sight is None else f"{sight.x1} to {sight.x2}"
                drawn = draw_sight(frame, sight, self.goal)
                tiles.append(tile(drawn, f"{name}: {words}", marked=sight is None))

    def _free_name(self, folder: Path, source: str, count: int) -> Path:
        """Return a file name for an overlay that neither another overlay nor an input has."""
        shown = public(source)
        path = Path(re.sub(r"[^\w.-]+", "_", shown.partition("://")[2].partition("?")[0]) or "camera")
        stem = path.name if "://" in shown else Path(shown).stem or "camera"
        parent = "" if "://" in shown else Path(shown).parent.name
        stem, parent = stem[:60], parent[:60]  # a file system has a limit
        names = [f"{stem}-{count:04d}", f"{parent}-{stem}-{count:04d}"]
        names += [f"{stem}-{count:04d}-{again}" for again in range(2, len(self._written) + 3)]
        for name in names:
            file = folder / f"{name.replace(':', '_')}.png"
            if file not in self._written and file.resolve() not in self.inputs:
                self._written.add(file)
                return file
        raise AssertionError("there is one name more than files")

    def finish(self) -> None:
        """Write the sheet, with pictures without a sight first."""
        tiles = [*self._misses, *self._hits]
        if self.sheet is None or not tiles:
            return
        write_picture(self.sheet, contact_sheet(tiles))
        report(f"The sheet is {self.sheet}: {len(self._misses)} without a sight, {len(self._hits)} with one.")


def _learned(file: Path | None, at: str | None) -> ColorDetector:
    """Learn the colour at a pixel of a picture, and print the settings for it."""
    if file is None or at is None:
        raise SettingsError(
            "--color-from FILE and --at X,Y go together: the picture, and where in it the target is."
        )
    try:
        detector = ColorDetector.learn(read_picture(file), at=parse_place(at))
    except ValueError as error:
        raise SettingsError(f"{file}: {error}") from error
    if detector.doubt:
        report(f"Careful: {detector.doubt}")
    own = detector.settings()
    ranges, learned = (
        "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
        for values in ({name: own[name] for name in ("hue_degrees", "saturation", "value")}, own["learned"])
    )
    report(
        f"Learned colour; to keep it, run robot-agent calibrate color --picture {file} --at {at}, "
        f"or put this into robot.toml:\n[vision.color]\n{ranges}\n\n[vision.color.learned]\n{learned}"
    )
    return detector


def parse_place(at: str) -> tuple[int, int]:
    """Turn the text `X,Y` into a pixel's column and row."""
    x, comma, y = at.partition(",")
    if not (comma and x.strip().isdigit() and y.strip().isdigit()):
        raise SettingsError(f"--at {at} is no place in a picture; give two pixels as in --at 160,120.")
    return int(x), int(y)


def _print_sight(name: str, sight: Sight | None, milliseconds: float, as_json: bool) -> None:
    if as_json:
        seen = {"x1": None, "x2": None, "confidence": 0.0}
        if sight is not None:
            seen = {"x1": sight.x1, "x2": sight.x2, "confidence": round(sight.confidence, 3)}
        row = json.dumps({"source": name, **seen, "milliseconds": round(milliseconds, 3)})
    elif sight is None:
        row = f"{name}: nothing seen, {milliseconds:.2f} ms"
    else:
        row = (
            f"{name}: x1 {sight.x1}, x2 {sight.x2}, confidence {sight.confidence:.2f}, {milliseconds:.2f} ms"
        )
    say(row)
