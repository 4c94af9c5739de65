"""Small .tflite models of every format, written with the schema that LiteRT ships and run by LiteRT itself.

Each has a real path from picture to scores: average pooling gives the mean colour of each cell, a convolution
scores the classes red and blue in it, and what is constant (boxes, anchors far away) is concatenated. The
shapes of the answers are those of the public descriptions that `vision.detectors.yolo`, `anchors` and `fomo`
name; the values of the boxes are computed here, from those descriptions, not by the code under test.
"""

import math

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as s

Op, Kind = s.BuiltinOperator, s.TensorType
NEVER = -9.0
"""A logit that is nothing."""


class Graph:
    """One model while it is put together; the input is a picture (1, rows, columns, channels)."""

    def __init__(self, rows, columns, channels=3, *, kind="float", dynamic=False, first=False):
        self.tensors, self.buffers, self.operators, self.codes = [], [s.BufferT()], [], []
        shape = (1, channels, rows, columns) if first else (1, rows, columns, channels)
        self.shape = (1, rows, columns, channels)
        if kind == "float":
            self.input = self.picture = self.tensor(shape)
        else:
            one, scale = (Kind.UINT8, (1 / 255, 0)) if kind == "uint8" else (Kind.INT8, (1 / 255, -128))
            self.input = self.tensor(shape, one, scale=scale)
            self.picture = self.op(Op.DEQUANTIZE, [self.input], shape, s.DequantizeOptionsT(), version=2)
        if dynamic:
            self.tensors[self.input].shapeSignature = [-1, -1, -1, channels]
            self.tensors[self.input].shape = [1, 1, 1, channels]
        if first:
            self.picture = self.transpose(self.picture, (0, 2, 3, 1), self.shape)

    def tensor(self, shape, kind=Kind.FLOAT32, data=None, scale=None):
        one = s.TensorT()
        one.name, one.shape, one.type = f"t{len(self.tensors)}", list(shape), kind
        if data is not None:
            buffer = s.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.buffers.append(buffer)
            one.buffer = len(self.buffers) - 1
        one.quantization = s.QuantizationParametersT()
        if scale:
            one.quantization.scale = np.array([scale[0]], np.float32)
            one.quantization.zeroPoint = np.array([scale[1]], np.int64)
        self.tensors.append(one)
        return len(self.tensors) - 1

    def constant(self, values, kind=np.float32):
        values = np.asarray(values, kind)
        return self.tensor(values.shape, Kind.INT32 if kind == np.int32 else Kind.FLOAT32, values)

    def op(self, code, inputs, shape, options=None, *, version=1, kind=Kind.FLOAT32, scale=None, custom=None):
        out = self.tensor(shape, kind, scale=scale)
        key = (code, version, custom)
        if key not in self.codes:
            self.codes.append(key)
        one = s.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = self.codes.index(key), inputs, [out]
        if options is not None:
            name = type(options).__name__.removesuffix("T")
            one.builtinOptionsType, one.builtinOptions = getattr(s.BuiltinOptions, name), options
        self.operators.append(one)
        return out

    def transpose(self, x, order, shape):
        return self.op(Op.TRANSPOSE, [x, self.constant(order, np.int32)], shape, s.TransposeOptionsT())

    def reshape(self, x, shape):
        options = s.ReshapeOptionsT()
        options.newShape = list(shape)
        return self.op(Op.RESHAPE, [x, self.constant(shape, np.int32)], shape, options)

    def logistic(self, x):
        return self.op(Op.LOGISTIC, [x], self.tensors[x].shape)

    def concatenate(self, xs, axis):
        shape = list(self.tensors[xs[0]].shape)
        shape[axis] = sum(self.tensors[x].shape[axis] for x in xs)
        options = s.ConcatenationOptionsT()
        options.axis = axis
        return self.op(Op.CONCATENATION, xs, shape, options)

    def quantised(self, x, scale):
        shape = self.tensors[x].shape
        return self.op(Op.QUANTIZE, [x], shape, s.QuantizeOptionsT(), kind=Kind.INT8, scale=scale)

    def scores(self, stride, rows, *, gain=20.0, low=0.0):
        """Return logits (1, cells down, cells across, len(rows)).

        Each row is what a class adds for red, green and blue; `low`: what black is to the model. The middle
        between nothing and a full cell is the logit 0.
        """
        _, high, wide, channels = self.shape
        down, across = high // stride, wide // stride
        pool = s.Pool2DOptionsT()
        pool.padding = s.Padding.VALID
        pool.strideH = pool.strideW = pool.filterHeight = pool.filterWidth = stride
        pooled = self.op(Op.AVERAGE_POOL_2D, [self.picture], (1, down, across, channels), pool)
        span = 1.0 - low
        weights = np.array(rows, np.float32).reshape(len(rows), 1, 1, channels) * (gain / span)
        bias = -gain / 2 - weights.sum(axis=(1, 2, 3)) * low
        conv = s.Conv2DOptionsT()
        conv.padding, conv.strideH, conv.strideW = s.Padding.VALID, 1, 1
        conv.dilationHFactor = conv.dilationWFactor = 1
        parts = [pooled, self.constant(weights), self.constant(bias)]
        return self.op(Op.CONV_2D, parts, (1, down, across, len(rows)), conv)

    def file(self, *outputs, names=None):
        for x, name in zip(outputs, names or (), strict=False):
            self.tensors[x].name = name
        graph = s.SubGraphT()
        graph.tensors, graph.operators, graph.inputs = self.tensors, self.operators, [self.input]
        graph.outputs = list(outputs)
        model = s.ModelT()
        model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [graph], self.buffers, []
        for kind, version, custom in self.codes:
            code = s.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = kind, min(kind, 127), version
            code.customCode = custom
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(4096)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


