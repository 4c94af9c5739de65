"""`robot-agent motors`: test the wheels, or stop them."""

from typing import Annotated

import typer

from robot_agent.commands import app, console, messages
from robot_agent.settings.flags import Flags, takes

motors = typer.Typer(help="Test the wheels one by one, or stop them.", no_args_is_help=True)
app.add_typer(motors, name="motors")

PULSE_SECONDS = 0.3


@motors.command("test")
@takes("robot", "config", "set")
def test_wheels(
    flags: Flags,
    power: Annotated[float, typer.Option(min=0.05, max=1.0, help="Share of full power.")] = 0.5,
) -> None:
    """Turn each wheel for a moment, forwards and backwards, and ask what was seen. Lift the robot first."""
    from robot_agent.build.robot import make_robot

    settings = flags.load()
    wrong = []
    opened = make_robot(settings, eyes=False)
    try:
        for name, left, right in (
            ("left wheel turn forwards", power, 0.0),
            ("left wheel turn backwards", -power, 0.0),
            ("right wheel turn forwards", 0.0, power),
            ("right wheel turn backwards", 0.0, -power),
        ):
            opened.act(left, right, PULSE_SECONDS)
            if not typer.confirm(f"Did the {name}?", default=True):
                wrong.append(name.replace(" turn", ""))
    finally:
        opened.close()
    if wrong:
        messages.print(
            f"Not as it should be: {', '.join(wrong)}. 'robot-agent calibrate wheels' finds wheels that are "
            "swapped or turn backwards; one that does not turn at all needs its wires, its pins in "
            "robot.toml and the motor supply looked at.",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    console.print("Both wheels turn as they should.")


@motors.command("stop")
@takes("config", "set")
def stop_wheels(
    flags: Flags,
) -> None:
    """Drive all pins of the motor board low, whichever program left them high."""
    from robot_agent.build.robot import wheel_settings
    from robot_agent.motors.gpio import Wheels

    settings = flags.load()
    wheels = Wheels(**wheel_settings(settings))
    wheels.close()
    pins = ", ".join(str(pin) for pin in sorted(wheels.pins.values()))
    console.print(f"The pins {pins} of the board {settings.motors.board} are low.")
