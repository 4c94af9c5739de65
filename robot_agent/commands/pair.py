"""`robot-agent pair`: get the key of a robot on the network, to drive it from here."""

from typing import Annotated

import typer

from robot_agent.commands import Json, app, print_json, report, say
from robot_agent.errors import SettingsError
from robot_agent.network.address import parse_address
from robot_agent.network.keyring import Keyring


@app.command()
def pair(
    address: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="Of the robot, as in http://robot.local:8080."),
    ] = None,
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="That the robot's terminal shows; asked for if not given."),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Forget this robot's key.")] = False,
    as_json: Json = False,
) -> None:
    """Pair with a robot on the network: get a key for it, by the code that it shows in its terminal.

    Do this once for each robot. Then every command that has --robot takes its address: robot-agent drive
    --robot ADDRESS. The key is kept in a file that only you can read. Without ADDRESS the robots are listed
    that this machine is paired with.
    """
    from robot_agent.network.pairing import ask_for_code
    from robot_agent.network.pairing import pair as pair_with

    keyring = Keyring()
    if address is None:
        if forget:
            raise SettingsError("Say which robot is to be forgotten: robot-agent pair ADDRESS --forget.")
        _list(keyring, as_json=as_json)
        return
    place = parse_address(address)
    if forget:
        if not keyring.forget(place):
            raise SettingsError(f"There is no key for {place.url}; robot-agent pair lists those there are.")
        report(f"The key for {place.url} is forgotten; revoke it on the robot's page too, in the view Keep.")
        return
    if not ask_for_code(place):
        report(f"{place.url} needs no pairing; drive it with: robot-agent drive --robot {place.url}")
        return
    if code is None:
        if not typer.get_text_stream("stdin").isatty():
            raise SettingsError(
                f"Give the code that the robot shows: robot-agent pair {place.url} CODE; its terminal has "
                "it, and its log: journalctl -u robot-agent."
            )
        code = typer.prompt("The code that the robot shows in its terminal", err=True)
    pair_with(place, code.strip(), keyring)
    report(
        f"Paired. The key is in {keyring.path}; drive the robot with: robot-agent drive --robot {place.url}"
    )


def _list(keyring: Keyring, *, as_json: bool) -> None:
    paired = keyring.all()
    if as_json:
        print_json([{"address": url, "name": one.name} for url, one in paired.items()])
        return
    for url in paired:
        say(url)
    if not paired:
        report("No robot is paired; pair with one: robot-agent pair http://robot.local:8080")
