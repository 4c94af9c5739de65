"""The command line of `robot-server`: its options, and what is started for them."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.network.address import PORT, is_address
from robot_agent.runs.hold import SERVER, hold
from robot_agent.runs.store import Store
from robot_agent.settings.flags import Flags, takes
from robot_agent.streams import keep_standard_streams
from server.api.serving import Reach
from server.app import serve_robot
from server.control.control import Control
from server.control.server_settings import ServerSettings
from server.service.logs import set_up
from server.service.persisted import Persisted

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@takes("task", "config", "set", "store", "seed")
def serve(
    flags: Flags,
    robots: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ROBOT]...",
            help="With --fleet: addresses of robots, or a TOML file with them. Default: search for them.",
        ),
    ] = None,
    fleet: Annotated[
        bool, typer.Option("--fleet", help="Show and halt a room full of robots, without a robot here.")
    ] = False,
    find: Annotated[
        bool, typer.Option("--find", help="With --fleet: search the network for robots, too.")
    ] = False,
    robot: Annotated[
        str | None, typer.Option(help="sim, pi, or your own robot as MODULE:FACTORY. Default: sim.")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let other machines of the network connect; they pair first.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the server; 0: any free one.")] = PORT,
    train: Annotated[
        bool, typer.Option("--train", help="Begin a training at once; afterwards, drive the learned policy.")
    ] = False,
    guests: Annotated[
        bool, typer.Option("--guests", help="With --lan: browsers that have not paired may watch.")
    ] = False,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="Another host name of this machine, such as robot.fritz.box."),
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open a browser, if there is a screen.")] = False,
    as_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object per line.")] = False,
) -> None:
    """Show and control a training from any browser. Ctrl-C stops the wheels and keeps what was learned."""
    set_up(as_json=as_json)
    reach = Reach(lan, port, names or (), guests, browser, as_json)
    if fleet:
        from server.fleet.app import serve_fleet

        of_a_robot = {
            "--robot": robot,
            "--task": flags.given["task__factory"],
            "--config": flags.config,
            "--set": flags.assignments,
            "--seed": flags.given["seed"],
            "--train": train,
            "--guests": guests,
        }
        if refused := [name for name, value in of_a_robot.items() if value]:
            raise SettingsError(f"With --fleet there is no robot here for {refused[0]}; leave it out.")
        folder = (flags.given["store"] or Path("fleet")).resolve().parent
        return serve_fleet(robots or [], find=find, folder=folder, reach=reach)
    if robots or find:
        raise SettingsError("Addresses of robots and --find need --fleet; add it.")
    if guests and not lan:
        raise SettingsError("Guests come from other machines, which are not let in without --lan; add --lan.")
    _serve_robot(ServerSettings(flags.config, flags.values(robot=robot)), flags.config, reach, train)


def _serve_robot(settings: ServerSettings, settings_file: Path | None, reach: Reach, train: bool) -> None:
    """Serve the robot of this machine, with its store and what the server keeps beside it."""
    if is_address(settings.config.robot):
        raise SettingsError(
            "robot-server serves the robot at hand, and one on the network has a server of its own: open "
            f"{settings.config.robot}, or drive it with robot-agent drive --robot {settings.config.robot}."
        )
    place = settings.config.store.resolve()  # follow links, so that a halt is kept in one place only
    holding = ExitStack()
    holding.enter_context(hold(place, SERVER))
    Store(place).close()  # an error of the store is reported here and now
    persisted = Persisted(place.with_name(f"{place.name}.server.json"))
    control = Control(settings, persisted, settings_file=settings_file or Path("robot.toml"), train=train)
    serve_robot(control, persisted, holding, reach)


def main() -> None:
    """Run the command line; an error is one sentence."""
    keep_standard_streams()
    try:
        app()
    except (RobotAgentError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
