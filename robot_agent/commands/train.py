"""`robot-agent train`: train a policy, in the simulator or on a robot, and keep it in the store."""

import json
import secrets
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from robot_agent.commands import Json, Send, app, many, messages, print_json, report
from robot_agent.commands.adapt import drive_and_adapt
from robot_agent.commands.findings import find, print_findings
from robot_agent.commands.many import Place, ProcessCount
from robot_agent.errors import SettingsError, StoreFull
from robot_agent.network.address import must_be_address
from robot_agent.runs.store import Store
from robot_agent.settings import presets
from robot_agent.settings.config import Config, load, merge, says_how_to_train
from robot_agent.settings.flags import Flags, takes
from robot_agent.signals import obey_signals
from robot_agent.sweep.seeds import parse_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from robot_agent.health.finding import Finding
    from robot_agent.learning.events import Evaluated, Event, Update
    from robot_agent.learning.trainer import Trainer

STRANGE_EPISODES = 10
"""Number of episodes that an unknown robot drives first if no way of training is set."""
UNCHANGEABLE = ("preset", "task", "network", "learner", "seed", "robot", "simulator")
"""Settings, or sections of them, that a run keeps from its start to its end."""
CHANGEABLE = ("learner.backend",)
"""Settings of these sections that may change: each backend goes on with the other's checkpoints."""


