"""Finds lines that are written in a certain way, such as one that gives a network a second name."""

import ast
import re

from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function, enclosing, site_of_statement
from robot_agent.doctor.source_values import METHODS, WRAPPERS
from robot_agent.doctor.words import called, names, reward_words, statement, tree_of

DISCOUNT = re.compile(r"gamma|discount", re.IGNORECASE)


def made_of_argument(site: Site) -> bool:
    """Return whether an optimizer is made in a function that only makes it, for a network given to it."""
    tree = tree_of(site.file)
    function = enclosing(tree, site.line) if tree is not None else None
    if not isinstance(function, Function):
        return False
    given = {each.arg for each in function.args.args if each.arg != "self"}
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    words = {getattr(node, "attr", "") for node in ast.walk(function)}
    return (
        bool(given & used) and "backward" not in words and function.name != "__init__" and "step" not in words
    )


def changed_in_place(file: str) -> Site | None:
    """Return where a Dataset or a loop in the file changes numbers in place: x /= 255, x.div_(255)."""
    tree = tree_of(file)
    nodes = list(ast.walk(tree)) if tree is not None else []
    items = [node for node in nodes if isinstance(node, Function) and node.name == "__getitem__"]
    loops = [node for node in nodes if isinstance(node, ast.For)]
    scopes: list[ast.AST] = [*items] if items else [*loops]
    for scope in scopes:
        for node in ast.walk(scope):
            call = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("div_", "sub_", "mul_")
            divided = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div | ast.Mult | ast.Sub)
            if isinstance(node, ast.Call | ast.AugAssign) and (call or divided):
                return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def reference_of_state(site: Site) -> Site | None:
    """Return the state_dict() without a copy that gave the weights which are loaded at a place."""
    tree = tree_of(site.file)
    calls = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "load_state_dict"
        and node.args
        and node.lineno <= site.line <= (node.end_lineno or 0)
    ]
    if tree is None or not calls:
        return None
    name = ast.unparse(calls[0].args[0])
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and getattr(node.value.func, "attr", "") == "state_dict"
            and any(name == ast.unparse(target) for target in node.targets)
        ):
            return Site(site.file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def mixing(file: str) -> Site | None:
    """Return where a loop over the weights of two networks writes into one of them; None if none does."""
    for loop in ast.walk(tree_of(file) or ast.Module([], [])):
        if not isinstance(loop, ast.For) or ast.unparse(loop.iter).count("parameters()") != 2:
            continue
        for node in loop.body:
            text = ast.unparse(node)
            if re.search(r"\.copy_\(|\.data = |\.lerp_\(|\.mul_\(", text):
                return site_of_statement(file, node)
    return None


def second_name(file: str) -> Site | None:
    """Return an assignment that makes a target network only a second name: target = network."""
    tree = tree_of(file)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            target, value = names(node.targets[0])[-1:], names(node.value)[-1:]
            if not target or not value or not re.search("target|tgt|frozen|fixed", target[0], re.IGNORECASE):
                continue
            if re.search("net|model|^q|policy|online|actor|critic|agent|main", value[0], re.IGNORECASE):
                return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def second_of_answer(site: Site) -> Site | None:
    """Return where the target of the loss at a place became a second name for its answer: target = answer."""
    tree, start = tree_of(site.file), statement(site)
    used = set(names(start)) if start is not None else set()
    for node in ast.walk(enclosing(tree, site.line)) if tree is not None else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name)
            and node.lineno < site.line
            and node.value.id in used
            and set(names(node.targets[0])) & used
        ):
            return site_of_statement(site.file, node)
    return None


def new_tensor(file: str) -> Site | None:
    """Return where torch.Tensor(losses) makes a new tensor of computed numbers: a call that is not seen."""
    for node in ast.walk(tree_of(file) or ast.Module([], [])):
        if not isinstance(node, ast.Call):
            continue
        given = " ".join(name for each in node.args for name in names(each))
        kind = re.fullmatch(r"(torch\.)?(Float|Double)?Tensor", ast.unparse(node.func))
        if kind and re.search(r"loss|err|out|pred|logit|score", given):
            return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def clipped_use(site: Site) -> Site:
    """Return where the smaller of the products of a place is taken: loss = torch.min(one, other).mean()."""
    tree, start = tree_of(site.file), statement(site)
    made = {n for target in getattr(start, "targets", []) for n in names(target)}
    for node in ast.walk(enclosing(tree, site.line)) if tree is not None and made else ():
        if not isinstance(node, ast.Assign | ast.Return) or node.value is None or node.lineno <= site.line:
            continue
        if re.search(r"min(imum)?\(", ast.unparse(node.value)) and made & set(names(node.value)):
            return site_of_statement(site.file, node)
    return site


def fresh_state(site: Site) -> Site | None:
    """Return where a state is made of zeros, after a place in its function: hidden = net.init_hidden()."""
    tree = tree_of(site.file)
    for node in ast.walk(enclosing(tree, site.line)) if tree is not None else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and node.lineno > site.line
            and re.search(r"hid|state|context|memory|^h\w?$", names(node.targets[0])[-1])
            and re.search(r"init|zeros|reset", ast.unparse(node.value.func), re.IGNORECASE)
        ):
            return site_of_statement(site.file, node)
    return None


def discounted_index(site: Site) -> Site | None:
    """Return the index of a largest number that is multiplied by a discount where it leaves PyTorch."""
    start = statement(site)
    rewarded = start is not None and reward_words(names(start))
    for node in ast.walk(start) if start is not None else ():
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
            continue
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            value = getattr(factor, "value", None)
            discount = isinstance(value, float) and 0.8 <= value < 1 and rewarded
            known = isinstance(factor, ast.Name | ast.Attribute) and any(map(DISCOUNT.search, names(factor)))
            inside = (other.lineno, other.col_offset) <= (site.line, site.column)
            inside &= (site.line, site.column) < (other.end_lineno or 0, other.end_col_offset or 0)
            if (discount or known) and inside and _is_index(other):
                same = other.lineno == other.end_lineno
                end = (other.end_col_offset or 0) if same else 0
                return Site(site.file, other.lineno, other.col_offset, end)
    return None


def _is_index(node: ast.expr) -> bool:
    """Return whether an expression is the index of a largest number, perhaps in another type."""
    while True:
        if isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "indices"):
            position = node.slice if isinstance(node, ast.Subscript) else None
            whole = isinstance(node.value, ast.Call) and called(node.value) in ("max", "min")
            return whole and (position is None or getattr(position, "value", None) == 1)
        if not isinstance(node, ast.Call):
            return False
        name = called(node)
        if name in ("argmax", "argmin"):
            return True
        if isinstance(node.func, ast.Attribute) and name in METHODS | {"item", "numpy", "cpu", "detach"}:
            node = node.func.value
        elif name in WRAPPERS | {"float", "int"} and node.args:
            node = node.args[0]
        else:
            return False


def kept_in_object(site: Site) -> bool:
    """Return whether a statement uses an attribute of self that its class sets anew in each call."""
    tree, start = tree_of(site.file), statement(site)
    if tree is None or start is None:
        return False
    used = {
        ast.unparse(node)
        for node in ast.walk(start)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self"
    }
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node) in used
        for method in ast.walk(tree)
        if isinstance(method, Function) and method.name not in ("__init__", "reset", "init_hidden")
        for node in ast.walk(method)
    )
