"""Finds where a gradient becomes 0 in one backward(), with hooks on the nodes of the graph."""

from typing import Any

from robot_agent.doctor.site import Site

Steps = Any  # of a later module
MOST = 3000


class Trace:
    """For each node of a graph, whether the gradients that it got and passed on are 0."""

    def __init__(self, loss: Any) -> None:
        """Put a hook on each node of the graph behind a loss."""
        self.nodes: list[Any] = []
        self.given: dict[Any, bool] = {}
        """Whether a node got a gradient that is not 0."""
        self.handed: dict[Any, list[bool]] = {}
        """Whether a node passed on a gradient that is not 0, for each of its inputs."""
        self.handles: list[Any] = []
        seen: set[Any] = set()
        todo = [loss.grad_fn]
        while todo and len(seen) < MOST:
            node = todo.pop(0)
            if node is None or node in seen:
                continue
            seen.add(node)
            self.nodes.append(node)
            if getattr(node, "variable", None) is None:
                self.handles.append(node.register_hook(self._hook(node)))
            todo += [each for each, _ in node.next_functions]

    def _hook(self, node: Any) -> Any:
        def hook(inputs: Any, outputs: Any) -> None:
            self.given[node] = any(each is not None and bool(each.any()) for each in outputs)
            self.handed[node] = [each is not None and bool(each.any()) for each in inputs]

        return hook

    def end(self) -> None:
        """Remove the hooks."""
        for each in self.handles:
            each.remove()

    def places(self) -> list[tuple[Site, str]]:
        """Return the places where a gradient became 0: the line, and the name of the node."""
        found: list[tuple[Site, str]] = []
        for node in self.nodes:
            origin = node.metadata.get("doctor")
            if origin is None or origin.site is None or not self.given.get(node):
                continue
            kind = node.name().rstrip("0123456789").removesuffix("Backward")
            if not any(self.handed.get(node, [True])):
                found.append((origin.site, kind))
                continue
            after = [each for each, _ in node.next_functions]
            for child, way in zip(after, self.handed.get(node, []), strict=False):
                if way and child is not None and self.given.get(child) is False:
                    found.append((origin.site, "cancelled"))
                    break
        return found


def note(steps: "Steps", trace: Trace) -> None:
    """Record the places where a gradient became 0."""
    kept = steps.record.flat_at
    for place in trace.places():
        kept[place] = kept.get(place, 0) + 1
