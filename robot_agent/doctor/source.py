"""Finds places in the user's source by its structure: calls, loops, functions, and what uses a name."""

import ast

from robot_agent.doctor.site import Site
from robot_agent.doctor.words import names, statement, tree_of

Function = ast.FunctionDef | ast.AsyncFunctionDef


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
            return site_of_statement(site.file, node)
    return site


def site_of_statement(file: str, node: ast.stmt) -> Site:
    """Return the place of a statement; without its end if that is on another line."""
    return Site(
        file,
        node.lineno,
        node.col_offset,
        (node.end_col_offset or 0) if node.end_lineno == node.lineno else 0,
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
                return site_of_statement(site.file, max(returns, key=lambda each: each.lineno))
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
