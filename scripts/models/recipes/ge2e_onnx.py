"""The GE2E speaker encoder (Resemblyzer) from its PyTorch file to ONNX, without PyTorch.

In: ``mel`` float32 [batch, frames, 40], a power mel spectrogram (16 kHz, window 400, hop 160,
Slaney's bands to 8 kHz, no logarithm; the model is at home at 160 frames). Out: ``embedding``
[batch, 256], of length one. Needs numpy and onnx. It does not know sound or how to cut it.

The file is torch's format from before it was a zip: five pickles, then the raw storages. Pickles
can run code, so that only the three names are let in that such a file needs.
"""

import io
import pickle
import struct
from collections import OrderedDict

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from common import FetchError
from recipes.join import copy_members

TORCH_MAGIC, TORCH_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
HIDDEN, BANDS, LAYERS = 256, 40, 3
OPSET, IR = 13, 8


class _Storage:
    """A run of floats that several tensors may share; filled after the pickles."""

    def __init__(self, count):
        self.count, self.data = count, None


class _Tensor:
    """A tensor as the pickle tells it: a view of a storage."""

    def __init__(self, storage, offset, size, stride, *_):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self):
        """The values, as an array of their own."""
        strides = [4 * step for step in self.stride]
        data = self.storage.data[self.offset :]
        return np.lib.stride_tricks.as_strided(data, self.size, strides).copy()


class _Reader(pickle.Unpickler):
    """An unpickler that knows three harmless names and refuses all others."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        allowed = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
            ("torch", "FloatStorage"): "float",
        }
        if (module, name) not in allowed:
            raise FetchError(f"the weights' file asks for {module}.{name}, which is not let in")
        return allowed[module, name]

    def persistent_load(self, pid):
        kind, data_type, key, _device, count, _view = pid
        if (kind, data_type) != ("storage", "float"):
            raise FetchError(f"the weights' file holds a {kind} of {data_type}")
        return self.storages.setdefault(key, _Storage(count))


def read_torch(data):
    """The ``model_state`` of a legacy torch file, by name."""
    file = io.BytesIO(data)
    if _Reader(file).load() != TORCH_MAGIC or _Reader(file).load() != TORCH_PROTOCOL:
        raise FetchError("not a torch file of the old format")
    _Reader(file).load()  # The writing machine's word sizes; the format is little-endian throughout.
    reader = _Reader(file)
    content = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != storage.count:
            raise FetchError(f"storage {key} holds {count} values, expected {storage.count}")
        storage.data = np.frombuffer(file.read(4 * count), "<f4")
    if file.read(1):
        raise FetchError("bytes are left over after the last storage")
    return {name: tensor.array() for name, tensor in content["model_state"].items()}


def _gates(rows):
    """torch orders an LSTM's gates input, forget, cell, output; ONNX input, output, forget, cell."""
    parts = np.split(rows, 4)
    return np.concatenate([parts[0], parts[3], parts[1], parts[2]])


def build(state):
    """The ONNX model."""
    nodes, weights = [], []

    def constant(name, value, dtype=np.float32):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype), name))
        return name

    def node(kind, inputs, outputs, **attributes):
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    axis = constant("axis_one", [1], np.int64)
    node("Transpose", ["mel"], ["x0"], perm=[1, 0, 2])
    for layer in range(LAYERS):
        biases = [_gates(state[f"lstm.bias_{part}_l{layer}"]) for part in ("ih", "hh")]
        inputs = [
            f"x{layer}",
            constant(f"w{layer}", _gates(state[f"lstm.weight_ih_l{layer}"])[None]),
            constant(f"r{layer}", _gates(state[f"lstm.weight_hh_l{layer}"])[None]),
            constant(f"b{layer}", np.concatenate(biases)[None]),
        ]
        node("LSTM", inputs, [f"y{layer}", f"h{layer}"], hidden_size=HIDDEN)
        if layer < LAYERS - 1:  # [frames, direction, batch, hidden] → [frames, batch, hidden].
            node("Squeeze", [f"y{layer}", axis], [f"x{layer + 1}"])
    node("Squeeze", [f"h{LAYERS - 1}", constant("axis_zero", [0], np.int64)], ["last"])
    node(
        "Gemm", ["last", constant("lw", state["linear.weight"]), constant("lb", state["linear.bias"])],
        ["linear"], transB=1,
    )
    node("Relu", ["linear"], ["raw"])
    node("ReduceL2", ["raw"], ["length"], axes=[1], keepdims=1)
    node("Max", ["length", constant("least", np.float32(1e-9))], ["divisor"])
    node("Div", ["raw", "divisor"], ["embedding"])
    made = helper.make_graph(
        nodes, "ge2e",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["batch", "frames", BANDS])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])],
        weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    model.producer_name = "dubline"
    onnx.checker.check_model(model)
    return model


def run(_model, source, archives, out):
    """Reads ``source["weights"]``; the model's one file is ``model.onnx``."""
    buffer = io.BytesIO()
    copy_members(archives, source["weights"], buffer)
    (out / "model.onnx").write_bytes(build(read_torch(buffer.getvalue())).SerializeToString(deterministic=True))
