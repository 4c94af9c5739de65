"""Rules on the weights of an optimizer: some that get a gradient are missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

from robot_agent.doctor.entries import Backward, Optimizer
from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.rules.registered import hidden_weights
from robot_agent.health.finding import Finding


def thawed(facts: Facts) -> Iterator[Finding]:
    """Find weights that were frozen, and get a gradient later, but that the optimizer does not hold."""
    record = facts.record
    if record.manual:
        return
    looked = [each for each in facts.fine if each.leaves and not each.of_inputs]
    for each in record.optimizers:
        own = set(each.ids)
        mine = [entry for entry in looked if entry.number >= each.backward and entry.leaves & own]
        late = {n for entry in mine[-1:] for n in entry.leaves}
        known = late & (each.frozen | set(record.thawed)) - own
        missing = {n for n in known if n in facts.live and _thawed(facts, each, mine, n)}
        if not missing:
            continue
        site = next((record.thawed[n] for n in sorted(missing) if n in record.thawed), None)
        names = ", ".join(map(facts.name, sorted(missing)[:3])) + (", ..." if len(missing) > 3 else "")
        yield found(
            "not-in-optimizer",
            f"{len(missing)} weight tensors were frozen at first and get a gradient later, but are not in "
            f"the optimizer: {names}.",
            "The optimizer was given the weights that could learn when it was made. Switching the others on "
            "later does not add them, so they stay as they are.",
            "Give it all weights (frozen ones have no gradient, and are passed by), or call "
            "optimizer.add_param_group() where they are switched on.",
            0.93,
            each.site,
            "these are missing here",
            *notes(note("they are switched on here", site)),
        )
        return


def _thawed(facts: Facts, optimizer: Optimizer, entries: list[Backward], number: int) -> bool:
    """Return whether a weight was without a gradient first, with one later, and never moved since."""
    having = [number in entry.leaves for entry in entries]
    first = having.index(True)
    if first < 2 or len(having) - first < 2 or not all(having[first:]):
        return False
    others = [each for each in facts.record.optimizers if number in each.ids]
    if any(each.last >= entries[0].tick for each in others) or optimizer.last < entries[first + 1].tick:
        return False
    ref, begun = facts.steps.first_weights.get(number, (None, None))
    return bool(others) or begun is None or bool((facts.live[number].detach() == begun).all())


def not_in_optimizer(facts: Facts) -> Iterator[Finding]:
    """Find weights that get a gradient, but that no optimizer holds."""
    stepping = [each for each in facts.record.optimizers if each.steps]
    numbers = _unheld(facts) if stepping and facts.reached else set()
    if numbers:
        yield from islice(_ways(_Missing(facts, stepping, numbers)), 1)


def _unheld(facts: Facts) -> set[int]:
    """Return the numbers of the parameters that get a gradient, and that neither list nor optimizer hold."""
    import torch

    alone = facts.reached - facts.held
    parameters = {n for n in alone if isinstance(facts.live.get(n), torch.nn.Parameter)}
    return parameters - set(hidden_weights(facts))


@dataclass
class _Missing:
    """Weights that no optimizer holds, and what tells a mistake from weights that are left out on purpose."""

    facts: Facts
    stepping: list[Optimizer]
    """The optimizers that make steps."""
    numbers: set[int]
    """Numbers of the weights that are missing."""

    @cached_property
    def idle(self) -> set[int]:
        """Numbers of the weights that an optimizer holds, and on which no loss depends."""
        facts = self.facts
        return {
            n
            for each in self.stepping
            for n in each.ids
            if each.looked >= 2
            and n not in facts.reached
            and (n not in facts.live or facts.live[n].requires_grad)
        }

    @cached_property
    def held(self) -> list[int]:
        """Numbers of the networks' weights that learn: a loss depends on them, and an optimizer has them."""
        return [n for n in self.facts.held & self.facts.reached if n in self.facts.names]

    @cached_property
    def training(self) -> bool:
        """Whether the networks of the missing weights are in training mode."""
        return all(_training(self.facts, n) for n in self.numbers)

    def finding(
        self,
        seen: str,
        sure: float,
        *,
        optimizer: Optimizer | None = None,
        numbers: set[int] | None = None,
    ) -> Finding:
        """Return the finding at an optimizer, of some of the weights; the last one and all if not given."""
        facts, optimizer, numbers = self.facts, optimizer or self.stepping[-1], numbers or self.numbers
        none = not set(optimizer.ids) & facts.reached
        names = ", ".join(map(facts.name, sorted(numbers)[:3])) + (", ..." if len(numbers) > 3 else "")
        return found(
            "not-in-optimizer",
            f"{seen}: {names}.",
            "They were made after the optimizer (a replaced layer, a new network), or were left out, so they "
            "stay as they are.",
            "Make the optimizer last, with all that is to be learned: torch.optim.Adam(model.parameters()).",
            sure,
            optimizer.caller if none and optimizer.caller is not None else optimizer.site,
            "these are missing here",
        )


