"""Rules for REINFORCE with a critic or an entropy, and for its lists."""

import ast
import re
from collections.abc import Iterator
from statistics import fmean, pstdev

from robot_agent.doctor.entries import LossCall
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import QUANTITIES
from robot_agent.doctor.provenance import CONFLICT
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import enclosing
from robot_agent.doctor.source_patterns import discounted_index
from robot_agent.doctor.words import names, reward_words, tree_of
from robot_agent.health.finding import Finding

LOG_PROB = re.compile(r"log_?p|logp|(^|_)lps?$|log_?pi", re.IGNORECASE)
GAMMA = re.compile(r"gamma|discount", re.IGNORECASE)


def not_detached(facts: Facts) -> Iterator[Finding]:
    """Find a target or an advantage that was not detached, so that it trains a network."""
    for site, (count, made) in facts.record.attached.items():
        if count < 3 or not (facts.reinforce or _discounts(facts)):
            continue
        yield found(
            "not-detached",
            "What a loss is to take as given comes from a network, with its graph.",
            "The step then also moves the target towards the answer, or the critic towards what flatters "
            "the policy.",
            "Cut it off: advantage = (returns - values).detach(); compute a target in torch.no_grad().",
            0.85,
            made or site,
            "this is learned from as well",
            *notes(note("it is used here", site if made not in (None, site) else None)),
        )
        return


def largest(facts: Facts) -> Iterator[Finding]:
    """Find Q-learning of the largest answer, not of the answer of the action that was carried out."""
    calls = [each for each in facts.calls if each.name in QUANTITIES]
    best = [each for each in calls if each.best is not None and each.from_net and _is_return(each)]
    if len(best) < 4 or len(best) < 0.9 * len(calls):
        return
    yield found(
        "another-action",
        "The largest answer is pulled to the reward, whichever action was carried out.",
        "The reward of one action then changes the value of another one.",
        "Take the answer of the action that was carried out: q(states).gather(1, actions.unsqueeze(1)).",
        0.9,
        best[0].best,
        "not the action that was carried out",
        *notes(note("the loss", best[0].site)),
    )


LEFT = ("item", "numpy", "__array__", "tolist", "__float__", "__int__")
"""Ways in which an index leaves PyTorch as a plain number."""
INDEX = (
    "The index says which action is the best one, not how good it is: the target is the same for a good "
    "state and for a bad one.",
    "Take the value: max(1)[0], max(1).values or amax(1), not max(1)[1] or argmax(1).",
)


def index_for_value(facts: Facts) -> Iterator[Finding]:
    """Find a target of Q-learning with the index of the largest answer in place of its value."""
    calls = [each for each in facts.calls if each.name in QUANTITIES]
    targets = [each.target for each in calls if each.target is not None and each.target.index is not None]
    bad = [each for each in targets if each.discounted and each.raised and not each.index.used]
    if len(bad) >= 4 and len(bad) >= 0.9 * len(calls):
        yield _index(bad[0].index.site, note("the loss", calls[0].site))
        return
    for leave in facts.record.exits:
        if leave.why in LEFT:
            site = discounted_index(leave.site)
            if site is not None:
                yield _index(site, "")
                return


def _index(site: Site, where: str) -> Finding:
    means, cure = INDEX
    seen = "The index of the largest answer is discounted and added to the reward, as if it were its value."
    return found("index-for-value", seen, means, cure, 0.93, site, "an index, no value", *notes(where))


def _is_return(call: LossCall) -> bool:
    return call.target is not None and call.target.reward in (1, CONFLICT)


def _discounts(facts: Facts) -> bool:
    return any(
        GAMMA.search(name) for file in facts.files() for name in names(tree_of(file) or ast.Module([], []))
    ) or bool(facts.record.attached)


def entropy_sign(facts: Facts) -> Iterator[Finding]:
    """Find an entropy bonus with the wrong sign, which makes the policy explore less."""
    entries = [(site, slopes) for site, slopes in facts.record.entropies if any(slopes)]
    ways = {bool(dict(each.options).get("maximize")) for each in facts.optimizers if each.steps}
    if len(entries) < 4 or not facts.record.log_probs or len(ways) != 1:
        return
    way = -1 if True in ways else 1
    if not all(way * sum(slopes) > 0 for _, slopes in entries):
        return
    yield found(
        "entropy-sign",
        "The loss falls when the policy's entropy falls.",
        "A bonus on the entropy is to keep the policy trying; this one makes it stop.",
        "Subtract it: loss = policy_loss - 0.01 * entropy.",
        0.85,
        _use_of_entropy(facts) or entries[0][0],
        "the wrong sign",
    )


def _use_of_entropy(facts: Facts) -> Site | None:
    """Return the line where a loss adds an entropy."""
    for file in facts.files():
        for node in ast.walk(tree_of(file) or ast.Module([], [])):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.BinOp)
                and any("entropy" in name.lower() for name in names(node.value))
                and any("loss" in name.lower() for name in names(node.targets[0]))
            ):
                same = node.lineno == node.end_lineno
                return Site(file, node.lineno, node.col_offset, (node.end_col_offset or 0) if same else 0)
    return None


