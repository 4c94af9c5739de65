"""Rules on weights that a network does not know, such as layers in plain lists, so that no optimizer can."""

import ast
from collections.abc import Iterator
from typing import Any

from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding


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


RULES = (no_parameters, not_registered)
