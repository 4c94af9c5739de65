"""Follows numbers through the user's source, back to the line that made them."""

import ast
import re
from functools import lru_cache

from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function, enclosing, site_of_statement
from robot_agent.doctor.words import called, names, split, statement, tree_of

WRAPPERS = split(
    "tensor as_tensor from_numpy FloatTensor LongTensor Tensor array asarray list tuple reversed stack cat "
    "float32 float64 int64 ascontiguousarray DoubleTensor IntTensor"
)
"""Calls whose result has the numbers of their first argument."""
METHODS = split("astype float long to copy reshape view squeeze unsqueeze double int clone flatten ravel")
"""Methods whose result has the numbers of their own object."""
INTEGER = re.compile(r"\bu?int(8|16|32|64)?\b|\b(byte|long)\(\)|\b(Byte|Long|Int)Tensor\b")
BYTES = re.compile(r"\buint8\b|\bbyte\(\)|\bByteTensor\b")


@lru_cache(maxsize=256)
def where_made(site: Site) -> Site:
    """Return the line that made the numbers from which a tensor was built at this place.

    The search follows names, `list.append`, and calls of functions in the same file. It stops at the line
    that computes something.
    """
    tree, start = tree_of(site.file), statement(site)
    value = getattr(start, "value", None)
    if tree is None or start is None or value is None:
        return site
    if isinstance(value, ast.Tuple):  # x, y = from_numpy(x), from_numpy(y): the one at this column
        value = next((e for e in value.elts if e.col_offset <= site.column < (e.end_col_offset or 0)), value)
    end = _follow(tree, value, start, 12)
    return site if end is start else site_of_statement(site.file, end)


def argument_made(site: Site, index: int) -> Site | None:
    """Return the line that made an argument of the call at a place; None if it is made right there."""
    tree, start = tree_of(site.file), statement(site)
    calls = [node for node in (ast.walk(start) if start is not None else ()) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset) != (site.line, site.column))
    for node in calls:
        if len(node.args) > index and tree is not None and start is not None:
            end = _follow(tree, node.args[index], start, 12)
            return None if end is start else site_of_statement(site.file, end)
    return None


def stored_data(site: Site) -> Site | None:
    """Return the line that made the inputs in the TensorDataset of a DataLoader; None if there is none."""
    tree, start = tree_of(site.file), statement(site)
    for node in ast.walk(start) if tree is not None and start is not None else ():
        if not isinstance(node, ast.Call) or called(node) != "DataLoader" or not node.args:
            continue
        value, at = node.args[0], start
        if isinstance(value, ast.Name) and tree is not None and start is not None:
            value, at = _made(tree, value, start) or (value, start)
        if isinstance(value, ast.Call) and called(value) == "TensorDataset" and value.args and tree and at:
            end = _follow(tree, value.args[0], at, 12)
            return None if end is at else site_of_statement(site.file, end)
    return None


def label_of_dataset(site: Site, element: int = -1, *, anywhere: bool = False) -> Site:
    """Return where a Dataset in the file computes its label, if the place is the loop over its batches.

    Args:
        site: the place.
        element: index in what `__getitem__` returns: -1 the label, 0 the input.
        anywhere: whether to search even if the place is not a loop.
    """
    tree, start = tree_of(site.file), None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.For) and node.lineno == site.line:
            start = node
    if tree is None or (start is None and not anywhere):
        return site
    items = [node for node in ast.walk(tree) if isinstance(node, Function) and node.name == "__getitem__"]
    returns = [each for item in items for each in ast.walk(item) if isinstance(each, ast.Return)]
    if len(items) != 1 or len(returns) != 1 or not isinstance(returns[0].value, ast.Tuple):
        return site
    value = returns[0].value.elts[element]
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Name):
        value = value.value  # self.x[i]: where self.x was made
    return site_of_statement(site.file, _follow(tree, value, returns[0], 12))


def rule_of_schedule(site: Site) -> Site:
    """Return where the factor of a LambdaLR is computed: in its lambda, or where its function returns it."""
    tree = tree_of(site.file)
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Call) or not node.lineno <= site.line <= (node.end_lineno or 0):
            continue
        if "LambdaLR" not in ast.unparse(node.func):
            continue
        rule = next((each.value for each in node.keywords if each.arg == "lr_lambda"), None)
        rule = rule or (node.args[1] if len(node.args) > 1 else None)
        if isinstance(rule, ast.Lambda):
            return Site(site.file, rule.lineno, rule.col_offset, rule.end_col_offset or 0)
        answer = _answer(tree, ast.unparse(rule), None) if tree is not None and rule is not None else None
        made = [each for each in ast.walk(tree) if isinstance(each, ast.Assign)] if tree is not None else []
        for each in made:
            named = rule is not None and ast.unparse(each.targets[0]) == ast.unparse(rule)
            if named and isinstance(each.value, ast.Lambda):
                return Site(site.file, each.lineno, each.col_offset, each.end_col_offset or 0)
        if answer is not None:
            return Site(site.file, answer[1].lineno, answer[1].col_offset, answer[1].end_col_offset or 0)
    return site


