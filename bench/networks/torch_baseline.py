"""Runs the ONNX graphs of `npm run bench:networks` operation by operation with torch, as a baseline in the same run.

Batch norms are folded already, so torch does no more than onnxruntime. Needs torch and onnx-free Python 3.8 or newer:
the graphs come as graph.json with their constants in constants.bin.

    python3 torch_baseline.py FOLDER THREADS    prints one JSON line
"""
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

DTYPES = {"float32": torch.float32, "uint8": torch.uint8, "int64": torch.int64, "int32": torch.int32}


def symmetric(pads):
    half = len(pads) // 2
    return tuple(pads[:half]) if pads[:half] == pads[half:] else None


def convolve(a, x, w, b=None):
    n = len(w.shape) - 2
    pads = symmetric(a.get("pads", [0] * 2 * n))
    kind = (F.conv1d, F.conv2d, F.conv3d)[n - 1]
    return kind(x, w, b, a.get("strides", [1] * n), pads, a.get("dilations", [1] * n), a.get("group", 1))


def max_pool(a, x):
    pads = symmetric(a.get("pads", [0, 0, 0, 0]))
    return F.max_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), pads, 1, bool(a.get("ceil_mode", 0)))


def gemm(a, x, w, b=None):
    return F.linear(x, w, b) if a.get("transB") else x @ w + (0 if b is None else b)


def cut(a, x, starts, ends, axes):
    for start, end, axis in zip(starts.tolist(), ends.tolist(), axes.tolist()):
        size = x.shape[axis]
        first, last = (max(p + size, 0) if p < 0 else min(p, size) for p in (start, end))
        x = x.narrow(axis, first, last - first)
    return x


def pad(a, x, pads):
    n = len(pads) // 2
    if a.get("mode", "constant") == "constant":
        flat = [int(p) for axis in reversed(range(n)) for p in (pads[axis], pads[n + axis])]
        return F.pad(x, flat)
    # Only the last axis is mirrored; torch wants two axes named for pictures.
    last = (int(pads[n - 1]), int(pads[-1]))
    return F.pad(x, last if n == 3 else (*last, 0, 0), mode="reflect")


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape.tolist())])


def axes_of(a, inputs):
    axes = a.get("axes", [int(i) for i in inputs[0]] if inputs else None)
    return tuple(axes), bool(a.get("keepdims", 1))


def reduce_with(function):
    def run(a, x, *inputs):
        axes, keep = axes_of(a, inputs)
        return function(x, axes, keep)

    return run


def gru(a, x, w, r, b):
    directions = []
    hidden = a["hidden_size"]
    swap = lambda t: torch.cat([t[hidden : 2 * hidden], t[:hidden], t[2 * hidden :]])
    layer = torch.nn.GRU(x.shape[2], hidden, bidirectional=True)
    with torch.no_grad():
        for d, end in enumerate(("", "_reverse")):
            getattr(layer, "weight_ih_l0" + end).copy_(swap(w[d]))
            getattr(layer, "weight_hh_l0" + end).copy_(swap(r[d]))
            getattr(layer, "bias_ih_l0" + end).copy_(swap(b[d][: 3 * hidden]))
            getattr(layer, "bias_hh_l0" + end).copy_(swap(b[d][3 * hidden :]))
        y = layer(x)[0]
    return y.reshape(y.shape[0], y.shape[1], 2, hidden).permute(0, 2, 1, 3)


def affine(a, x, scale, shift, mean, variance):
    return F.batch_norm(x, mean, variance, scale, shift, False, 0.0, a.get("epsilon", 1e-5))


OPERATIONS = {
    "Conv": convolve,
    "MaxPool": max_pool,
    "Gemm": gemm,
    "Slice": cut,
    "Pad": pad,
    "Reshape": reshape,
    "GRU": gru,
    "BatchNormalization": affine,
    "Relu": lambda a, x: F.relu(x),
    "Sigmoid": lambda a, x: torch.sigmoid(x),
    "Tanh": lambda a, x: torch.tanh(x),
    "Log": lambda a, x: torch.log(x),
    "Sqrt": lambda a, x: torch.sqrt(x),
    "Identity": lambda a, x: x,
    "Add": lambda a, x, y: x + y,
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "Div": lambda a, x, y: x / y,
    "Max": lambda a, x, y: torch.maximum(x, y),
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Transpose": lambda a, x: x.permute(a["perm"]),
    "Cast": lambda a, x: x.float(),
    "Shape": lambda a, x: torch.tensor(x.shape),
    "Flatten": lambda a, x: x.flatten(1),
    "Unsqueeze": lambda a, x, axes: x.unsqueeze(int(axes[0])),
    "Softmax": lambda a, x: torch.softmax(x, a["axis"]),
    "Gather": lambda a, x, i: x.select(a["axis"], int(i)),
    "GlobalAveragePool": lambda a, x: x.mean(tuple(range(2, x.dim())), keepdim=True),
    "InstanceNormalization": lambda a, x, w, b: F.instance_norm(x, weight=w, bias=b, eps=a["epsilon"]),
    "ReduceMean": reduce_with(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceSum": reduce_with(lambda x, axes, keep: x.sum(axes, keep)),
    "ReduceMax": reduce_with(lambda x, axes, keep: x.amax(axes, keep)),
    "ReduceL2": reduce_with(lambda x, axes, keep: x.pow(2).sum(axes, keep).sqrt()),
}


def main():
    folder, threads = Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(threads)
    graph = json.loads((folder / "graph.json").read_text())
    blob = bytearray((folder / "constants.bin").read_bytes())

    def tensor(info):
        size = 1
        for dim in info["dims"]:
            size *= dim
        flat = torch.frombuffer(blob, dtype=DTYPES[info["type"]], count=size, offset=info["offset"])
        return flat.reshape(info["dims"])

    constants = {name: tensor(info) for name, info in graph["constants"].items()}
    feeds = {name: tensor(info) for name, info in graph["inputs"].items()}

    def run():
        values = {**constants, **feeds}
        for node in graph["nodes"]:
            inputs = [values[name] for name in node["inputs"]]
            values[node["outputs"][0]] = OPERATIONS[node["opType"]](node["attributes"], *inputs)
        return {name: values[name] for name in graph["outputs"]}

    with torch.inference_mode():
        outputs = run()
        distance = 0.0
        for name, info in graph["expected"].items():
            expected = tensor(info)
            scale = expected.abs().max().item() or 1.0
            distance = max(distance, (outputs[name] - expected).abs().max().item() / scale)
        times = []
        start = time.perf_counter()
        while len(times) < 5 or time.perf_counter() - start < graph["minMs"] / 1000:
            before = time.perf_counter()
            run()
            times.append(1000 * (time.perf_counter() - before))
    times.sort()
    result = {"medianMs": times[len(times) // 2], "minMs": times[0], "distance": distance, "torch": torch.__version__}
    print(json.dumps(result))


main()
