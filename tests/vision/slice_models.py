"""Slice networks that are wrong in one way each, written by the writer of the right ones."""

import numpy as np
from ai_edge_litert import schema_py_generated as s
from flatbuffers import Builder

from vision.detectors.slices import SHIPPED


def _changed(change):
    """Return the shipped network's file after a change to its tables."""
    model = s.ModelT.InitFromObj(s.Model.GetRootAs(bytearray(SHIPPED.read_bytes()), 0))
    change(model.subgraphs[0])
    builder = Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def logits():
    """Return the network without its last operator, the sigmoid."""

    def change(graph):
        last = graph.operators.pop()
        graph.outputs = np.array(last.inputs)

    return _changed(change)


def of_shape(shape):
    """Return a file whose one operator, a sigmoid, takes an input of this shape."""

    def change(graph):
        graph.operators = graph.operators[-1:]
        for place in (*graph.operators[0].inputs, *graph.operators[0].outputs):
            graph.tensors[place].shape = list(shape)
        graph.inputs, graph.outputs = graph.operators[0].inputs, graph.operators[0].outputs

    return _changed(change)
