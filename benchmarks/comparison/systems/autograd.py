"""Integrated gradients of a graph (graph.json, weights.bin) by PyTorch autograd, one thread.

Reads one JSON command a line: {"points": 50, "batch": 10}. Answers with {"seconds": s, "cpu": s} and leaves the
attribution as float64 in attribution.bin. Weights need no gradient; what is computed is what Captum computes.
"""
import json, os, resource, sys, time
import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
folder, shape, target = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
graph = json.load(open(os.path.join(folder, "graph.json")))
raw = open(os.path.join(folder, "weights.bin"), "rb").read()
constants = {}
for name, c in graph["constants"].items():
    count = int(np.prod(c["shape"], dtype=np.int64))
    constants[name] = torch.from_numpy(np.frombuffer(raw, c["dtype"], count, c["offset"]).reshape(c["shape"]).copy())
x = torch.from_numpy(np.fromfile(os.path.join(folder, "x.bin"), "float32").reshape(shape))


def window(node, rank):
    a = node["attrs"]
    pads = a.get("pads") or [0] * (2 * rank)
    return pads[:rank], pads[rank:], a.get("strides") or [1] * rank, a.get("dilations") or [1] * rank


def padded(v, before, after, value=0.0):
    """Unequal pads by hand; equal ones are left to the op."""
    if before == after:
        return v, before
    flat = [p for pair in reversed(list(zip(before, after))) for p in pair]
    return F.pad(v, flat, value=value), [0] * len(before)


def conv(node, v, w, bias=None):
    before, after, strides, dilations = window(node, w.dim() - 2)
    v, pads = padded(v, before, after)
    return F.conv2d(v, w, bias, strides, pads, dilations, node["attrs"]["group"])


def max_pool(node, v):
    a = node["attrs"]
    before, after, strides, dilations = window(node, len(a["kernel_shape"]))
    v, pads = padded(v, before, after, float("-inf"))
    return F.max_pool2d(v, a["kernel_shape"], strides, pads, dilations, bool(a["ceil_mode"]))


def gemm(node, a, b, c=None):
    assert not node["attrs"]["transA"] and node["attrs"]["alpha"] == 1 and node["attrs"]["beta"] == 1
    return F.linear(a, b if node["attrs"]["transB"] else b.t(), c)


layers = {}


def lstm(node, v, w, r, bias):
    """ONNX orders the gates input, output, forget, cell; PyTorch input, forget, cell, output."""
    key = node["name"]
    if key not in layers:
        hidden = r.shape[2]
        order = torch.cat([torch.arange(k * hidden, (k + 1) * hidden) for k in (0, 2, 3, 1)])
        layer = torch.nn.LSTM(w.shape[2], hidden)
        layer.requires_grad_(False)
        layer.weight_ih_l0.copy_(w[0][order])
        layer.weight_hh_l0.copy_(r[0][order])
        layer.bias_ih_l0.copy_(bias[0][: 4 * hidden][order])
        layer.bias_hh_l0.copy_(bias[0][4 * hidden :][order])
        layers[key] = layer
    y, (h, c) = layers[key](v)
    return y.unsqueeze(1), h, c


def reshape(node, v, size):
    size = size.tolist()
    return v.reshape([v.shape[0] if size[0] == 1 else size[0]] + size[1:])


def reduce_mean(node, v, axes):
    return v.mean(axes.tolist(), keepdim=bool(node["attrs"]["keepdims"]))


def reshaped_last(node, v, size):
    """The last state [1, rows, hidden] of an LSTM as rows."""
    return v[0]


OPS = {
    "Add": lambda n, a, b: a + b,
    "Mul": lambda n, a, b: a * b,
    "MatMul": lambda n, a, b: a @ b,
    "Relu": lambda n, v: F.relu(v),
    "Gelu": lambda n, v: F.gelu(v, approximate=n["attrs"]["approximate"]),
    "Clip": lambda n, v, lo=None, hi=None: torch.clamp(v, None if lo is None else lo.item(), None if hi is None else hi.item()),
    "Conv": conv,
    "MaxPool": max_pool,
    "LRN": lambda n, v: F.local_response_norm(v, n["attrs"]["size"], n["attrs"]["alpha"], n["attrs"]["beta"], n["attrs"]["bias"]),
    "GlobalAveragePool": lambda n, v: v.mean((2, 3), keepdim=True),
    "Concat": lambda n, *vs: torch.cat(vs, n["attrs"]["axis"]),
    "Flatten": lambda n, v: v.flatten(n["attrs"]["axis"]),
    "Reshape": reshape,
    "Transpose": lambda n, v: v.permute(n["attrs"]["perm"]),
    "Softmax": lambda n, v: F.softmax(v, n["attrs"]["axis"]),
    "LayerNormalization": lambda n, v, s, b: F.layer_norm(v, v.shape[-1:], s, b, n["attrs"]["epsilon"]),
    "ReduceMean": reduce_mean,
    "Gemm": gemm,
    "LSTM": lstm,
}


def forward(v):
    values = {graph["inputs"][0]: v}
    states = set()
    for node in graph["nodes"]:
        args = [None if i == "" else values[i] if i in values else constants[i] for i in node["inputs"]]
        while args and args[-1] is None:
            args.pop()
        op = reshaped_last if node["op"] == "Reshape" and node["inputs"][0] in states else OPS[node["op"]]
        results = op(node, *args)
        if node["op"] == "LSTM":
            states.update(o for o in node["outputs"][1:] if o)
        for output, result in zip(node["outputs"], results if isinstance(results, tuple) else (results,)):
            values[output] = result
    return values[graph["outputs"][0]]


def integrate(points, batch):
    total = torch.zeros(x.shape[1:], dtype=torch.float64)
    alphas = (torch.arange(points, dtype=torch.float32) + 0.5) / points
    for chunk in alphas.split(batch):
        rows = (chunk.reshape([-1] + [1] * (x.dim() - 1)) * x).requires_grad_()
        (gradient,) = torch.autograd.grad(forward(rows)[:, target].sum(), rows)
        total += gradient.sum(0, dtype=torch.float64)
    return total / points * x[0].double()


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    try:
        started, before = time.perf_counter(), cpu()
        result = integrate(job["points"], job["batch"])
        answer = {"seconds": time.perf_counter() - started, "cpu": cpu() - before}
        result.numpy().astype("float64").tofile(os.path.join(folder, "attribution.bin"))
    except Exception as error:  # reported to the benchmark, which goes on with the other systems
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
