"""`robot-agent adapt`: print what is known about a robot, and train a policy further for this robot."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robot_agent.commands import Json, Send, app, console, print_json, report
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.network.address import must_be_address
from robot_agent.settings.config import Config
from robot_agent.settings.flags import Flags, takes
from vision.names import did_you_mean

if TYPE_CHECKING:
    from robot_agent.runs.robots import Memory

FEWEST_MOVES = 12
"""Number of moves below which a policy is not adapted."""
EPISODES = 5
"""Number of episodes that a robot drives first if nothing is known about it."""
LAST_MOVES = 40
"""Number of last moves that are examined for a gross fault."""


@app.command()
@takes("robot", "seed", "store", "config", "set")
def adapt(
    flags: Flags,
    episodes: Annotated[
        int | None,
        typer.Option(min=0, help="Drive this number of episodes first; 5 where nothing is known, else 0."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Learn from this log of 'robot-agent drive --json' alone.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what is sure by now into robot.toml.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw how each parameter became known, as a picture file.")
    ] = None,
    train: Annotated[bool, typer.Option(help="Train the policy on for this robot.")] = True,
    revert: Annotated[
        bool, typer.Option("--revert", help="Return to the policy before the adapted one, and nothing else.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget all that is known of this robot, and nothing else.")
    ] = False,
    send: Send = False,
    as_json: Json = False,
) -> None:
    """Print what is known of the robot, and train the policy on for it; kept only if surely better.

    It is trained in the simulator, on robots that may be this one by all that its moves have said, for a few
    seconds. The real episodes under it decide then: if it does worse than predicted, the one before returns.
    """
    from robot_agent.commands.known import with_action
    from robot_agent.commands.robot_file import write_sure
    from robot_agent.figures import check_picture

    settings = with_action(flags.load(), "wheels")
    if send:
        must_be_address(settings.robot)
    if forget or revert:
        _take_back(settings, forget=forget)
        return
    if plot is not None:
        check_picture(plot)
    memory = _known(settings, log, episodes, as_json=as_json)
    estimate = memory.knowledge.estimate
    if plot is not None:
        _plot(memory, plot)
    if write:
        write_sure(settings, flags.config, estimate)
    adapted = _train(settings, memory, as_json=as_json) if train else None
    if send:
        _send(settings)
    _print_outcome(settings, memory, adapted, as_json=as_json)


def _take_back(settings: Config, *, forget: bool) -> None:
    """Forget the robot, or return to the policy before the adapted one."""
    from robot_agent.runs.robots import forget as forget_robot
    from robot_agent.runs.robots import revert, robots
    from robot_agent.runs.store import Store

    name, store = settings.robot, settings.store
    if not store.exists():
        raise SettingsError(f"There is no store {str(store)!r}; name an existing one with --store.")
    with Store(store) as opened:
        if forget:
            if not forget_robot(opened, name):
                raise SettingsError(
                    f"Nothing was known of the robot {name!r} in {store}.{did_you_mean(name, robots(opened))}"
                )
            report(f"Nothing is known of the robot {name!r} any more.")
        elif revert(opened, name, settings.task.action):
            report("The policy before the adapted one is back.")
        else:
            raise SettingsError(
                f"No policy was adapted to the robot {name!r} in {store}; there is nothing to return to."
            )


def _send(settings: Config) -> None:
    """Send the robot its policy: the adapted one, or the one that ships."""
    from robot_agent.identification.policies import shipped_bytes
    from robot_agent.network.keyring import Keyring
    from robot_agent.network.sending import send_adapted
    from robot_agent.runs.robots import adapted
    from robot_agent.runs.store import Store

    address, action = must_be_address(settings.robot), settings.task.action
    with Store(settings.store) as opened:
        kept = adapted(opened, settings.robot, action)
    send_adapted(address, kept.policy if kept else shipped_bytes(action), action, Keyring())
    report(f"The policy is on {address.host}; have it drive there with Drive on its page.")


def drive_and_adapt(
    settings: Config, episodes: int, notice: str, *, as_json: bool, send: bool = False
) -> None:
    """Drive some episodes, and adapt the policy to this robot: what `train` does with an unknown robot.

    The `notice` is printed when the robot is open. With `send`, the policy is sent to the robot at the end.
    """
    from robot_agent.commands.known import with_action

    settings = with_action(settings, "wheels")
    _drive(settings, episodes, notice)
    memory = _known(settings, None, 0, as_json=as_json)
    outcome = _train(settings, memory, as_json=as_json)
    if send:
        _send(settings)
    _print_outcome(settings, memory, outcome, as_json=as_json)


def _known(settings: Config, log: Path | None, episodes: int | None, *, as_json: bool) -> "Memory":
    """Return and print what is known about the robot, see `_memory`; refuse one with a gross fault."""
    memory = _memory(settings, log, episodes)
    _refuse_the_broken(memory, settings.robot)
    if not as_json:
        console.print(f"From {memory.knowledge.moves} moves of the robot {settings.robot!r}:", markup=False)
        for sentence in memory.knowledge.estimate.words():
            console.print(f"  {sentence}", soft_wrap=True)
    return memory


def _print_outcome(
    settings: Config, memory: "Memory", adapted: dict[str, Any] | None, *, as_json: bool
) -> None:
    estimate = memory.knowledge.estimate
    outcome = {"robot": settings.robot, "estimate": estimate.to_json(), "words": estimate.words()}
    if adapted is not None:
        outcome["adapted"] = adapted
    if as_json:
        print_json(outcome)


def _memory(settings: Config, log: Path | None, episodes: int | None) -> "Memory":
    """Learn from a log; else use the store's knowledge, this robot's runs, or new episodes."""
    from robot_agent.commands.known import recalled
    from robot_agent.identification.log import read_log
    from robot_agent.runs.robots import Memory, remember
    from robot_agent.runs.store import Store

    if log is not None:
        try:
            moves, gaps = read_log(log.read_text("utf-8").splitlines(), str(log))
        except UnicodeDecodeError:
            raise SettingsError(f"{log} is no text; give a log of 'robot-agent drive --json'.") from None
        except OSError as error:
            raise SettingsError(
                f"{log} cannot be read ({error.strerror}); give a log of 'robot-agent drive --json'."
            ) from None
        except ValueError as error:
            raise SettingsError(str(error)) from None
        if gaps:
            report(f"In {gaps} places the robot had moved while nobody recorded; there an episode begins.")
        return _learned(moves)
    memory = recalled(settings)
    if memory is None and (moves := _runs_of(settings)):
        memory = _learned(moves)
        with Store(settings.store) as opened:
            remember(opened, settings.robot, memory.knowledge, memory.log)
    if episodes is None:
        episodes = EPISODES if memory is None else 0
        if episodes:
            report(
                f"Nothing is known of the robot {settings.robot!r} yet; it drives {episodes} episodes first."
            )
    if episodes:
        _drive(settings, episodes)
        memory = recalled(settings)
    return memory or Memory()


def _learned(moves: Any) -> "Memory":
    from robot_agent.runs.robots import Memory

    memory = Memory(log=moves)
    moves.replay(memory.knowledge)
    return memory


def _runs_of(settings: Config) -> Any:
    """Return the moves of this robot's newest run with a recorded episode; an empty log if there is none."""
    from robot_agent.identification.log import Log
    from robot_agent.runs.store import Store

    if not settings.store.exists():
        return Log()
    with Store(settings.store, reading=True) as opened:
        for info in opened.each_run():
            if info.settings.get("robot") != settings.robot:
                continue
            log = Log.of_run(row["steps"] for row in opened.episodes(info.id))
            if log:
                report(f"It learns from the {len(log)} moves of run {info.id}.")
                return log
    return Log()


