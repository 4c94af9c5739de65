"""`Facts`: what the rules ask about a record again and again."""

import ast
import math
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from statistics import fmean, median
from typing import Any

from robot_agent.doctor.entries import Backward, LossCall, Optimizer, Units
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.notebook import place_in_words
from robot_agent.doctor.observe import Observer
from robot_agent.doctor.origin import Act
from robot_agent.doctor.record import Record
from robot_agent.doctor.site import Site
from robot_agent.doctor.steps import Steps
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

REINFORCE = (
    "Where a world stands between the answer and the loss, use REINFORCE: sample the action from a "
    "distribution, and "
    "minimise -log_prob(action) * reward."
)


def found(
    kind: str, seen: str, means: str, cure: str, sure: float, site: Site | None, label: str = "", *notes: str
) -> Finding:
    """Return a finding at the place `site`; without a place if it is None."""
    if site is None:
        return Finding(kind, seen, means, cure, sure, label=label, notes=notes)
    return Finding(
        kind,
        seen,
        means,
        cure,
        sure,
        site.file,
        site.line,
        site.column,
        site.end or None,
        site.text,
        label,
        notes,
    )


def note(words: str, site: Site | None) -> str:
    """Return a note with the line that it is about; empty if the line is not known."""
    return f"{words}: {place_in_words(site.file, site.line)}: {site.text.strip()}" if site is not None else ""


def notes(*given: str) -> tuple[str, ...]:
    """Return the notes that are not empty."""
    return tuple(each for each in given if each)


def number(value: float) -> str:
    """Return a number as text, with three digits."""
    return f"{value:.3g}"