def _ways(missing: _Missing) -> Iterator[Finding]:
    """Look at the ways in which weights may come to be missing; the first one that fits is reported."""
    yield from _holds_none(missing)
    yield from _same_twice(missing)
    yield from _holds_others(missing)
    yield from _made_later(missing)
    yield from _after_held_ones(missing)
    yield from _biases_alone(missing)
    yield from _left_out(missing)
    yield from _another_network(missing)


def _holds_none(missing: _Missing) -> Iterator[Finding]:
    """Find an optimizer none of whose weights gets a gradient."""
    for each in missing.stepping:
        own = set(each.ids)
        none = each.looked >= 2 and each.none == each.looked
        if each.steps >= 2 and ((own and own <= missing.idle) or none):
            seen = "The optimizer holds none of the weights that get a gradient"
            yield missing.finding(seen, 0.97, optimizer=each)


def _same_twice(missing: _Missing) -> Iterator[Finding]:
    """Find a second optimizer that was given the weights of the first."""
    for one, other in pairwise(missing.stepping):
        if set(one.ids) == set(other.ids) and one.site != other.site:
            seen = "Two optimizers hold the same weights, and none holds others"
            yield missing.finding(seen, 0.93, optimizer=other)


def _holds_others(missing: _Missing) -> Iterator[Finding]:
    """Find an optimizer that holds weights on which no loss depends, and lacks others."""
    if missing.idle:
        yield missing.finding(_not_in(missing), 0.95)


def _made_later(missing: _Missing) -> Iterator[Finding]:
    """Find weights that were made after the optimizer."""
    facts, last = missing.facts, missing.stepping[-1]
    later = {n for n in missing.numbers if _made_after(facts, n, last)}
    if later:
        seen = f"{len(later)} weight tensors were made after the optimizer, which does not hold them"
        yield missing.finding(seen, 0.95, numbers=later)


def _after_held_ones(missing: _Missing) -> Iterator[Finding]:
    """Find weights that a forward pass uses after held ones; those before them may be left on purpose."""
    facts = missing.facts
    order = {n: index for index, n in enumerate(facts.record.order)}
    held = [order[n] for n in facts.held if n in order]
    behind = held and any(order[n] > min(held) for n in missing.numbers if n in order)
    if missing.held and behind and missing.training:
        yield missing.finding(_not_in(missing), 0.9)


def _biases_alone(missing: _Missing) -> Iterator[Finding]:
    """Find an optimizer that holds vectors alone, and lacks all matrices."""
    facts = missing.facts
    vectors = missing.held and all(facts.live[n].dim() <= 1 for n in missing.held if n in facts.live)
    if vectors and facts.poor(0.8, 0.9) and any(facts.live[n].dim() > 1 for n in missing.numbers):
        count = len(missing.numbers)
        yield missing.finding(
            f"The optimizer holds biases and scales alone; it lacks {count} weight tensors", 0.93
        )


def _left_out(missing: _Missing) -> Iterator[Finding]:
    """Find new random weights that are missing, where the only network does not learn."""
    facts, record = missing.facts, missing.facts.record
    fresh = all(
        n in facts.names and n not in record.written and facts.layer_sites.get(n) not in record.loaded
        for n in missing.numbers
    )
    alone = len(missing.stepping) == 1 and facts.single
    if missing.held and fresh and missing.training and alone and facts.poor(0.5, 0.7):
        yield missing.finding(_not_in(missing), 0.8)


def _another_network(missing: _Missing) -> Iterator[Finding]:
    """Find a whole network that is missing."""
    separate = _separate(missing.facts, missing.numbers)
    if missing.held and separate and missing.training and len(missing.stepping) == 1:
        count = len(missing.numbers)
        seen = f"{count} weight tensors of another network get a gradient and are not in the optimizer"
        yield missing.finding(seen, 0.75)


def _not_in(missing: _Missing) -> str:
    return f"{len(missing.numbers)} weight tensors get a gradient and are not in the optimizer"


def _training(facts: Facts, number: int) -> bool:
    for network in facts.networks:
        if any(p is facts.live.get(number) for p in network.parameters(recurse=False)):
            return bool(network.training)
    return True


def _separate(facts: Facts, unheld: set[int]) -> bool:
    """Return whether the missing weights are a whole network of their own."""
    weight = facts.observer.origins.weight
    for network in facts.networks:
        numbers = {weight(p) for p in network.parameters()}
        if numbers & facts.held and numbers & unheld:
            return False
    return True


def _made_after(facts: Facts, number: int, optimizer: Optimizer) -> bool:
    for built in facts.record.modules.values():
        for each in built:
            layer = each.ref()
            if layer is not None and any(
                p is facts.live.get(number) for p in layer.parameters(recurse=False)
            ):
                return facts.observer.built_at.get(id(layer), 0) > optimizer.made_at
    return False


RULES = (thawed, not_in_optimizer)
