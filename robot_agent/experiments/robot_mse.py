"""The robot's own question: a loss computed from the next picture, from which nothing is learned."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.errors import SettingsError
from robot_agent.experiments.outcome import Form, Outcome, losses, scores
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.events import Update
from robot_agent.learning.policy import Weights
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.tensors import Floats, Tensors
from robot_agent.learning.trainer import Trainer

if TYPE_CHECKING:
    from robot_agent.learning.torch_policy import GaussianPolicy

QUESTION = "How do I train the network when the loss comes from the robot's next picture?"
GOAL = np.array([10, 31]) / 41
RATE = 2.0
LOG_STD = (-2.5, -1.5)


def fleet(seed: int = 0, robots: int = 128) -> FleetEnvironment:
    """Return simulated robots that start a new episode only when they are reset."""
    return FleetEnvironment(robots, seed=seed, autoreset_mode="Disabled")


def need_torch() -> None:
    """Raise an error that says how to install PyTorch if it is missing."""
    try:
        import torch
    except ModuleNotFoundError as error:
        raise SettingsError(
            "This experiment shows what PyTorch says of it; install it with: pip install torch"
        ) from error
    torch.set_num_threads(1)


def make_policy() -> "GaussianPolicy":
    """Build the network, in PyTorch."""
    need_torch()
    from robot_agent.learning.torch_policy import GaussianPolicy

    return GaussianPolicy(2, LOG_STD, seed=0, dtype=np.float64)


def success(policy: Any) -> float:
    """Return the share of held-out starts from which the greedy policy reaches the goal."""
    return evaluate(fleet(robots=200), policy.greedy, episodes=200).success_rate


def next_picture(policy: "GaussianPolicy", environment: FleetEnvironment) -> tuple[Floats, Floats]:
    """Make one move with each robot; return observations, (N, 2), and ends of the next sights, (N, 2)."""
    s, _ = environment.reset()
    _, _, _, _, seen = environment.step(policy.greedy(s))
    return s, np.stack([seen["x1"], seen["x2"]], axis=1) / 41


def from_the_picture(policy: "GaussianPolicy", s: Floats, sight: Floats) -> Any:
    """Return the squared error between next sight and goal sight: a measurement, without a gradient."""
    import torch

    return torch.nn.functional.mse_loss(torch.as_tensor(sight), torch.as_tensor(GOAL).expand(len(sight), 2))


def from_the_output(policy: "GaussianPolicy", s: Floats, sight: Floats) -> Any:
    """Return the squared error between the network's output and the goal sight: the wrong loss."""
    import torch

    share = (policy.mean_actions(s) + 1) / 2
    return torch.nn.functional.mse_loss(share, torch.as_tensor(GOAL).expand(len(s), 2))


def run(loss_from: Callable[..., Any], *, requires_grad: bool = False, steps: int = 60) -> Outcome:
    """Train with one of the losses of the question; an error of PyTorch ends the training."""
    import torch

    policy, environment = make_policy(), fleet()
    watch, said = Watch(), ""
    for step in range(steps):
        loss = loss_from(policy, *next_picture(policy, environment))
        if requires_grad:
            loss.requires_grad_()
        policy.mean.zero_grad()
        try:
            loss.backward()
        except RuntimeError as error:
            said = f"PyTorch says: {str(error).rstrip('.')}. "
        watch(
            loss=float(loss.detach()),
            parameters={name: p.detach().numpy() for name, p in policy.mean.named_parameters()},
            gradients={
                name: None if p.grad is None else p.grad.numpy() for name, p in policy.mean.named_parameters()
            },
            score=success(policy) if step % 5 == 0 or step == steps - 1 else None,
        )
        if said:
            break
        with torch.no_grad():
            for p in policy.mean.parameters():
                if p.grad is not None:
                    p.sub_(RATE * p.grad)
    reached = success(policy)
    first, last = watch.steps[0].loss, watch.steps[-1].loss
    return Outcome(
        f"{said}The loss went from {first:.3g} to {last:.3g}; {reached:.1%} reach the goal.",
        reached >= 0.95,
        {"success": reached, "loss": last},
        findings(watch),
        losses(watch),
    )


def reinforce() -> Outcome:
    """Weight the log-probability of each move with its later rewards; the picture needs no gradient."""
    need_torch()
    from robot_agent.learning.torch_policy import GaussianPolicy

    kept: list[tuple[Tensors, Tensors]] = []

    class Watched(GaussianPolicy):
        """A policy that records its weights and gradients before each step."""

        def gradients(
            self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
        ) -> Tensors:
            up = super().gradients(observations, actions, weights, entropy_bonus)
            before: Tensors = {name: view.copy() for name, view in self.parameters.views.items()}
            kept.append((before, {name: -part for name, part in up.items()}))
            return up

    policy, watch = Watched(2, LOG_STD, seed=0, dtype=np.float64), Watch()
    trainer = Trainer(fleet(), Reinforce(policy), total_moves=80_000, episodes_per_update=128, seed=0)
    for event in trainer.run():
        if isinstance(event, Update):
            before, gradients = kept.pop()
            watch(
                loss=4 - event.report.mean_return,  # no return is larger
                parameters=before,
                gradients=gradients,
                score=event.success_rate,
            )
    reached = success(policy)
    return Outcome(
        f"After {trainer.moves:,} moves {reached:.1%} reach the goal.",
        reached >= 0.95,
        {"success": reached, "moves": trainer.moves},
        findings(watch),
        scores(watch),
        "success",
    )


FORMS: dict[str, Form] = {
    "broken: no gradient": lambda: run(from_the_picture),
    "broken: requires_grad on the loss": lambda: run(from_the_picture, requires_grad=True),
    "broken: squared error on the output": lambda: run(from_the_output),
    "mended: REINFORCE": reinforce,
}
