"""A detection model made by a script: it finds the brightest sixteenth of a picture.

Average pooling gives 4 x 4 brightnesses, which are the scores of 16 anchors; the boxes are the anchors
themselves; TFLite_Detection_PostProcess, the real one of the runtime, makes boxes, classes, scores and count.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as s

NAMES = tuple(f"TFLite_Detection_PostProcess{end}" for end in ("", ":1", ":2", ":3"))
SIDE, CELLS, CLASSES = 64, 4, 2


def brightest_cell(order=(0, 1, 2, 3), names=NAMES, whole=False, kept=3):
    """Return the .tflite file; `order` of its outputs, their `names`, uint8 input when `whole`."""
    tensors, buffers, operators = [], [s.BufferT()], []

    def tensor(name, shape, kind=s.TensorType.FLOAT32, data=None, scale=None):
        one = s.TensorT()
        one.name, one.shape, one.type = name, list(shape), kind
        if data is not None:
            buffer = s.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            buffers.append(buffer)
            one.buffer = len(buffers) - 1
        one.quantization = s.QuantizationParametersT()
        if scale:
            one.quantization.scale = np.array([scale[0]], np.float32)
            one.quantization.zeroPoint = np.array([scale[1]], np.int64)
        tensors.append(one)
        return len(tensors) - 1

    def operator(code, inputs, outputs, table=0, options=None, custom=None):
        one = s.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = code, inputs, outputs
        one.builtinOptionsType, one.builtinOptions = table, options
        if custom is not None:
            one.customOptions = np.frombuffer(custom, np.uint8)
        operators.append(one)

    picture = first = tensor("picture", (1, SIDE, SIDE, 3))
    if whole:
        first = tensor("bytes", (1, SIDE, SIDE, 3), s.TensorType.UINT8, scale=(2 / 255, 128))
        operator(3, [first], [picture], s.BuiltinOptions.DequantizeOptions, s.DequantizeOptionsT())
    pooled = tensor("pooled", (1, CELLS, CELLS, 3))
    pool = s.Pool2DOptionsT()
    pool.padding = s.Padding.VALID
    pool.strideH = pool.strideW = pool.filterHeight = pool.filterWidth = SIDE // CELLS
    operator(0, [picture], [pooled], s.BuiltinOptions.Pool2DOptions, pool)
    # A class for "red" and one for "blue" beside a background: -1..1 to a logit.
    weights = np.zeros((CLASSES + 1, 1, 1, 3), np.float32)
    weights[1, 0, 0] = (8, -4, -4)
    weights[2, 0, 0] = (-4, -4, 8)
    scored = tensor("scored", (1, CELLS, CELLS, CLASSES + 1))
    conv = s.Conv2DOptionsT()
    conv.padding, conv.strideH, conv.strideW = s.Padding.VALID, 1, 1
    conv.dilationHFactor = conv.dilationWFactor = 1
    bias = tensor("bias", (CLASSES + 1,), data=np.full(CLASSES + 1, -8, np.float32))
    kernel = tensor("kernel", weights.shape, data=weights)
    operator(1, [pooled, kernel, bias], [scored], s.BuiltinOptions.Conv2DOptions, conv)
    n = CELLS * CELLS
    logits, flat = tensor("logits", (1, n, CLASSES + 1)), s.ReshapeOptionsT()
    flat.newShape = [1, n, CLASSES + 1]
    shape = tensor("shape", (3,), s.TensorType.INT32, np.array(flat.newShape, np.int32))
    operator(2, [scored, shape], [logits], s.BuiltinOptions.ReshapeOptions, flat)
    certain = tensor("certain", (1, n, CLASSES + 1))
    operator(4, [logits], [certain])
    middles = (np.arange(CELLS) + 0.5) / CELLS
    y, x = np.meshgrid(middles, middles, indexing="ij")
    anchors = np.stack([y.ravel(), x.ravel(), np.full(n, 1 / CELLS), np.full(n, 1 / CELLS)], axis=1)
    offsets = tensor("offsets", (1, n, 4), data=np.zeros((1, n, 4), np.float32))
    placed = tensor("anchors", (n, 4), data=anchors.astype(np.float32))
    shapes = ((1, kept, 4), (1, kept), (1, kept), (1,))
    made = [tensor(name, size) for name, size in zip(names, shapes, strict=True)]
    from flatbuffers import flexbuffers

    options = {
        "max_detections": kept, "max_classes_per_detection": 1, "num_classes": CLASSES,
        "nms_score_threshold": 0.3, "nms_iou_threshold": 0.5,
        "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0, "use_regular_nms": False,
    }  # fmt: skip
    operator(5, [offsets, certain, placed], made, custom=bytes(flexbuffers.Dumps(options)))

    graph = s.SubGraphT()
    graph.tensors, graph.operators, graph.inputs = tensors, operators, [first]
    graph.outputs = [made[i] for i in order]
    model = s.ModelT()
    model.version, model.subgraphs, model.buffers = 3, [graph], buffers
    codes = []
    builtin = s.BuiltinOperator
    for kind in (
        builtin.AVERAGE_POOL_2D, builtin.CONV_2D, builtin.RESHAPE, builtin.DEQUANTIZE, builtin.LOGISTIC,
        builtin.CUSTOM,
    ):  # fmt: skip
        code = s.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 1
        if kind == builtin.CUSTOM:
            code.customCode = "TFLite_Detection_PostProcess"
        codes.append(code)
    model.operatorCodes = codes
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
