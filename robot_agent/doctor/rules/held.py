"""Rules on the weights of an optimizer: weights are missing, because of plain lists or by mistake."""

import ast
from collections.abc import Iterator
from typing import Any

from robot_agent.doctor.entries import Backward, Optimizer
from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

PARAMETER = ("nn.Parameter", "Parameter", "torch.nn.Parameter")


def hidden_weights(facts: Facts) -> dict[int, Site | None]:
    """Return the weights in a network's plain lists, dicts or tensors, by number, with the place of each."""
    import torch

    from robot_agent.doctor.cuts import weights_behind

    hidden: dict[int, Site | None] = {}
    registered = {id(each) for network in facts.networks for each in network.parameters()}
    weight = facts.observer.origins.weight
    for network in facts.networks:
        known = {id(each) for each in network.modules()}
        own = {id(each) for each in network.parameters()}
        for name, value in vars(network).items():
            if name.startswith("_") and name in ("_modules", "_parameters", "_buffers"):
                continue
            for each in _inside(value):
                if isinstance(each, torch.nn.Module) and id(each) not in known:
                    built = facts.observer.layers.get(id(each))
                    for parameter in each.parameters():
                        hidden[weight(parameter)] = (
                            built[1] if built is not None else facts.layer_sites.get(weight(parameter))
                        )
                elif (
                    isinstance(each, torch.Tensor)
                    and each.requires_grad
                    and each.is_leaf
                    and id(each) not in own
                ):
                    origin = facts.observer.origins.get(each)
                    hidden[weight(each)] = origin.site if origin is not None else None
                elif isinstance(each, torch.Tensor) and each.requires_grad and not each.is_leaf:
                    origin = facts.observer.origins.get(each)
                    behind = weights_behind(facts.observer, each)  # nn.Parameter(...) * scale
                    made = (
                        origin is not None and origin.tick == 0 and not origin.call and 0 < len(behind) <= 2
                    )
                    known_ones = [n for n in behind if n in facts.live and id(facts.live[n]) in registered]
                    if origin is not None and made and not known_ones:
                        hidden |= dict.fromkeys(behind, origin.site)
    return hidden


def _inside(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)) and len(value) < 1000 and depth < 3:
        for each in value:
            yield from _inside(each, depth + 1)
    elif value is not None:
        yield value


def not_registered(facts: Facts) -> Iterator[Finding]:
    """Find layers in plain lists."""
    record = facts.record
    hidden = hidden_weights(facts)
    if not hidden:
        return
    empty = record.error is not None and "empty parameter list" in str(record.error)
    missing = [n for n in hidden if n in facts.reached and n not in facts.held]
    if not empty and not missing:
        return
    number = next((n for n in (missing or hidden) if hidden[n] is not None), None)
    site = hidden[number] if number is not None else None
    yield found(
        "not-registered",
        f"{len(missing or hidden)} weight tensors of the network are not among its parameters().",
        "A layer in a plain list or dict, or a plain tensor, is unknown to its network: the optimizer, "
        "to(), train() and "
        "state_dict() pass it by.",
        "Use nn.ModuleList or nn.ModuleDict for layers, and nn.Parameter for a tensor that is to be learned.",
        0.98,
        container(site, facts) or site or record.error_site,
        "not registered",
        *notes(
            note("the optimizer was made here", record.optimizers[-1].site if record.optimizers else None)
        ),
    )


def container(site: Site | None, facts: Facts) -> Site | None:
    """Return where the list was made that a layer was put into; None if the layer stands in its line."""
    import torch

    plain = {
        name
        for network in facts.networks
        for name, value in vars(network).items()
        if not name.startswith("_")
        and isinstance(value, list | dict | tuple)
        and any(isinstance(each, torch.nn.Module | torch.Tensor) for each in _inside(value))
    }
    if site is None or any(f"self.{name}" in site.text for name in plain):
        return None
    tree = tree_of(site.file)
    for node in ast.walk(tree) if tree is not None else ():
        kinds = (ast.List, ast.Dict, ast.ListComp, ast.DictComp, ast.Tuple, ast.Call)
        made = isinstance(node, ast.Assign) and isinstance(node.value, kinds)
        name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) and made else ""
        if isinstance(node, ast.Assign) and name.startswith("self.") and name[5:] in plain:
            return Site(site.file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def no_parameters(facts: Facts) -> Iterator[Finding]:
    """Find an optimizer that was given no weights at all."""
    error = facts.record.error
    if error is None or "empty parameter list" not in str(error) or hidden_weights(facts):
        return
    yield found(
        "not-in-optimizer",
        "The optimizer was given no weights.",
        "An iterator such as filter() or parameters() can be gone through once only; a network without "
        "layers of its own has no weights either.",
        "Give it list(model.parameters()), and make the layers in __init__ as attributes.",
        0.95,
        facts.record.error_site,
        "no weights",
    )


def parameters_anew(facts: Facts) -> Iterator[Finding]:
    """Find a Parameter that is made new in each forward pass, so that no optimizer can know it."""
    record = facts.record
    unknown = [n for n in facts.reached - facts.held if n not in record.weight_sites and n not in facts.names]
    if len(unknown) < 4 or not any(each.steps for each in record.optimizers) or record.manual:
        return
    for file in facts.files():
        tree = tree_of(file)
        for function in ast.walk(tree) if tree else ():
            if not isinstance(function, Function) or function.name == "__init__":
                continue
            calls = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and ast.unparse(node.func) in PARAMETER
            ]
            if calls:
                node = calls[0]
                yield found(
                    "made-anew",
                    f"{len(unknown)} parameters were made here, a new one each time.",
                    "A new parameter begins with new numbers, and no optimizer knows it.",
                    "Make it once, in __init__ (self.weight = nn.Parameter(...)), and use it in forward().",
                    0.93,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "made in each pass",
                )
                return