class Facts:
    """The record of a training, and facts that follow from it."""

    def __init__(self, observer: Observer, steps: Steps) -> None:
        """Begin."""
        self.observer, self.steps = observer, steps
        self.record: Record = observer.record
        self.live = observer.origins.weights()

    @cached_property
    def fine(self) -> list[Backward]:
        """The calls of backward() that did not fail."""
        return [each for each in self.record.backwards if not each.error]

    @cached_property
    def failed(self) -> Backward | None:
        """The last call of backward(), if it failed."""
        last = self.record.backwards[-1] if self.record.backwards else None
        return last if last is not None and last.error else None

    @cached_property
    def main(self) -> Site | None:
        """The place where backward() is called most often; None if it is not called."""
        sites = Counter(each.site for each in self.record.backwards if not each.of_inputs)
        return sites.most_common(1)[0][0] if sites else None

    @cached_property
    def losses(self) -> list[float]:
        """The losses at the place `main`, in order."""
        return self.record.losses.get(self.main, []) if self.main is not None else []

    @cached_property
    def optimizers(self) -> list[Optimizer]:
        """The last optimizer that was made at each place."""
        last: dict[Site, Optimizer] = {}
        for each in self.record.optimizers:
            last[each.site] = each
        return list(last.values())

    @cached_property
    def single(self) -> bool:
        """Whether there is one loss and at most one optimizer, so that the loss curve can be judged."""
        sites = {each.site for each in self.record.backwards if not each.of_inputs}
        return len(sites) == 1 and len(self.optimizers) <= 1

    @cached_property
    def reinforce(self) -> bool:
        """Whether a policy is trained by the log-probabilities of its actions."""
        return (
            bool(self.record.actions)
            or self.record.drawn
            or any(each.reward for each in self.record.log_probs)
        )

    @cached_property
    def reached(self) -> set[int]:
        """Numbers of the weights on which a loss depends."""
        return {number for each in self.record.backwards for number in each.leaves}

    @cached_property
    def held(self) -> set[int]:
        """Numbers of the weights that some optimizer holds or held."""
        return {number for each in self.record.optimizers for number in each.ids}

    @cached_property
    def held_now(self) -> set[int]:
        """Numbers of the weights in `optimizers`, without optimizers that were replaced by a new one."""
        return {number for each in self.optimizers for number in each.ids}

    @cached_property
    def held_late(self) -> set[int]:
        """Numbers of the weights of all optimizers that made a step in the last third of the training."""
        late = [
            each for each in self.record.optimizers if each.steps and each.last >= 0.67 * self.record.tick - 1
        ]
        return {number for each in late for number in each.ids}

    @cached_property
    def units(self) -> list[Units]:
        """The activations, in the order in which the data passes through them."""
        return sorted(self.record.units.values(), key=lambda each: each.order)

    @cached_property
    def calls(self) -> list[LossCall]:
        """The calls of the loss that is used most often for training."""
        names = CLASSES | QUANTITIES | TWO
        calls = [each for each in self.record.calls if each.name in names and each.grad]
        sites = Counter(each.site for each in calls)
        if not sites:
            return []
        main = sites.most_common(1)[0][0]
        return [each for each in calls if each.site == main]

    @cached_property
    def skill(self) -> float | None:
        """How good the answers are at the end of the training: 1 right, 0 no better than a constant."""
        calls = [each.skill for each in self.calls if each.skill is not None]
        if len(calls) < 4:
            return None
        late = calls[-max(3, len(calls) // 10) :]
        pooled = self._pooled()
        return max(median(late), pooled) if pooled is not None else median(late)

    def _pooled(self) -> float | None:
        """Return the skill over the last 40 calls together, for batches with few or equal targets."""
        calls = [each for each in self.calls if each.name in QUANTITIES][-40:]
        if len(calls) < 4 or any(each.skill is None and each.std > 0 for each in calls):
            return None
        spread = fmean(each.std**2 for each in calls) + _variance([each.mean for each in calls])
        rest = (
            fmean((1 - (each.skill or 0.0)) * each.std**2 for each in calls if each.skill is not None)
            if any(each.skill is not None for each in calls)
            else None
        )
        return 1 - rest / spread if rest is not None and spread > 1e-12 else None

    def stalls(self, share: float = 0.75) -> bool:
        """Return whether the loss has not fallen below this share of its first values."""
        values = self.losses
        finite = [each for each in values if math.isfinite(each)]
        if len(values) < 8 or not finite:
            return False
        tenth = max(1, len(values) // 10)
        last = median(values[-tenth:])
        first = fmean(values[: max(1, min(3, tenth))])
        if first <= 0:
            return not last < first - (1 - share) * abs(first)
        return not last < share * first

    def poor(self, skill: float = 0.5, share: float = 0.75) -> bool:
        """Return whether the network has not learned: by its skill if that is known, else by the loss."""
        if any(not math.isfinite(each) for each in self.losses[-3:]):
            return True
        if self.skill is not None and not self._learned_since(self.skill < skill):
            return self.skill < skill
        return self.stalls(share)

    def _learned_since(self, poor: bool) -> bool:
        """Return whether the loss has fallen much since the last outputs that were seen."""
        values, last = self.losses, self.calls[-1].backward
        if not poor or not self.single or len(values) < 20 or len(values) <= last:
            return False
        late = [each.backward for each in self.calls[-max(3, len(self.calls) // 10) :]]
        judged = [values[each] for each in late if each < len(values)]
        if judged and median(judged) > 0:
            left = median(values[-max(3, len(values) // 10) :]) / median(judged)
            if 1 - (1 - (self.skill or 0.0)) * left < -1:
                return False  # it has fallen, from far above to above what a constant would have
            if left < 0.4:
                return True  # few steps were looked at, and those at the beginning of a training
        if len(values) - last < 0.2 * len(values):
            return False
        tenth = max(3, len(values) // 10)
        before, now = median(values[max(0, last - tenth) : last + 1]), median(values[-tenth:])
        return now < 0.7 * before if before > 0 else now < before - 0.3 * abs(before)

    @cached_property
    def diverged(self) -> bool:
        """Return whether the loss has grown very large, or is not finite any more."""
        finite = [each for each in self.losses if math.isfinite(each)]
        if len(finite) < 2:
            return len(self.losses) > len(finite)
        bad = len(finite) < len(self.losses)
        first = abs(finite[0]) + 1e-3
        tenth = median(finite[-max(1, len(finite) // 10) :])
        return bool(
            (max(finite) > 1e3 * first and tenth > 3 * first)
            or (bad and max(finite[-5:]) > 20 * first)
            or tenth > 50 * first
        )

    @cached_property
    def totals(self) -> list[float]:
        """The norm of the whole gradient at each step that was observed."""
        return [
            math.sqrt(sum(each**2 for each in entry.norms.values())) for entry in self.fine if entry.norms
        ]

    @cached_property
    def grew(self) -> bool:
        """Return whether losses or gradients were huge, or grew, while they were still finite."""
        losses = [abs(each) for each in self.losses if math.isfinite(each)]
        norms = [each for each in self.totals if math.isfinite(each)]
        if losses and max(losses[:400]) > 1e3 * (losses[0] + 1e-3) and max(losses) > 1e3:
            return True
        if norms and (max(norms[:2]) > 1e4 or max(norms) > 1e4 * (norms[0] + 1e-3)):
            return True
        return bool(losses) and losses[0] > 1e6

    def ratio(self, optimizer: Optimizer) -> tuple[float, float]:
        """Return the optimizer's steps as shares of the weights: the late median, the early maximum."""
        shares = [share for _, share in optimizer.moved if math.isfinite(share)]
        if not shares:
            return math.nan, math.nan
        return median(shares[len(shares) // 2 :]), max(shares[:8])

    def norms(self, weight: int) -> list[float]:
        """Return the gradient norms of a weight."""
        return [each.norms[weight] for each in self.fine if weight in each.norms]

    def name(self, weight: int) -> str:
        """Return the name of a weight."""
        return self.names.get(
            weight, "a tensor of shape " + "x".join(map(str, self.record.shapes.get(weight, ())))
        )

    @cached_property
    def networks(self) -> list[Any]:
        """All networks and layers that still exist; a network comes before its own layers."""
        alive = [each.ref() for built in self.record.modules.values() for each in built]
        return sorted(
            (each for each in alive if each is not None), key=lambda each: -sum(1 for _ in each.modules())
        )

    @cached_property
    def names(self) -> dict[int, str]:
        """Names of the weights in their network, by their numbers."""
        names: dict[int, str] = {}
        for network in self.networks:
            for name, weight in network.named_parameters():
                names.setdefault(self.observer.origins.weight(weight), name)
        return names

    @cached_property
    def layer_sites(self) -> dict[int, Site]:
        """The place where the layer of each weight was built, by the weight's number."""
        sites: dict[int, Site] = {}
        for site, built in self.record.modules.items():
            for each in built:
                layer = each.ref()
                for weight in layer.parameters(recurse=False) if layer is not None else ():
                    sites[self.observer.origins.weight(weight)] = site
        return sites

    def place_of(self, act: Act) -> Site | None:
        """Return the line to change for an activation: its call in forward(), or where it was made."""
        inside = act.site is not None and act.site not in self.record.forwards
        return act.site if inside and not act.listed else act.module or act.site

    def in_loop(self, site: Site) -> bool:
        """Return whether a line is in a loop, or in a function that the training may call in a loop."""
        tree = tree_of(site.file)
        around = [
            node
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body[0].lineno <= site.line <= (node.end_lineno or 0)
        ]
        main = self.main
        return any(
            isinstance(node, ast.For | ast.While)
            or main is None
            or main.file != site.file
            or not node.lineno <= main.line <= (node.end_lineno or 0)
            for node in around
        )

    def files(self) -> Iterable[str]:
        """Return the source files that call backward() or make an optimizer."""
        return {each.site.file for each in self.record.backwards} | {
            each.site.file for each in self.record.optimizers
        }


def _variance(values: list[float]) -> float:
    mean = fmean(values)
    return fmean((each - mean) ** 2 for each in values)
