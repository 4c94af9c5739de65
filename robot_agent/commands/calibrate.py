"""`robot-agent calibrate` and `teach-goal`: measure the robot, and write its numbers into robot.toml."""

import math
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robot_agent.commands import app, console, messages
from robot_agent.commands.robot_file import write, write_motors, write_sure
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.health.cures import own_robot
from robot_agent.network.address import is_address
from robot_agent.settings.config import Config
from robot_agent.settings.flags import Flags, takes
from robot_agent.settings.sections import MotorsSettings
from robot_agent.settings.vision_sections import ColorSettings

if TYPE_CHECKING:
    from robot_agent.robot.calibration import Straight
    from robot_agent.robot.robot import Robot
    from robot_agent.simulator.physics import Physics

calibrate = typer.Typer(
    help="Measure the robot and write its numbers into robot.toml, in this order: wheels, color, view, "
    "speed, trim; or wheels, color, and then all at once with drive.",
    no_args_is_help=True,
)
app.add_typer(calibrate, name="calibrate")

Power = Annotated[float, typer.Option(min=0.1, max=1.0, help="Power of the wheels, share of full power.")]
Width = Annotated[
    float | None,
    typer.Option(min=0.01, max=2.0, help="Width of the target, m; simulator.target_width if not given."),
]

SIMULATED_DISTANCE, SIMULATED_GOAL = 1.2, 0.33
"""Distances from its target at which the simulated robot is measured, and is taught its goal, m."""

LONGEST_SPREAD = 1
"""A goal is refused if its pictures differ by more slices than this and than the tolerance."""


def _settings(flags: Flags) -> Config:
    """Load the settings; raise SettingsError for a simulated robot with the robot.toml of a real one."""
    settings = flags.load()
    path = flags.config or Path("robot.toml")
    theirs = Flags(flags.config).load().robot if path.exists() else "sim"
    if settings.robot == "sim" != theirs:
        raise SettingsError(
            f"{path} is that of the robot {theirs!r}, and numbers of the simulated robot are wrong there; "
            "leave out --robot, or name another file with --config."
        )
    return settings


@contextmanager
def _opened(
    settings: Config, distance: float | None = None, *, eyes: bool = True, wheels: bool = True
) -> "Iterator[Robot]":
    """Open the robot; the simulated one is put `distance` m before its target, as a person would do it."""
    from robot_agent.build.robot import make_robot
    from robot_agent.simulator import SimulatedRobot

    robot = make_robot(settings, settings.seed, eyes=eyes, wheels=wheels)
    try:
        if distance is not None and isinstance(robot.hardware, SimulatedRobot):
            robot.hardware.put(distance)
            messages.print(f"The simulated robot was put {distance} m before its target.")
        yield robot
    finally:
        robot.close()


@calibrate.command("wheels")
@takes("robot", "config", "set")
def wheels(
    flags: Flags,
    power: Power = 0.5,
) -> None:
    """Turn each wheel for a moment, ask which one turned and how, and set directions and sides."""
    settings = _settings(flags)
    elsewhere = own_robot(settings.robot) or is_address(settings.robot)
    board = MotorsSettings() if elsewhere else settings.motors
    seen = {}
    messages.print("Lift the robot so that its wheels turn freely.")
    with _opened(settings, eyes=False) as opened:
        for side, left, right in (("left", power, 0.0), ("right", 0.0, power)):
            opened.act(left, right, 0.4)
            seen[side] = _which_wheel()
    turned = {side: wheel for side, (wheel, _) in seen.items()}
    if set(turned.values()) != {"left", "right"}:
        raise RobotAgentError(
            "Both tries turned the same wheel, or one turned none: look at the wires, the pins in robot.toml "
            "and the motor supply, then try again."
        )
    swapped = turned["left"] == "right"
    backwards = {wheel for wheel, direction in seen.values() if direction == "backwards"}
    write_motors(
        flags.config,
        settings,
        {
            "swapped": board.swapped != swapped,
            "left_inverted": _inverted(board, "left", swapped) != ("left" in backwards),
            "right_inverted": _inverted(board, "right", swapped) != ("right" in backwards),
        },
    )


def _inverted(board: Any, wheel: str, swapped: bool) -> bool:
    """Return whether the settings invert the motor that turned this wheel."""
    side = {"left": "right", "right": "left"}[wheel] if swapped else wheel
    return bool(getattr(board, f"{side}_inverted"))


def _which_wheel() -> tuple[str, str]:
    while True:
        answer = typer.prompt("Which wheel turned, and which way? (left or right, forwards or backwards)")
        words = answer.strip().lower().split()
        wheel = [full for full in ("left", "right", "none") if words and full.startswith(words[0])]
        way = [full for full in ("forwards", "backwards") if len(words) > 1 and full.startswith(words[1])]
        if wheel == ["none"]:
            return "none", ""
        if len(wheel) == len(way) == 1:
            return wheel[0], way[0]
        messages.print("Answer with two words, as in 'left forwards', or 'none'.")