def not_in_optimizer(facts: Facts) -> Iterator[Finding]:
    """Find weights that get a gradient, but that no optimizer holds."""
    import torch

    record = facts.record
    stepping = [each for each in record.optimizers if each.steps]
    if not stepping or not facts.reached:
        return
    unheld = {
        n
        for n in facts.reached - facts.held
        if n in facts.live and isinstance(facts.live[n], torch.nn.Parameter)
    } - set(hidden_weights(facts))
    if not unheld:
        return
    idle = {
        n
        for each in stepping
        for n in each.ids
        if each.looked >= 2
        and n not in facts.reached
        and (n not in facts.live or facts.live[n].requires_grad)
    }
    for each in stepping:
        stale = set(each.ids) & idle
        none = each.looked >= 2 and each.none == each.looked
        if each.steps >= 2 and ((stale and len(stale) == len(set(each.ids))) or none):
            yield _missing(
                facts, each, unheld, "The optimizer holds none of the weights that get a gradient", 0.97
            )
            return
    last = stepping[-1]
    double = next(
        (
            b
            for a, b in zip(stepping, stepping[1:], strict=False)
            if set(a.ids) == set(b.ids) and a.site != b.site
        ),
        None,
    )
    if double is not None:
        yield _missing(
            facts, double, unheld, "Two optimizers hold the same weights, and none holds others", 0.93
        )
        return
    if idle:
        yield _missing(
            facts,
            last,
            unheld,
            f"{len(unheld)} weight tensors get a gradient and are not in the optimizer",
            0.95,
        )
        return
    later = {n for n in unheld if facts.layer_times.get(n, 0) >= 0 and _made_after(facts, n, last)}
    if later:
        yield _missing(
            facts,
            last,
            later,
            f"{len(later)} weight tensors were made after the optimizer, which does not hold them",
            0.95,
        )
        return
    order = {n: index for index, n in enumerate(record.order)}
    held = [order[n] for n in facts.held if n in order]
    behind = {n for n in unheld if n in order and held and order[n] > min(held)}
    parameters = [n for n in facts.held & facts.reached if n in facts.names]
    training = all(_training(facts, n) for n in unheld)
    if parameters and behind and training:
        yield _missing(
            facts,
            last,
            unheld,
            f"{len(unheld)} weight tensors get a gradient and are not in the optimizer",
            0.9,
        )
        return
    flat = parameters and all(facts.live[n].dim() <= 1 for n in parameters if n in facts.live)
    if flat and facts.poor(0.8, 0.9) and any(facts.live[n].dim() > 1 for n in unheld):
        yield _missing(
            facts,
            last,
            unheld,
            f"The optimizer holds biases and scales alone; it lacks {len(unheld)} weight tensors",
            0.93,
        )
        return
    fresh = {
        n
        for n in unheld
        if n in facts.names and n not in record.written and facts.layer_sites.get(n) not in record.loaded
    }
    if (
        parameters
        and fresh == unheld
        and training
        and len(stepping) == 1
        and facts.poor(0.5, 0.7)
        and facts.single
    ):
        yield _missing(
            facts,
            last,
            unheld,
            f"{len(unheld)} weight tensors get a gradient and are not in the optimizer",
            0.8,
        )
        return
    separate = _separate(facts, unheld)
    if parameters and separate and training and len(stepping) == 1:
        yield _missing(
            facts,
            last,
            unheld,
            f"{len(unheld)} weight tensors of another network get a gradient and are not in the optimizer",
            0.75,
        )


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


def _missing(facts: Facts, optimizer: Optimizer, unheld: set[int], seen: str, sure: float) -> Finding:
    none = not set(optimizer.ids) & facts.reached
    names = ", ".join(facts.name(n) for n in sorted(unheld)[:3]) + (", ..." if len(unheld) > 3 else "")
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


RULES = (no_parameters, not_registered, thawed, not_in_optimizer)
