"""The command line: `robot-server`."""

import faulthandler
import logging
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn

from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.runs.store import Store
from robot_agent.settings.config import merge, parse_assignments
from server.api.auth import Auth
from server.app import make_app
from server.control.control import Control
from server.control.server_settings import Plans
from server.service.header_timeout import TimedHeads
from server.service.heartbeat import notify
from server.service.logs import set_up
from server.service.persisted import Memory

log = logging.getLogger("robot-server")


class Server(uvicorn.Server):
    """Uvicorn's, which tells of the end as soon as it is asked for."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        """Call `on_exit` before the connections are closed."""
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Tell of it, then end."""
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
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Begin a training, and drive what was learned when it is done.")
    ] = False,
    guests: Annotated[
        bool, typer.Option("--guests", help="With --lan: those who have not paired may watch.")
    ] = False,
    browser: Annotated[bool, typer.Option("--open", help="Open a browser, where there is one.")] = False,
    as_json: Annotated[bool, typer.Option("--log-json", help="Log one JSON object a line.")] = False,
) -> None:
    """Show and steer a training from any browser. Ctrl-C stops the wheels and keeps what was learned."""
    set_up(as_json=as_json)
    flags: dict[str, Any] = parse_assignments(assignments or [])
    given = {"robot": robot, "store": None if store is None else str(store), "seed": seed}
    flags |= {name: value for name, value in given.items() if value is not None}
    if task is not None:
        flags = merge(flags, {"task": {"factory": task}})
    if guests and not lan:
        raise SettingsError("Guests come from other machines, which are not let in without --lan; add it.")
    plans = Plans(config, flags)
    place = plans.config.store.absolute()
    Store(place).close()  # what is wrong with it is told here and now
    memory = Memory(place.with_name(f"{place.name}.server.json"))
    listener = _listen("0.0.0.0" if lan else "127.0.0.1", port)
    port = listener.getsockname()[1]
    say = log.warning if as_json else lambda words: print(words, flush=True)
    auth = Auth(memory, needed=lan, guests=guests, say=say)
    control = Control(plans, memory, settings_file=config or Path("robot.toml"), train=train)
    address = f"http://{'localhost' if not lan else _address()}:{port}"

    def opened() -> None:
        say(f"The dashboard is at {address}")
        if lan:
            auth.show_code()
        if browser:
            webbrowser.open(address)
        notify("READY=1")

    def ending() -> None:
        notify("STOPPING=1")
        control.ending()

    faulthandler.enable()  # a watchdog that finds the loop hanging has it tell where
    server = Server(
        uvicorn.Config(
            make_app(control, auth, lan=lan, port=port, on_open=opened),
            log_config=None,
            lifespan="on",
            http=TimedHeads,
            ws="websockets-sansio",
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
    if not server.started:
        raise SettingsError("The server could not start; what is wrong is told above.")


def _listen(host: str, port: int) -> socket.socket:
    # With its protocol told: only then asyncio has answers go out at once, not up to 40 ms later.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # who comes as soon as the address is told is kept waiting, not turned away
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} cannot be had ({error.strerror}); choose another with --port."
        ) from error
    return listener


def _address() -> str:
    """Return an address that other machines of the network know this one by; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def main() -> None:
    """Run the command line; an error is told in one sentence."""
    try:
        app()
    except (RobotAgentError, OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)


if __name__ == "__main__":
    main()