@app.command()
@takes("robot", "task", "backend", "seed", "store", "config", "set")
def train(
    flags: Flags,
    preset: Annotated[
        str | None, typer.Option(help=f"Settings that belong together. {presets.in_words()}")
    ] = None,
    moves: Annotated[int | None, typer.Option(help="Moves of the whole training.")] = None,
    action: Annotated[
        str | None, typer.Option(help="curvature (curvature, duration) or wheels (left, right, duration).")
    ] = None,
    rendered: Annotated[
        bool,
        typer.Option(
            "--rendered", help="One simulated robot that sees rendered pictures, instead of a fleet."
        ),
    ] = False,
    resume: Annotated[int | None, typer.Option(metavar="RUN", help="Go on with this run.")] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="POLICY", help="Begin with this policy: a file, or a run's number."),
    ] = None,
    learner: Annotated[
        str | None, typer.Option(help="reinforce, or your own learner as MODULE:FACTORY.")
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(
            help="Where each event goes besides: tensorboard:DIR, or your own as MODULE:FACTORY; repeatable."
        ),
    ] = None,
    send: Send = False,
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="0..99",
            help="Train each of these seeds, several at the same time, and print how they end; 0,3,7..9 too.",
        ),
    ] = None,
    processes: ProcessCount = None,
    place: Place = None,
    plot: Annotated[
        Path | None, typer.Option(help="With --seeds: draw how they end, as .png or .svg.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="With --seeds: keep each training as a run; else none is.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a policy. Ctrl-C stops and keeps what was learned; --resume goes on.

    A robot that is not simulated gets the policy that ships, trained on for it, unless a preset is named.
    While a single robot is trained, you may take its wheel: type t and press Enter. Your moves help it learn.
    """
    values = flags.values(
        preset=preset,
        train__moves=moves,
        train__log=log or None,
        task__action=action,
        learner__algorithm=learner,
        simulator__rendered=rendered,
    )
    only_many = {"--on": place, "--processes": processes, "--plot": plot, "--keep": keep or None}
    only_one = {"--seed": flags.given["seed"], "--resume": resume, "--from": start}
    _refuse_mixture(seeds, only_many, only_one)
    if seeds is not None:
        many.train_seeds(
            load(flags.config, values),
            parse_seeds(seeds),
            place=place,
            processes=processes,
            keep=keep,
            plot=plot,
            as_json=as_json,
        )
        return
    _train_one(flags.config, values, start, resume, send=send, as_json=as_json)


def _refuse_mixture(seeds: str | None, only_many: dict[str, Any], only_one: dict[str, Any]) -> None:
    """Raise SettingsError if an option of many trainings was given for one, or the other way round."""
    given = [name for name, value in (only_many if seeds is None else only_one).items() if value is not None]
    if given and seeds is None:
        raise SettingsError(f"{given[0]} goes with --seeds, as in --seeds 0..99; leave it, or give both.")
    if given:
        raise SettingsError(f"--seeds begins many trainings from nothing; leave out {given[0]}.")


def _train_one(
    config: Path | None,
    values: dict[str, Any],
    start: str | None,
    resume: int | None,
    *,
    send: bool,
    as_json: bool,
) -> None:
    """Train one policy: a new one, one that goes on from `start`, or the run `resume`; print how it ended."""
    settings = load(config, values, from_policy=start is not None)
    if send:
        must_be_address(settings.robot)
    strange = settings.robot != "sim" and resume is None and start is None
    if strange and not says_how_to_train(config, values):
        _adapt(settings, as_json, send)
        return
    with Store(settings.store) as opened:
        if resume is None:
            settings = _begun(settings, opened, start, values)
        else:
            settings = _resumed(opened, resume, values, config, start)
        outcome = _run(settings, opened, start, resume)
        if send:
            _send(settings, opened, outcome["run"])
    if as_json:
        print_json(outcome)


def _adapt(settings: Config, as_json: bool, send: bool) -> None:
    """Train the policy that ships on for a robot that it has never driven."""
    notice = (
        f"The robot {settings.robot!r} need not learn from nothing: the policy that ships drives "
        f"{STRANGE_EPISODES} episodes, finds out what the robot is, and is trained on for it, as by "
        "'robot-agent adapt'. To learn from nothing, give --preset one."
    )
    drive_and_adapt(settings, STRANGE_EPISODES, notice, as_json=as_json, send=send)


def _send(settings: Config, store: Store, run: int) -> None:
    """Send the best policy of a run to its robot."""
    from robot_agent.commands.policies import find_policy
    from robot_agent.network.keyring import Keyring
    from robot_agent.network.sending import send_policy
    from robot_agent.runs.policy_file import policy_bytes

    address = must_be_address(settings.robot)
    tensors, own = find_policy(str(run), store)
    send_policy(address, policy_bytes(tensors, own), f"Run {run}, sent", Keyring())
    report(f"The policy is on {address.host}, and is the one that it drives by.")


def _begun(settings: Config, store: Store, start: str | None, flags: dict[str, Any]) -> Config:
    """Return the settings of a new run: with a seed, and the network size of the policy to begin with."""
    from robot_agent.commands.policies import find_policy

    if settings.seed is None:
        settings = settings.model_copy(update={"seed": secrets.randbelow(2**31)})
    if start is not None and "hidden" not in flags.get("network", {}):
        _, own = find_policy(start, store)
        network = settings.network.model_copy(update={"hidden": tuple(own["network"]["hidden"])})
        settings = settings.model_copy(update={"network": network})
    return settings


def _resumed(store: Store, run: int, flags: dict[str, Any], config: Path | None, start: str | None) -> Config:
    """Return the settings of a run, with the flags that may change before it is over."""
    if config is not None:
        raise SettingsError("--resume goes on with the run's own settings; leave out --config, use --set.")
    if start is not None:
        raise SettingsError(
            "--resume goes on with a run as it was; --from begins a new one: give one of them."
        )
    own = store.run(run).settings
    for section in UNCHANGEABLE:
        given = flags.get(section)
        for name, value in given.items() if isinstance(given, dict) else [(None, given)]:
            full = section if name is None else f"{section}.{name}"
            before = own[section] if name is None else own[section].get(name)
            changed = value is not None and json.loads(json.dumps(value)) != before
            if changed and full not in CHANGEABLE:
                raise SettingsError(
                    f"Run {run} was begun with {full} = {before}; with {value} its checkpoint would "
                    "mean something else. Leave it, or begin a new run with --from."
                )
    return load(None, merge(own, flags))


def _run(settings: Config, store: Store, start: str | None, resume: int | None) -> dict[str, Any]:
    """Train to the end and return how it ended."""
    from robot_agent.build.driving import keep_pictures, make_single
    from robot_agent.build.training import make_trainer
    from robot_agent.commands.wheel import KeyboardWheel
    from robot_agent.health.history import History
    from robot_agent.runs.loggers import logged, open_loggers
    from robot_agent.runs.recorder import record

    loggers = open_loggers(settings.train.log)
    trainer = make_trainer(
        settings,
        (lambda seed: make_single(settings, KeyboardWheel(settings, seed).robot))
        if settings.one_robot
        else None,
    )
    reported: list[Any] = []
    try:
        run = _run_of(trainer, settings, store, start, resume)
        messages.print(f"Run {run}, seed {settings.seed}, kept in {store.path}")
        recorded = record(
            trainer,
            store,
            run,
            checkpoint_seconds=settings.train.checkpoint_seconds,
            pictures=keep_pictures(settings, trainer.environment, store, run, report),
        )
        again = f"robot-agent train --resume {run} --store {store.path}"
        try:
            with closing(logged(recorded, loggers, run, report)) as events:
                _follow(events, settings, trainer, reported)
        except StoreFull as error:
            raise StoreFull(f"{error} Go on with: {again}") from error
        except KeyboardInterrupt:
            report(f"Stopped; what was learned is kept. Go on with: {again}")
            raise
    finally:
        trainer.environment.close()
    found = find(settings, History.of(reported), trainer.learner.policy)
    return {"run": run, "seed": settings.seed} | _summarise(trainer, reported, found)


def _run_of(trainer: "Trainer", settings: Config, store: Store, start: str | None, resume: int | None) -> int:
    """Bring the trainer to its first state (new, from a policy, or resumed); return the number of the run."""
    from robot_agent.commands.policies import find_policy
    from robot_agent.runs.recorder import restore

    if resume is not None:
        restore(trainer, store, resume)
        store.set_settings(resume, settings.model_dump(mode="json"))
        return resume
    if start is not None:
        tensors, _ = find_policy(start, store)
        try:
            trainer.learner.policy.begin_from(tensors)
        except ValueError as error:
            raise SettingsError(f"{start}: {error}") from error
    return store.create_run(settings.model_dump(mode="json"))


def _follow(events: "Iterable[Event]", settings: Config, trainer: "Trainer", reported: "list[Event]") -> None:
    """Show the progress of the training, and add its events, except moves, to `reported`."""
    from robot_agent.envs.rollout import Move, Paused, Resumed
    from robot_agent.health.history import History
    from robot_agent.learning.events import Evaluated, Finished, Update

    warned = False
    last: Evaluated | None = None
    with many.progress_line("Training", "moves") as bar:
        task = bar.add_task("", total=settings.train.moves, completed=trainer.moves, words="")
        for event in events:
            obey_signals()
            if not isinstance(event, Move):
                reported.append(event)
            match event:
                case Update():
                    bar.update(task, completed=event.moves, words=_success(event, last))
                    if not warned and event.moves > settings.train.moves / 2:
                        warned = True
                        found = find(settings, History.of(reported), trainer.learner.policy, ended=False)
                        print_findings(found)
                case Evaluated():
                    last = event
                case Paused(reason):
                    bar.print(f"[yellow]Paused:[/] {escape(reason)}", soft_wrap=True)
                case Resumed():
                    bar.print("The camera gives good pictures again; going on.")
                case Finished(halted=True):
                    bar.print("Halted: the training has stopped, the wheels are still.")


def _success(update: "Update", last: "Evaluated | None") -> str:
    """Return the present success in a few words."""
    if last is not None:
        moves = "" if last.result.moves_mean is None else f", {last.result.moves_mean:.1f} moves"
        return f"[bold]{last.result.success_rate:.1%}[/] reach the goal{moves}"
    return f"[bold]{update.success_rate:.0%}[/] of the last {sum(update.endings.values())} reached the goal"


def _summarise(trainer: "Trainer", reported: "list[Event]", found: "list[Finding]") -> dict[str, Any]:
    """Print how the training ended, and return it."""
    from robot_agent.learning.events import Evaluated, Update
    from robot_agent.learning.outcome import outcome_of

    evaluations = [event for event in reported if isinstance(event, Evaluated)]
    updates = [event for event in reported if isinstance(event, Update)]
    if evaluations:
        last = evaluations[-1].result
        in_moves = "" if last.moves_mean is None else f", in {last.moves_mean:.2f} moves on average"
        messages.print(
            f"[bold]{last.success_rate:.1%}[/] of {last.episodes} held-out starts reach the goal{in_moves}, "
            f"after {trainer.seconds:.1f} s of learning."
        )
    elif updates:
        messages.print(f"[bold]{updates[-1].success_rate:.0%}[/] of the last episodes reached the goal.")
    print_findings(found)
    return outcome_of(trainer, evaluations) | {"findings": [asdict(finding) for finding in found]}
