"""Finds places in the user's source that PyTorch does not see, such as the line that made a Python list."""

import ast
import re
from functools import lru_cache

from robot_agent.doctor.site import Site
from robot_agent.doctor.words import called, names, reward_words, split, statement, tree_of

WRAPPERS = split(
    "tensor as_tensor from_numpy FloatTensor LongTensor Tensor array asarray list tuple reversed stack cat "
    "float32 float64 int64 ascontiguousarray DoubleTensor IntTensor"
)
"""Calls whose result has the numbers of their first argument."""
METHODS = split("astype float long to copy reshape view squeeze unsqueeze double int clone flatten ravel")
"""Methods whose result has the numbers of their own object."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


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
    return site if end is start else _site(site.file, end)


def keyword(name: str, near: Site) -> Site | None:
    """Return the first call with a keyword argument of this name in the file of `near`."""
    tree = tree_of(near.file)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and any(each.arg == name for each in node.keywords):
            return Site(near.file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def call_of(file: str, part: str) -> Site | None:
    """Return the first call in a file of a function whose name contains `part`."""
    tree = tree_of(file)
    calls = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Call)
        and part in (getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
    ]
    first = min(calls, key=lambda node: node.lineno, default=None)
    return None if first is None else Site(file, first.lineno, first.col_offset, first.end_col_offset or 0)


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
                return _site(file, node)
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


def last_call(site: Site, name: str) -> Site | None:
    """Return the last call of the function `name` before a place, else the first one after it."""
    tree = tree_of(site.file)
    calls = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Call)
        and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
    ]
    calls.sort(key=lambda node: (node.lineno > site.line, abs(node.lineno - site.line)))
    if not calls:
        return None
    return Site(site.file, calls[0].lineno, calls[0].col_offset, calls[0].end_col_offset or 0)


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
    return _site(site.file, _follow(tree, value, returns[0], 12))


def call_in_loop(site: Site) -> Site:
    """Return the call in a loop that calls the function around a place, or gets it as an argument."""
    tree = tree_of(site.file)
    function = enclosing(tree, site.line) if tree is not None else None
    if tree is None or not isinstance(function, Function):
        return site
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    calls = {node for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Call)}
    for node in sorted(calls, key=lambda each: each.lineno):
        used = [node.func, *node.args]
        if any(function.name in (getattr(each, "id", ""), getattr(each, "attr", "")) for each in used):
            return Site(site.file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return site


def called_once(site: Site) -> bool:
    """Return whether a place stands in a function that its file calls, and never in a loop: to get data."""
    tree = tree_of(site.file)
    function = enclosing(tree, site.line) if tree is not None else None
    if tree is None or not isinstance(function, Function):
        return False
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    inside = {id(node) for loop in loops for node in ast.walk(loop)}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and names(n.func)[-1:] == [function.name]]
    return bool(calls) and not any(id(node) in inside for node in calls)


def first_call(site: Site) -> Site:
    """Return the first call of the function around a place, if several places pass it something."""
    tree = tree_of(site.file)
    function = enclosing(tree, site.line) if tree is not None else None
    if tree is None or not isinstance(function, Function) or not function.args.args:
        return site
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and names(n.func)[-1:] == [function.name]]
    if len(calls) < 2:
        return site
    first = min(calls, key=lambda each: each.lineno)
    return Site(site.file, first.lineno, first.col_offset, first.end_col_offset or 0)


def next_use(site: Site) -> Site:
    """Return the next statement that uses what the one at a place gives a name to; else the place."""
    tree, start = tree_of(site.file), statement(site)
    if tree is None or not isinstance(start, ast.Assign) or not isinstance(start.targets[0], ast.Name):
        return site
    for node in ast.walk(enclosing(tree, site.line)):
        if (
            isinstance(node, ast.Assign | ast.Return | ast.Expr)
            and node.lineno > (start.end_lineno or 0)
            and any(getattr(each, "id", "") == start.targets[0].id for each in ast.walk(node))
        ):
            return _site(site.file, node)
    return site


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
            return _site(site.file, node)
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
            return _site(site.file, node)
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
            return _site(site.file, node)
    return None


def argument_made(site: Site, index: int) -> Site | None:
    """Return the line that made an argument of the call at a place; None if it is made right there."""
    tree, start = tree_of(site.file), statement(site)
    calls = [node for node in (ast.walk(start) if start is not None else ()) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset) != (site.line, site.column))
    for node in calls:
        if len(node.args) > index and tree is not None and start is not None:
            end = _follow(tree, node.args[index], start, 12)
            return None if end is start else _site(site.file, end)
    return None


INTEGER = re.compile(r"\bu?int(8|16|32|64)?\b|\b(byte|long)\(\)|\b(Byte|Long|Int)Tensor\b")
BYTES = re.compile(r"\buint8\b|\bbyte\(\)|\bByteTensor\b")


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
                return _site(site.file, node)
        wanted |= {each for name, node in given if name in wanted for each in names(node.value)}
    lines = {
        node.lineno: node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and BYTES.search(ast.unparse(node))
    }
    return _site(site.file, next(iter(lines.values()))) if len(lines) == 1 else None


def integer_buffer(site: Site) -> Site | None:
    """Return this place if an empty tensor of an integer type is made there, to be filled later."""
    start = statement(site)
    for node in ast.walk(start) if start is not None else ():
        if isinstance(node, ast.Call) and called(node) in ("zeros", "empty", "full", "zeros_like"):
            return site if INTEGER.search(ast.unparse(node)) else None
    return None


DISCOUNT = re.compile(r"gamma|discount", re.IGNORECASE)


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
            return None if end is at else _site(site.file, end)
    return None


def _site(file: str, node: ast.stmt) -> Site:
    return Site(
        file,
        node.lineno,
        node.col_offset,
        (node.end_col_offset or 0) if node.end_lineno == node.lineno else 0,
    )


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


def last_return(site: Site) -> Site:
    """Return the last return statement of the function that begins at a place."""
    tree = tree_of(site.file)
    for node in ast.walk(tree) if tree else ():
        first = (
            min([node.lineno, *(d.lineno for d in node.decorator_list)]) if isinstance(node, Function) else 0
        )
        if isinstance(node, Function) and site.line in (first, node.lineno):
            returns = [each for each in ast.walk(node) if isinstance(each, ast.Return)]
            if returns:
                return _site(site.file, max(returns, key=lambda each: each.lineno))
    return site


def same_loop(one: Site | None, other: Site | None) -> bool:
    """Return whether two places are in the same innermost loop of one file."""
    if one is None or other is None or one.file != other.file:
        return False
    loops = [
        [
            node.lineno
            for node in ast.walk(tree_of(one.file) or ast.Module([], []))
            if isinstance(node, ast.For | ast.While) and node.lineno < each.line <= (node.end_lineno or 0)
        ]
        for each in (one, other)
    ]
    return bool(loops[0]) and bool(loops[1]) and max(loops[0]) == max(loops[1])


def enclosing(tree: ast.Module, line: int) -> ast.Module | Function:
    """Return the innermost function around a line, or the module."""
    found: ast.Module | Function = tree
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.lineno <= line <= (node.end_lineno or 0):
            found = node  # ast.walk comes to inner functions later
    return found


def _follow(tree: ast.Module, value: ast.expr, at: ast.stmt, depth: int) -> ast.stmt:
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
