"""Watches reshape() of NumPy arrays, which PyTorch does not see: a transpose may have been meant."""

import ast
import functools
import linecache
import types
from typing import Any

from robot_agent.doctor.layouts import scrambled
from robot_agent.doctor.site import here

NAME = "__doctor_reshape__"


class _Reshapes(ast.NodeTransformer):
    """Replaces a.reshape(...) in a syntax tree by a call of `_reshaped`, at the same place in the source."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace one call, if it is a reshape()."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "reshape":
            return node
        function = ast.copy_location(ast.Name(NAME, ast.Load()), node)
        return ast.copy_location(ast.Call(function, [node.func.value, *node.args], node.keywords), node)


def watched(code: types.CodeType, names: dict[str, Any], observer: Any) -> types.CodeType:
    """Return a script's code in which reshape() is watched; add the function for that to `names`."""
    try:
        source = "".join(linecache.getlines(code.co_filename))
        if "numpy" not in source or ".reshape(" not in source:
            return code
        seen = compile(_Reshapes().visit(ast.parse(source)), code.co_filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return code
    names[NAME] = functools.partial(_reshaped, observer)
    return seen


def _reshaped(observer: Any, array: Any, *args: Any, **kwargs: Any) -> Any:
    answer = array.reshape(*args, **kwargs)
    given = args[0] if isinstance(array, types.ModuleType) and args else array  # np.reshape(a, shape)
    site = here() if type(given).__module__ == "numpy" and not observer.closed else None
    if site is not None:
        scrambled(observer, site, tuple(given.shape), tuple(answer.shape), given.size)
    return answer