@calibrate.command("color")
@takes("robot", "config", "set")
def color(
    flags: Flags,
    picture: Annotated[
        Path | None, typer.Option(help="A picture of the target; one is taken if not given.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="A pixel of the target in the picture.")
    ] = None,
) -> None:
    """Learn the target's colour from one place in a picture."""
    from robot_agent.commands.look import parse_place
    from vision.cameras.decoding import read_picture, write_picture
    from vision.detectors.color import ColorDetector

    settings = _settings(flags)
    if picture is not None:
        frame = read_picture(picture)
    else:
        with _opened(settings, wheels=False) as eyes:
            eyes.look()
        assert eyes.frame is not None
        frame = eyes.frame
        picture = Path("calibrate-color.png")
        write_picture(picture, frame)
        console.print(f"The picture is {picture}, {frame.shape[1]} x {frame.shape[0]} pixels.")
    place = parse_place(at if at is not None else typer.prompt("Where is the target in it? X,Y"))
    try:
        learned = ColorDetector.learn(frame, at=place)
    except ValueError as error:
        raise SettingsError(f"{picture}: {error}") from error
    sight = learned.detect(frame)
    if sight is None:
        raise RobotAgentError("With that colour the target is not found again; choose another place on it.")
    if learned.doubt:
        console.print(f"Careful: {learned.doubt}")
    console.print(f"With this colour the target is in slices {sight.x1} to {sight.x2} of the picture.")
    values = {name: learned.settings()[name] for name in ColorSettings.model_fields}
    write(flags.config, {"vision": {"color": values}})


@calibrate.command("view")
@takes("robot", "config", "set")
def view(
    flags: Flags,
    distance: Annotated[
        float, typer.Option(min=0.1, max=10.0, help="From the camera to the middle of the target, m.")
    ],
    width: Width = None,
) -> None:
    """Measure the camera's field of view; the target is at a known distance, in the middle of the picture."""
    from robot_agent.build.simulation import make_physics
    from robot_agent.robot.calibration import measure_field_of_view

    settings = _settings(flags)
    width = width or settings.simulator.target_width
    with _opened(settings, distance) as opened:
        physics = make_physics(settings.simulator)
        angle = measure_field_of_view(opened, physics, width=width, distance=distance)
    degrees = round(math.degrees(angle), 1)
    console.print(f"The camera sees {degrees} degrees from left to right.")
    write(flags.config, {"simulator": {"field_of_view_degrees": degrees, "target_width": width}})


@calibrate.command("trim")
@takes("robot", "config", "set")
def trim(
    flags: Flags,
    power: Power = 0.6,
    seconds: Annotated[float, typer.Option(min=0.1, max=1.5, help="Length of each drive.")] = 1.0,
    drives: Annotated[int, typer.Option(min=1, max=20, help="Number of drives to average.")] = 5,
) -> None:
    """Drive forwards and back a few times, and trim the stronger wheel so that the robot drives straight."""
    from robot_agent.build.simulation import make_physics
    from robot_agent.robot.calibration import check_turn, check_ways, measure_place, trims

    settings = _settings(flags)
    physics = make_physics(settings.simulator)
    way = power * seconds * physics.full_speed
    with _opened(settings, SIMULATED_DISTANCE) as opened:
        _need_distance(measure_place(opened, physics).distance, way)
        check_turn(opened, physics)
        straight = list(_drives(opened, physics, power, seconds, drives))
    check_ways(straight, way)
    turn = statistics.fmean(drive.turn for drive in straight)
    left, right = trims(turn, way, physics.wheel_base)
    console.print(
        f"Over {drives} drives of {100 * way:.0f} cm it turned by {math.degrees(turn):+.1f} degrees on "
        "average (right is plus)."
    )
    if settings.robot == "pi":  # the measurement was made with the present trims
        left, right = left * settings.motors.left_trim, right * settings.motors.right_trim
    strongest = max(left, right)
    trimmed = {"left_trim": round(left / strongest, 3), "right_trim": round(right / strongest, 3)}
    write_motors(flags.config, settings, trimmed)


def _need_distance(distance: float, way: float) -> None:
    if distance < way + 0.4:
        raise RobotAgentError(
            f"The target is {distance:.2f} m away, and the drive needs {way + 0.4:.2f} m; put the robot "
            "farther away, or give --seconds a smaller number."
        )


def _drives(
    robot: "Robot", physics: "Physics", power: float, seconds: float, drives: int
) -> "Iterator[Straight]":
    from robot_agent.robot.calibration import drive_straight, measure_place
    from robot_agent.robot.search import Drive

    for number in range(drives):
        yield drive_straight(robot, physics, power=power, seconds=seconds)
        if number < drives - 1:
            robot.act(-power, -power, seconds)  # back along the same arc, and to face the target again
            Drive(robot, physics, power=power).arc(0.0, measure_place(robot, physics).bearing)


@calibrate.command("speed")
@takes("robot", "config", "set")
def speed(
    flags: Flags,
    metres: Annotated[
        float | None,
        typer.Option(
            min=0.02, max=5.0, help="Distance driven, measured with a tape; asked for if not given."
        ),
    ] = None,
    power: Power = 1.0,
    seconds: Annotated[float, typer.Option(min=0.1, max=1.5, help="Length of the drive.")] = 1.0,
) -> None:
    """Drive straight for a known time, measure the way with a tape, and work out the speed at full power."""
    settings = _settings(flags)
    from robot_agent.simulator import SimulatedRobot

    with _opened(settings, SIMULATED_DISTANCE, eyes=False) as opened:
        simulated = opened.hardware if isinstance(opened.hardware, SimulatedRobot) else None
        start = simulated.odometer() if simulated else 0.0
        opened.act(power, power, seconds)
        if metres is None and simulated:
            metres = simulated.odometer() - start
            messages.print(f"The simulated robot went {metres:.3f} m.")
    if metres is None:
        metres = typer.prompt("How far did it go, in metres?", type=float)
    full = round(metres / seconds / power, 3)
    if not 0.01 <= full <= 5.0:
        raise RobotAgentError(
            f"That makes {full} m/s, which no small robot drives; see with 'robot-agent motors test' that "
            "both wheels turn forwards, and measure again."
        )
    console.print(f"Full speed is {full} m/s.")
    write(flags.config, {"simulator": {"full_speed": full}})


@calibrate.command("drive")
@takes("robot", "config", "set")
def drive(
    flags: Flags,
    moves: Annotated[int, typer.Option(min=8, max=200, help="Number of moves.")] = 12,
) -> None:
    """Drive a dozen moves before the target, and measure speed, trim, dead band, yaw and more at once.

    What is not seen surely is not written; a robot that does not do what it is told gets no numbers.
    """
    from robot_agent.health.diagnosis import Diagnosis
    from robot_agent.health.first_moves import hinders
    from robot_agent.identification.calibrating import dozen
    from robot_agent.identification.hypotheses import Knowledge
    from robot_agent.identification.parameters import DEVIATION, FIELD_OF_VIEW, INDEX, MEAN
    from robot_agent.identification.pilot import KnowingPilot

    settings = _settings(flags)
    mean, deviation, lens = MEAN.copy(), DEVIATION.copy(), INDEX["lens"]
    if "field_of_view_degrees" in settings.simulator.model_fields_set:  # somebody has measured it
        half = math.tan(math.radians(settings.simulator.field_of_view_degrees) / 2)
        mean[lens], deviation[lens] = math.log(half / math.tan(FIELD_OF_VIEW / 2)), 0.1
    pilot = KnowingPilot.shipped("wheels", Knowledge(mean=mean, deviation=deviation))
    doctor, made = Diagnosis(own_robot(settings.robot)), 0
    with _opened(settings, SIMULATED_DISTANCE) as opened:
        for made in dozen(pilot, opened, doctor, moves):
            if messages.is_terminal:
                messages.print(f"Move {made} of {moves}", end="\r")
    estimate = pilot.knowledge.estimate
    found = doctor.finding
    cured_here = settings.robot == "pi" and not hinders(found)
    if found is not None and not cured_here:
        raise RobotAgentError(f"{found.seen} {found.means} {found.cure} Nothing was changed.")
    if made < min(moves, 8):
        raise RobotAgentError(
            f"The target was lost after {made} moves; put the robot 0.6 to 2 m before it, facing it, with "
            "free floor around, and try again. Nothing was changed."
        )
    for sentence in estimate.words():
        console.print(sentence, soft_wrap=True)
    write_sure(settings, flags.config, estimate)


@app.command("teach-goal")
@takes("robot", "config", "set")
def teach_goal(
    flags: Flags,
    pictures: Annotated[int, typer.Option(min=3, max=50, help="Number of pictures to take.")] = 5,
) -> None:
    """Put the robot where it should end; the median sight of some pictures becomes its goal."""
    from robot_agent.robot.calibration import sights

    settings = _settings(flags)
    with _opened(settings, SIMULATED_GOAL, wheels=False) as opened:
        spread = sights(opened, pictures)
    goal = spread.sight
    console.print(
        f"In {pictures} pictures the target is in slices {goal.x1} to {goal.x2}, "
        f"at most {spread.slices} apart."
    )
    if spread.slices > max(LONGEST_SPREAD, settings.task.tolerance):
        raise RobotAgentError(
            f"The pictures are {spread.slices} slices apart, more than the tolerance of "
            f"{settings.task.tolerance}: hold the robot still, give the target more light, or learn its "
            "colour anew with 'robot-agent calibrate color'; the goal was not changed."
        )
    write(flags.config, {"task": {"goal": (goal.x1, goal.x2)}})