def _drive(settings: Config, episodes: int, notice: str = "") -> None:
    from robot_agent.build.driving import make_driving
    from robot_agent.build.robot import make_robot
    from robot_agent.commands.known import keeping, open_known
    from robot_agent.learning.evaluation import evaluate

    one = make_robot(settings, settings.seed)
    try:
        if notice:
            report(notice)
        pilot = open_known(settings)
        with keeping(settings, pilot) as session:
            environment, act = make_driving(settings, one, pilot)
            evaluate(environment, act, episodes=episodes, seed=None, ended=session.reached.append)
    finally:
        one.close()


def _refuse_the_broken(memory: "Memory", robot: str) -> None:
    """Raise an error for a robot with a gross fault, because a fit to its moves means nothing."""
    from robot_agent.health.cures import own_robot
    from robot_agent.health.diagnosis import diagnose
    from robot_agent.health.first_moves import hinders

    episodes: list[Any] = []
    moves = 0
    for episode in reversed(memory.log.episodes):  # the latest first: the robot may have been repaired
        episodes.insert(0, episode)
        moves += len(episode.moves)
        if moves >= LAST_MOVES:
            break
    found = diagnose(episodes, own_robot(robot))
    if found is not None and hinders(found):
        raise RobotAgentError(f"{found.kind}: {found.seen} {found.means} {found.cure}")


def _plot(memory: "Memory", file: Path) -> None:
    from robot_agent.identification.history import History
    from robot_agent.identification.history import plot as draw

    if not memory.log:
        raise SettingsError("There are no moves to draw; let the robot drive first.")
    history, knowledge = History.of(memory.log)
    try:
        draw(history, knowledge, file)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written ({error}); choose another place with --plot."
        ) from None
    report(f"Wrote {file}.")


def _train(settings: Config, memory: "Memory", *, as_json: bool) -> dict[str, Any]:
    """Train the policy on and keep it if it is surely better."""
    from robot_agent.identification.adapt import adapt as train_on
    from robot_agent.identification.policies import parse_policy, policy_bytes, shipped_policy
    from robot_agent.identification.trial import Trial
    from robot_agent.runs.robots import Adapted, adapted, keep_adapted
    from robot_agent.runs.store import Store

    if memory.knowledge.moves < FEWEST_MOVES:
        raise RobotAgentError(
            f"Only {memory.knowledge.moves} moves are known of the robot {settings.robot!r}, and "
            f"{FEWEST_MOVES} are needed; let it drive more, with --episodes 10."
        )
    action, seed = settings.task.action, settings.seed or 0
    with Store(settings.store) as opened:
        before = adapted(opened, settings.robot, action)
        if before is None:
            _, task, tensors = shipped_policy(action)
        else:
            _, task, tensors = parse_policy(before.policy, "The adapted policy")
        new, verdict = train_on(memory.knowledge, tensors, task, seed=seed)
        if verdict.promoted:
            content = policy_bytes(new, task, {"adapted_to": settings.robot}, seed)
            trial = Trial(verdict.new_success)
            keep_adapted(
                opened, settings.robot, action, Adapted(content, before.policy if before else None, trial)
            )
    if not as_json:
        console.print(verdict.words, soft_wrap=True)
    return {
        "promoted": verdict.promoted,
        "words": verdict.words,
        "old": {"success": verdict.old_success, "moves": verdict.old_cost},
        "new": {"success": verdict.new_success, "moves": verdict.new_cost},
    }