def kept_lists(facts: Facts) -> Iterator[Finding]:
    """Find a list of rewards that is not emptied between episodes, although the log-probabilities are."""
    if not facts.reinforce:
        return
    for file in facts.files():
        tree = tree_of(file)
        if tree is None:
            continue
        kept = _kept_attribute(tree)
        if kept is not None:
            yield _not_emptied(file, kept)
            return
        for loop in ast.walk(tree):
            if not isinstance(loop, ast.For | ast.While):
                continue
            appended = _appended(loop)
            logs = {name for name in appended if LOG_PROB.search(name)}
            rewards = {name for name in appended if reward_words([name.split(".")[-1]]) and name not in logs}
            emptied = _emptied(loop)
            inner = [
                each for each in ast.walk(loop) if isinstance(each, ast.For | ast.While) and each is not loop
            ]
            if not inner or not logs or not rewards or not logs & emptied or rewards & emptied:
                continue
            outside = [each for each in rewards if _assigned_before(tree, loop, each)]
            if not outside or not _used_in(loop, outside[0]):
                continue
            yield _not_emptied(file, appended[outside[0]])
            return


def _not_emptied(file: str, node: ast.Call) -> Finding:
    name = ast.unparse(node.func).rpartition(".")[0]
    return found(
        "reward-of-another-step",
        f"{name} is never emptied, and the list of log-probabilities is.",
        "From the second episode on each action is judged by a reward of the first one.",
        f"Empty both at the start of each episode: {name} = [].",
        0.88,
        Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
        "grows from episode to episode",
    )


def _kept_attribute(tree: ast.Module) -> ast.Call | None:
    """Return where rewards go into an attribute that is never emptied, though that of the log-probs is."""
    later: list[ast.AST] = [
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name != "__init__"
    ]
    later += [each for each in tree.body if isinstance(each, ast.For | ast.While)]
    emptied = {name.rpartition(".")[2] for each in later for name in _emptied(each)}
    listed = {name.rpartition(".")[2] for name in _appended(tree)}
    if any(reward_words([name]) for name in listed & emptied):
        return None  # these are the rewards; others are kept to be shown
    appended = {name.rpartition(".")[2]: node for name, node in _appended(tree).items() if "." in name}
    logs = {name for name in appended if LOG_PROB.search(name)}
    rewards = [name for name in appended if reward_words([name]) and name not in logs | emptied]
    if not logs & emptied or not rewards:
        return None
    whole = re.compile(rf"\.{re.escape(rewards[0])}(\[::-1\]|\)|,|:)")
    used = any(
        whole.search(ast.unparse(node)) for node in ast.walk(tree) if isinstance(node, ast.For | ast.Call)
    )
    return appended[rewards[0]] if used else None


def _appended(loop: ast.AST) -> dict[str, ast.Call]:
    return {
        ast.unparse(node.func.value): node
        for node in ast.walk(loop)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"
    }


def _emptied(loop: ast.AST) -> set[str]:
    """Return the names of the lists that are made new or emptied in a loop."""
    done: set[str] = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                done |= {
                    ast.unparse(each) for each in (target.elts if isinstance(target, ast.Tuple) else [target])
                }
        elif isinstance(node, ast.Delete):
            done |= {ast.unparse(each).split("[")[0] for each in node.targets}
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clear"
        ):
            done.add(ast.unparse(node.func.value))
    return done


def _assigned_before(tree: ast.Module, loop: ast.For | ast.While, name: str) -> bool:
    """Return whether a list is made before the loop, in the same function."""
    scope = enclosing(tree, loop.lineno)
    return any(
        isinstance(node, ast.Assign)
        and node.lineno < loop.lineno
        and any(name in ast.unparse(target) for target in node.targets)
        for node in ast.walk(scope)
    )


def _used_in(loop: ast.AST, name: str) -> bool:
    """Return whether a loop passes a whole list, not one entry of it, to a call other than print or len."""
    texts = [
        ast.unparse(node)
        for node in ast.walk(loop)
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute)
    ]
    calls = [ast.unparse(node) for node in ast.walk(loop) if isinstance(node, ast.Call)]
    return any(
        re.search(rf"(?<![\w.]){re.escape(name)}(?![\w\[.])", text)
        for text in texts + calls
        if "print" not in text and "len(" not in text
    )


def no_baseline(facts: Facts) -> Iterator[Finding]:
    """Find rewards that all have one sign, without a baseline: only a hint, as the training still works."""
    entries = [each for each in facts.record.log_probs if each.reward and any(each.slope)]
    values = [value for each in entries for value in each.weight]
    if len(values) < 50 or min(values) < 0 < max(values):
        return
    mean, spread = fmean(values), pstdev(values)
    if spread <= 1e-9 * abs(mean) or abs(mean) < spread:
        return
    yield found(
        "no-baseline",
        f"Every action is weighted with a number of the same sign, {number(mean)} on average and "
        f"{number(spread)} apart.",
        "All actions are then made more (or less) probable, and the good ones only a little more so than the "
        "bad ones: it learns, but slowly and with much noise.",
        "Subtract a baseline, such as the mean of the returns: advantage = returns - returns.mean().",
        0.8,
        entries[0].site,
        "no baseline",
    )


RULES = (not_detached, entropy_sign, kept_lists, largest, index_for_value)
