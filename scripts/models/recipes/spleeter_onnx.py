"""Spleeter's two stems from their TensorFlow checkpoint to one ONNX file, without TensorFlow.

In: ``mag`` float32 [n, 2, t, f], the linear magnitude of a 44.1 kHz stereo signal (frame 4096,
hop 1024, periodic Hann, the lowest 1024 bins), t and f multiples of 64. Out: ``mask`` of the same
shape, the share of the voice, V² / (V² + A²); the bed's share is 1 − mask. Needs numpy and onnx.
It does not transform sound: that is the user's side.

The network is Deezer's ``unet.py`` (MIT) with its checkpoint of 2 stems; the file format is
TensorFlow's "tensor bundle": an index in LevelDB's table format and one data file.
"""

import io
import struct

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from common import FetchError
from recipes.join import copy_members

TABLE_MAGIC = 0xDB4775248B80FB57
EPSILON_BN = 1e-3
MASK_EPSILON = 1e-10
OPSET, IR = 13, 8


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(message):
    """The fields of a protobuf message as (number, value) pairs."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(message, at)
        elif wire == 2:
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        elif wire == 5:
            value, at = message[at : at + 4], at + 4
        else:
            raise FetchError(f"the checkpoint's index has a field of unknown kind {wire}")
        yield number, value


def _block(table, offset, size):
    """The key/value pairs of one table block; keys share prefixes with the one before."""
    if table[offset + size] != 0:
        raise FetchError("the checkpoint's index is compressed, which this converter does not read")
    block = table[offset : offset + size]
    (restarts,) = struct.unpack_from("<I", block, size - 4)
    end, at, key = size - 4 - 4 * restarts, 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def read_checkpoint(index, data):
    """All float32 tensors of a checkpoint of one shard, by name."""
    if struct.unpack_from("<Q", index, len(index) - 8)[0] != TABLE_MAGIC:
        raise FetchError("the checkpoint's index is not a LevelDB table")
    at = len(index) - 48
    for _ in range(2):  # The handle of the unused meta index comes first.
        _, at = _varint(index, at)
    offset, at = _varint(index, at)
    size, at = _varint(index, at)
    tensors = {}
    for _, handle in _block(index, offset, size):
        start, then = _varint(handle, 0)
        length, _ = _varint(handle, then)
        for key, value in _block(index, start, length):
            if not key:
                continue
            entry = dict(_fields(value))
            if entry.get(1) != 1:  # Only float32: the rest is the step counter.
                continue
            shape = [dict(_fields(dim)).get(1, 0) for number, dim in _fields(entry.get(2, b"")) if number == 2]
            begin, count = entry.get(4, 0), entry.get(5, 0)
            tensors[key.decode()] = np.frombuffer(data, "<f4", count // 4, begin).reshape(shape)
    return tensors


class Graph:
    """Collects nodes and weights; weights are kept as float16 and cast back when loaded."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def node(self, kind, inputs, output, **attributes):
        """Adds a node with one output; returns the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name, value, half=False):
        """Adds a weight; returns the name by which nodes read it as float32."""
        if not half:
            self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
            return name
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float16), f"{name}_h"))
        return self.node("Cast", [f"{name}_h"], name, to=TensorProto.FLOAT)


def _name(base, index):
    return base if index == 0 else f"{base}_{index}"


def _net(graph, tensors, stem, first):
    """One U-Net. ``first``: index of its first convolution, transposed convolution, norm down, norm up."""
    conv, trans, down, up = first

    def convolve(kind, layer, value, output, **attributes):
        kernel = tensors[f"{layer}/kernel"].transpose(3, 2, 0, 1)  # The same for both kinds, see their layouts.
        weight = graph.constant(f"{output}_w", kernel, half=True)
        bias = graph.constant(f"{output}_b", tensors[f"{layer}/bias"])
        return graph.node(kind, [value, weight, bias], output, **attributes)

    def normalize(layer, value, output):
        # Mean 0 and variance 1 were never updated in training: what is left is a factor and an offset.
        if np.any(tensors[f"{layer}/moving_mean"]) or np.any(tensors[f"{layer}/moving_variance"] != 1):
            raise FetchError(f"{layer} has statistics, which this converter does not expect")
        factor = tensors[f"{layer}/gamma"].astype(np.float64) / np.sqrt(1 + EPSILON_BN)
        factor = graph.constant(f"{output}_f", factor.reshape(-1, 1, 1))
        offset = graph.constant(f"{output}_o", tensors[f"{layer}/beta"].reshape(-1, 1, 1))
        return graph.node("Add", [graph.node("Mul", [value, factor], f"{output}_m"), offset], output)

    # TensorFlow's SAME at stride 2, kernel 5 and an even size: one before, two after.
    halve = {"kernel_shape": [5, 5], "strides": [2, 2], "pads": [1, 1, 2, 2]}
    skips, value = [], "mag"
    for level in range(6):
        skip = convolve("Conv", _name("conv2d", conv + level), value, f"{stem}_down{level}", **halve)
        skips.append(skip)  # Before norm and activation; the deepest goes on raw.
        if level < 5:
            value = normalize(_name("batch_normalization", down + level), skip, f"{stem}_dn{level}")
            value = graph.node("LeakyRelu", [value], f"{stem}_da{level}", alpha=0.2)
    value = skips[5]
    for level in range(6):
        layer = _name("conv2d_transpose", trans + level)
        value = convolve("ConvTranspose", layer, value, f"{stem}_up{level}", **halve)
        value = graph.node("Relu", [value], f"{stem}_ua{level}")
        value = normalize(_name("batch_normalization", up + level), value, f"{stem}_un{level}")
        if level < 5:
            value = graph.node("Concat", [skips[4 - level], value], f"{stem}_cat{level}", axis=1)
    value = convolve(
        "Conv", _name("conv2d", conv + 6), value, f"{stem}_last",
        kernel_shape=[4, 4], dilations=[2, 2], pads=[3, 3, 3, 3],
    )
    estimate = graph.node("Mul", [graph.node("Sigmoid", [value], f"{stem}_sig"), "mag"], f"{stem}_mag")
    return graph.node("Mul", [estimate, estimate], f"{stem}_power")


def build(tensors):
    """The ONNX model: both networks and the ratio mask."""
    graph = Graph()
    voice = _net(graph, tensors, "v", (0, 0, 0, 6))
    bed = _net(graph, tensors, "a", (7, 6, 12, 18))
    half = graph.constant("half_epsilon", np.float32(MASK_EPSILON / 2))
    whole = graph.constant("epsilon", np.float32(MASK_EPSILON))
    above = graph.node("Add", [voice, half], "above")
    below = graph.node("Add", [graph.node("Add", [voice, bed], "both"), whole], "below")
    graph.node("Div", [above, below], "mask")
    shape = ["n", 2, "t", "f"]
    made = helper.make_graph(
        graph.nodes, "spleeter-2stems",
        [helper.make_tensor_value_info("mag", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape)],
        graph.weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    model.producer_name = "dubline"
    onnx.checker.check_model(model)
    return model


def run(_model, source, archives, out):
    """Reads ``source["index"]`` and ``source["data"]``; the model's one file is ``model.onnx``."""
    parts = []
    for key in ("index", "data"):
        buffer = io.BytesIO()
        copy_members(archives, source[key], buffer)
        parts.append(buffer.getvalue())
    tensors = read_checkpoint(*parts)
    if len(tensors) != source["tensors"]:
        raise FetchError(f"the checkpoint holds {len(tensors)} tensors, expected {source['tensors']}")
    (out / "model.onnx").write_bytes(build(tensors).SerializeToString(deterministic=True))