def made_integer(site: Site) -> Site | None:
    """Return the line that gives an integer type to the array that becomes a tensor at this place."""
    tree, start = tree_of(site.file), statement(site)
    if tree is None or start is None:
        return None
    at = (site.line, site.column)
    parts = [node for node in ast.walk(start) if isinstance(node, ast.Call)]
    inner = [each for each in parts if (each.lineno, each.col_offset) == at]
    whole = min(inner, key=lambda e: (e.end_lineno or 0, e.end_col_offset or 0), default=start)
    wanted = set(names(whole))
    given = [
        (ast.unparse(target).rpartition(".")[2], node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    for _ in range(2):
        for name, node in given:
            if name in wanted and node is not start and INTEGER.search(ast.unparse(node.value)):
                return site_of_statement(site.file, node)
        wanted |= {each for name, node in given if name in wanted for each in names(node.value)}
    lines = {
        node.lineno: node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and BYTES.search(ast.unparse(node))
    }
    return site_of_statement(site.file, next(iter(lines.values()))) if len(lines) == 1 else None


def integer_buffer(site: Site) -> Site | None:
    """Return this place if an empty tensor of an integer type is made there, to be filled later."""
    start = statement(site)
    for node in ast.walk(start) if start is not None else ():
        if isinstance(node, ast.Call) and called(node) in ("zeros", "empty", "full", "zeros_like"):
            return site if INTEGER.search(ast.unparse(node)) else None
    return None


def _follow(tree: ast.Module, value: ast.expr, at: ast.stmt, depth: int) -> ast.stmt:
    """Return the statement that computed a value, up to `depth` names and calls before the statement `at`."""
    value = _unwrapped(value)
    if depth == 0:
        return at
    if isinstance(value, ast.Name | ast.Attribute):
        made = _made(tree, value, at)
        return at if made is None else _follow(tree, made[0], made[1], depth - 1)
    if isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        answer = _answer(tree, name, None)
        if answer is not None:
            return _follow(tree, answer[0], answer[1], depth - 1)
    return at


def _unwrapped(value: ast.expr) -> ast.expr:
    """Return the expression inside of calls that only pass its numbers on."""
    for _ in range(8):
        if isinstance(value, ast.Call):
            name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            if name in WRAPPERS and value.args:
                value = value.args[0]
                continue
            if name in METHODS and isinstance(value.func, ast.Attribute):
                value = value.func.value
                continue
        break
    return value


def _made(tree: ast.Module, name: ast.Name | ast.Attribute, at: ast.stmt) -> tuple[ast.expr, ast.stmt] | None:
    """Return the expression and the statement that gave a name its last value before `at`."""
    wanted = ast.unparse(name)
    scope = enclosing(tree, at.lineno)
    places = [scope] if scope is tree or isinstance(name, ast.Name) else [scope, tree]
    if isinstance(name, ast.Name) and scope is not tree:
        places.append(tree)
    for place in places:
        best: tuple[ast.expr, ast.stmt] | None = None
        for node in ast.walk(place):
            each = _gives(node, wanted, tree)
            if each is None or each[1] is at or (isinstance(each[0], ast.List) and not each[0].elts):
                continue
            if best is None or best[1].lineno < each[1].lineno <= at.lineno or best[1].lineno > at.lineno:
                best = each
        if best is not None:
            return best
    return None


def _gives(node: ast.AST, wanted: str, tree: ast.Module) -> tuple[ast.expr, ast.stmt] | None:
    """Return what a node gives to the name `wanted`, and the statement; None if it gives it nothing."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if ast.unparse(target) == wanted:
                return node.value, node
            if isinstance(target, ast.Tuple):
                names = [ast.unparse(each) for each in target.elts]
                if wanted in names:
                    index = names.index(wanted)
                    if isinstance(node.value, ast.Tuple) and len(node.value.elts) == len(names):
                        return node.value.elts[index], node
                    if isinstance(node.value, ast.Call):
                        func = node.value.func
                        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                        return _answer(tree, name, index) or (node.value, node)
                    return node.value, node
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "append"
        and ast.unparse(node.value.func.value) == wanted
        and node.value.args
    ):
        return node.value.args[0], node
    return None


def _answer(tree: ast.Module, name: str, index: int | None) -> tuple[ast.expr, ast.stmt] | None:
    """Return the expression that a function in the file returns, or the part of it with this index."""
    for function in ast.walk(tree):
        if not isinstance(function, Function) or function.name != name:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                if index is None:
                    return node.value, node
                if isinstance(node.value, ast.Tuple) and index < len(node.value.elts):
                    return node.value.elts[index], node
    return None
