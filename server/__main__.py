"""The command line: `robot-server`."""

import faulthandler
import logging
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.network.address import is_address
from robot_agent.runs.hold import SERVER, hold
from robot_agent.runs.store import Store
from robot_agent.settings.config import merge, parse_assignments
from server.api.auth import Auth
from server.app import make_app
from server.control.control import Control
from server.control.heartbeat import notify
from server.control.server_settings import ServerSettings
from server.service.bounded import bounded
from server.service.browser import open_browser
from server.service.connections import Connections, raise_file_limit
from server.service.logs import set_up
from server.service.persisted import Persisted
from server.service.qr_code import qr_code

log = logging.getLogger("robot-server")

ACCEPTED_AT_ONCE, WAITING = 32, 1024
"""Number of connections that are accepted in one turn of the loop, and of those that may wait for it."""


class Server(uvicorn.Server):
    """Uvicorn's server, which reports its end before it closes the connections."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        """Call `on_exit` before the connections are closed."""
        super().__init__(config)
        self._on_exit = on_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and let more connections wait than are accepted at once."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Report the end, then end."""
        self._on_exit()
        super().handle_exit(sig, frame)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(
    robot: Annotated[
        str | None, typer.Option(help="sim, pi, or your own robot as MODULE:FACTORY; sim if not given.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Your own task as MODULE:FACTORY.")] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let other machines of the network in; they pair first.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free one.")] = 8080,
    config: Annotated[
        Path | None, typer.Option(help="Settings file; robot.toml in this folder if there is one.")
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting, as learner.gamma=0.95."),
    ] = None,
    store: Annotated[Path | None, typer.Option(help="File that keeps the runs.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Begin a training, and drive what was learned after it.")
    ] = False,
    guests: Annotated[
        bool, typer.Option("--guests", help="With --lan: those who have not paired may watch.")
    ] = False,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name by which this machine is opened, such as robot.fritz.box."),
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open a browser, where there is one.")] = False,
    as_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object per line.")] = False,
) -> None:
    """Show and control a training from any browser. Ctrl-C stops the wheels and keeps what was learned."""
    set_up(as_json=as_json)
    flags: dict[str, Any] = parse_assignments(assignments or [])
    given = {"robot": robot, "store": None if store is None else str(store), "seed": seed}
    flags |= {name: value for name, value in given.items() if value is not None}
    if task is not None:
        flags = merge(flags, {"task": {"factory": task}})
    if guests and not lan:
        raise SettingsError("Guests come from other machines, which are not let in without --lan; add --lan.")
    settings = ServerSettings(config, flags)
    if is_address(settings.config.robot):
        raise SettingsError(
            "robot-server serves the robot at hand, and one on the network has a server of its own: open "
            f"{settings.config.robot}, or drive it with robot-agent drive --robot {settings.config.robot}."
        )
    place = settings.config.store.resolve()  # whatever links lead to it, a halt is remembered in one place
    holding = ExitStack()
    holding.enter_context(hold(place, SERVER))
    Store(place).close()  # an error of the store is reported here and now
    persisted = Persisted(place.with_name(f"{place.name}.server.json"))
    listener = _listen("0.0.0.0" if lan else "127.0.0.1", port)
    port = listener.getsockname()[1]
    say = log.warning if as_json else lambda words: print(words, flush=True)
    address = f"http://{'localhost' if not lan else _address()}:{port}"

    def draw(code: str) -> str:
        """Return what a phone's camera opens the page with, paired."""
        return qr_code(f"{address}/#pair={code}")

    shown = draw if lan and not as_json and sys.stdout.isatty() else None
    auth = Auth(persisted, needed=lan, guests=guests, say=say, draw=shown)
    control = Control(settings, persisted, settings_file=config or Path("robot.toml"), train=train)

    def opened() -> None:
        say(f"The dashboard is at {address}")
        if lan or names:
            auth.show_code()
        if browser:
            open_browser(address)
        notify("READY=1")

    failed: list[Exception] = []

    def fail(error: Exception) -> None:
        failed.append(error)
        server.should_exit = True

    def ending() -> None:
        notify("STOPPING=1")
        control.ending()

    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores the end of the terminal
        signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))
    faulthandler.enable()  # systemd's watchdog makes a loop that hangs show where
    connections = Connections(raise_file_limit())
    made = make_app(
        control, auth, connections, lan=lan, port=port, names=names or (), on_open=opened, on_fail=fail
    )
    server = Server(
        uvicorn.Config(
            made,
            log_config=None,
            lifespan="on",
            **bounded(connections),
            backlog=ACCEPTED_AT_ONCE,
            ws_max_size=4096,
            ws_per_message_deflate=False,  # it quadrupled the processor's work
            ws_ping_interval=5.0,
            ws_ping_timeout=5.0,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=2,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=32_768,
        ),
        ending,
    )
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        holding.close()
    for error in failed:
        raise error
    if not server.started:
        raise SettingsError("The server could not start; the reason stands above.")


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol given: only then asyncio sends answers at once, not up to 40 ms later.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(WAITING)  # a browser that comes as soon as the address is shown is not turned away
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} cannot be used ({error.strerror}); choose another one with --port."
        ) from error
    return listener


def _address() -> str:
    """Return this machine's address in the network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def main() -> None:
    """Run the command line; an error is one sentence."""
    try:
        app()
    except (RobotAgentError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)


if __name__ == "__main__":
    main()