RED, BLUE = (1.0, -1.0, -1.0), (-1.0, -1.0, 1.0)


def grid_boxes(rows, columns, strides, each=1):
    """Return middle x, middle y, width, height in pixels of every cell of every stride, (N, 4)."""
    boxes = []
    for stride in strides:
        for y in range(math.ceil(rows / stride)):
            for x in range(math.ceil(columns / stride)):
                boxes += [((x + 0.5) * stride, (y + 0.5) * stride, stride, stride)] * each
    return np.array(boxes, np.float32)


def yolo(
    version,
    *,
    rows=64,
    columns=64,
    pixels=False,
    kind="float",
    turned=None,
    masks=False,
    first=False,
    more=(),
):
    """A YOLO whose cells of stride 16 see red (0) and blue (1); `more`: numbers of each box behind these."""
    graph = Graph(rows, columns, kind=kind, first=first)
    each = 3 if version == 5 else 1
    boxes = grid_boxes(rows, columns, (8, 16, 32), each)
    if not pixels:
        boxes /= (columns, rows, columns, rows)
    count, before = len(boxes), each * (rows // 8) * (columns // 8)
    cells = each * (rows // 16) * (columns // 16)
    seen = graph.reshape(graph.scores(16, [RED, BLUE] * each), (1, cells, 2))
    never = [np.full((1, n, 2), NEVER, np.float32) for n in (before, count - before - cells)]
    scores = graph.concatenate([graph.constant(never[0]), seen, graph.constant(never[1])], 1)
    parts = [graph.constant(boxes[None])]
    if version == 5:
        parts.append(graph.constant(np.full((1, count, 1), 0.9)))
    parts.append(graph.logistic(scores))
    if masks or more:
        parts.append(graph.constant(np.tile(np.array(more or [0.5] * 32, np.float32), (1, count, 1))))
    answer = graph.concatenate(parts, 2)
    wide = graph.tensors[answer].shape[2]
    if turned if turned is not None else version >= 8:
        answer = graph.transpose(answer, (0, 2, 1), (1, wide, count))
    if kind == "int8":
        answer = graph.quantised(answer, (1 / 255, -128))
    if masks:
        return graph.file(answer, graph.constant(np.zeros((1, rows // 4, columns // 4, 32))))
    return graph.file(answer)


def yolox():
    """A YOLOX without its decoding: cells of stride 16 see red and blue, and a thing as large as the cell."""
    graph = Graph(64, 64)
    logits = graph.reshape(graph.scores(16, [RED, BLUE]), (1, 16, 2))
    never = [graph.constant(np.full((1, n, 2), NEVER)) for n in (64, 4)]
    scores = graph.logistic(graph.concatenate([never[0], logits, never[1]], 1))
    raw = np.full((1, 84, 5), 0.9)
    raw[..., :2], raw[:, :, 2:4], raw[:, 64:80, 2:4] = 0.5, -1.0, 0.0
    return graph.file(graph.concatenate([graph.constant(raw), scores], 2))


def rtdetr():
    """An RT-DETR: 300 boxes as middle and size in shares, and the probabilities of three classes."""
    graph = Graph(64, 64)
    scores = graph.logistic(graph.reshape(graph.scores(16, [RED, BLUE, (-1.0, -1.0, -1.0)]), (1, 16, 3)))
    scores = graph.concatenate([scores, graph.constant(np.zeros((1, 284, 3)))], 1)
    boxes = np.full((1, 300, 4), 0.5)
    boxes[0, :16] = grid_boxes(64, 64, (16,)) / 64
    return graph.file(graph.concatenate([graph.constant(boxes), scores], 2))


def heat_map():
    """Logits of each cell, as the head of an old YOLO or of CenterNet gives them."""
    graph = Graph(64, 64)
    return graph.file(graph.scores(8, [RED, BLUE, RED]))


def yolo_ends(*, pixels=False, kept=20, more=()):
    """A YOLO with NMS inside: left, top, right, bottom, score, class; two rows of things, the rest empty.

    `more`: numbers of each box behind these.
    """
    graph = Graph(64, 64)
    logits = graph.reshape(graph.scores(16, [RED, BLUE]), (1, 16, 2))
    scores = graph.logistic(logits)
    boxes = grid_boxes(64, 64, (16,))
    ends = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], axis=1)
    if not pixels:
        ends /= 64
    both = []
    for number in (0, 1):
        options = s.StridedSliceOptionsT()
        options.beginMask = options.endMask = 0
        marks = [graph.constant(v, np.int32) for v in ((0, 0, number), (1, 16, number + 1), (1, 1, 1))]
        one = graph.op(Op.STRIDED_SLICE, [scores, *marks], (1, 16, 1), options)
        kind = graph.constant(np.tile(np.array([number, *more], np.float32), (1, 16, 1)))
        both.append(graph.concatenate([graph.constant(ends[None]), one, kind], 2))
    both.append(graph.constant(np.zeros((1, kept, 6 + len(more)))))
    return graph.file(graph.concatenate(both, 1))


def raw_ssd(*, reverse=False, kind="float"):
    """An SSD of 64 pixels without post-processing: 16 cells of 3 boxes, then 4, 1, 1, 1, 1 of 6."""
    graph = Graph(64, 64, kind=kind)
    low = 0.0 if kind != "float" else -1.0
    count = 16 * 3 + (4 + 1 + 1 + 1 + 1) * 6
    background = (0.0, 0.0, 0.0)
    logits = graph.reshape(graph.scores(16, [background, RED, BLUE] * 3, low=low), (1, 48, 3))
    rest = graph.constant(np.full((1, count - 48, 3), NEVER))
    scores = graph.concatenate([logits, rest], 1)
    # The first box of a cell of the lowest layer is a square of a tenth; enlarged to the cell's quarter.
    offsets = np.zeros((1, count, 4), np.float32)
    sizes = [(0.1, 0.1), (0.2 / 2**0.5, 0.2 * 2**0.5), (0.2 * 2**0.5, 0.2 / 2**0.5)]
    for i in range(48):
        tall, wide = sizes[i % 3]
        offsets[0, i, 2:] = 5 * np.log(0.25 / tall), 5 * np.log(0.25 / wide)
    boxes = graph.constant(offsets)
    return graph.file(scores, boxes) if reverse else graph.file(boxes, scores)


def raw_efficientdet():
    """An EfficientDet-Lite of 128 pixels without post-processing: 256, 64, 16, 4, 1 cells of 9 boxes."""
    graph = Graph(128, 128)
    count = (256 + 64 + 16 + 4 + 1) * 9
    before = (256 + 64) * 9
    logits = graph.reshape(graph.scores(32, [RED, BLUE] * 9, low=-1.0), (1, 16 * 9, 2))
    never = [np.full((1, n, 2), NEVER, np.float32) for n in (before, count - before - 144)]
    scores = graph.concatenate([graph.constant(never[0]), logits, graph.constant(never[1])], 1)
    offsets = np.zeros((1, count, 4), np.float32)
    for i in range(144):
        side = 3 * 32 * 2 ** (i % 9 // 3 / 3)
        wide, tall = ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4))[i % 3]
        offsets[0, before + i, 2:] = np.log(32 / (side * tall)), np.log(32 / (side * wide))
    return graph.file(graph.constant(offsets), scores)


def plain_boxes(*, pixels=True, middles=False, offsets=False):
    """Finished boxes and a score for each class, without suppression (as YOLO-NAS answers).

    `middles`: middles and sizes; `offsets`: boxes that are not finished.
    """
    graph = Graph(64, 64)
    scores = graph.logistic(graph.reshape(graph.scores(16, [RED, BLUE]), (1, 16, 2)))
    boxes = grid_boxes(64, 64, (16,))
    ends = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], axis=1)
    if offsets:
        ends = np.random.default_rng(0).normal(0, 1, (16, 4))
    ends = boxes if middles else ends
    return graph.file(graph.constant(ends[None] / (1 if pixels else 64)), scores)


def finished():
    """Boxes in pixels, x first, with their scores and numbers, as PyTorch's exporters have it."""
    graph = Graph(64, 64)
    scores = graph.logistic(graph.reshape(graph.scores(16, [RED], low=-1.0), (1, 16)))
    boxes = grid_boxes(64, 64, (16,))
    ends = np.concatenate([boxes[:, :2] - 8, boxes[:, :2] + 8], axis=1)
    blue = graph.logistic(graph.reshape(graph.scores(16, [BLUE], low=-1.0), (1, 16)))
    both = graph.concatenate([scores, blue], 1)
    numbers = graph.constant(np.repeat([[0.0, 1.0]], 16, axis=1))
    return graph.file(
        graph.constant(np.concatenate([ends, ends])[None]),
        both,
        numbers,
        names=("boxes", "scores", "class_idx"),
    )


def small_yolo5(classes=2):
    """A YOLOv5 with another number of boxes than the usual strides give."""
    graph = Graph(64, 64)
    scores = graph.logistic(graph.reshape(graph.scores(16, [RED, BLUE][:classes]), (1, 16, classes)))
    boxes = graph.constant(grid_boxes(64, 64, (16,))[None] / 64)
    return graph.file(graph.concatenate([boxes, graph.constant(np.full((1, 16, 1), 0.9)), scores], 2))


def fomo(*, kind="float", channels=3, side=64):
    """A grid of cells of 8 pixels: background, red, blue; of a grey camera background and bright."""
    graph = Graph(side, side, channels, kind=kind)
    rows = [(0.0, 0.0, 0.0), RED, BLUE] if channels == 3 else [(0.0,), (1.0,)]
    logits = graph.scores(8, rows)
    grid = graph.op(Op.SOFTMAX, [logits], graph.tensors[logits].shape, _softmax())
    if kind == "int8":
        grid = graph.quantised(grid, (1 / 256, -128))
    return graph.file(grid)


def _softmax():
    options = s.SoftmaxOptionsT()
    options.beta = 1.0
    return options


def any_size():
    """A FOMO whose rows and columns are open."""
    graph = Graph(64, 64, dynamic=True)
    logits = graph.scores(8, [(0.0, 0.0, 0.0), RED, BLUE])
    grid = graph.op(Op.SOFTMAX, [logits], graph.tensors[logits].shape, _softmax())
    return graph.file(grid)


def classifier(count=10, *, deep=False):
    graph = Graph(64, 64)
    logits = graph.scores(64, [RED] * count)
    return graph.file(logits if deep else graph.reshape(logits, (1, count)))


def segmentation():
    graph = Graph(64, 64)
    return graph.file(graph.logistic(graph.picture))


def needs_custom(code):
    graph = Graph(64, 64)
    return graph.file(graph.op(Op.CUSTOM, [graph.input], (1, 10, 4), custom=code))
