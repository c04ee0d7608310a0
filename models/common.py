"""What the training scripts share: export to ONNX, the check of the export, and the small oracle.

The scripts of this folder import it by path; it is not a package.
"""

import ast
import copy
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn import functional as F

OPSET = 20
FEW = 16
"""Gradients of at most so many entries are written out in the oracle; of larger ones only the two sums."""
SCOPES = "pkg.torch.onnx.name_scopes"
"""Where PyTorch's exporter notes, for each node, the modules it was called in: ['', 'conv1', 'conv1.conv', 'conv2d']."""


class LinearRelu(nn.Module):
    """Dense layer, ReLU: [n, inputs] -> [n, outputs]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.linear(x))


def make_deterministic(seed: int, threads: int) -> None:
    """Seeds every generator used here. With one thread a run repeats itself bit for bit on one machine."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)


def count_parameters(network: nn.Module) -> int:
    """The number of trainable scalars."""
    return sum(p.numel() for p in network.parameters())


def export_onnx(network: nn.Module, example: torch.Tensor, input_name: str, path: Path,
                hidden_scopes: frozenset[str] = frozenset()) -> None:
    """Writes `network` (in evaluation mode) to `path`, its first axis a symbolic batch.

    Every tensor is called as the module that computes it, with slashes for dots: the output of
    `network.inception1.pool` is `inception1/pool`. Modules whose own name is in `hidden_scopes` are left out of
    the name. This asks that a module computes at most one tensor of its own; two would clash, which is an error.
    Parameters and buffers are called as in `network`; a constant of the exporter's own is called after the node that
    reads it and the input it is for (`flatten/shape`).

    example: [batch >= 2, ...] float32, only its shape matters.
    """
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(network, (example,), dynamo=True, opset_version=OPSET, input_names=[input_name],
                                dynamic_shapes=({0: batch},), external_data=False, verbose=False)
    model = program.model_proto
    _rename_tensors(model, set(network.state_dict()), hidden_scopes)
    _strip_notes(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _rename_tensors(model: onnx.ModelProto, parameters: set[str], hidden_scopes: frozenset[str]) -> None:
    """Gives tensors and nodes the names that `export_onnx` promises, in place."""

    def readable(scope: str) -> str:
        return "/".join(part for part in scope.split(".") if part not in hidden_scopes)

    names = {name: readable(name) for name in parameters}
    for node in model.graph.node:
        scopes = ast.literal_eval(next(note.value for note in node.metadata_props if note.key == SCOPES))
        names[node.output[0]] = node.name = readable(scopes[-2])
    constants = {weight.name for weight in model.graph.initializer} - parameters
    for node in model.graph.node:
        declared = onnx.defs.get_schema(node.op_type, OPSET).inputs
        names.update({name: f"{node.name}/{declared[k].name}" for k, name in enumerate(node.input) if name in constants})
    if len(set(names.values())) < len(names):
        raise ValueError(f"two tensors would share a name: {sorted(names.values())}")

    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for value in [*model.graph.initializer, *model.graph.value_info, *model.graph.output]:
        value.name = names.get(value.name, value.name)


def _strip_notes(model: onnx.ModelProto) -> None:
    """Removes the exporter's notes (module paths, stack traces with local file names), in place."""
    model.graph.name = "main"
    for item in [model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.value_info,
                 *model.graph.input, *model.graph.output]:
        item.ClearField("metadata_props")
        item.ClearField("doc_string")


def run_onnx(path: Path, inputs: np.ndarray) -> np.ndarray:
    """The model's only output by ONNX Runtime on the CPU, float32, for float32 inputs [batch, ...]."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs})[0]


def check_export(path: Path, network: nn.Module, inputs: np.ndarray, tolerance: float = 1e-4) -> float:
    """The largest difference between the logits of the file and of `network`; an error above `tolerance`."""
    with torch.no_grad():
        expected = network(torch.from_numpy(inputs)).numpy()
    difference = float(np.abs(run_onnx(path, inputs) - expected).max())
    if not difference <= tolerance:
        raise ValueError(f"{path}: the exported model differs from the trained one by {difference}")
    return difference


def oracle(path: Path, network: nn.Module, inputs: np.ndarray, cases: list[dict]) -> dict:
    """What a correct reader of the model must find for `inputs` ([n, ...] float32); `cases` describes each row.

    Logits come from ONNX Runtime in float32, the gradient from PyTorch in float64 (the float32 weights and inputs
    converted exactly). The gradient is that of the largest logit with respect to the input, in logits per unit of
    the input.
    """
    logits = run_onnx(path, inputs)
    network = copy.deepcopy(network).double()
    for row, case in enumerate(cases):
        gradient, logits64 = _top_gradient(network, inputs[row])
        summary = {"l1": float(np.abs(gradient).sum()), "sum": float(gradient.sum()),
                   "dotInput": float((gradient * inputs[row]).sum())}
        if gradient.size <= FEW:
            summary["values"] = gradient.tolist()
        case.update(logits=logits[row].tolist(), top=int(logits[row].argmax()), logits64=logits64.tolist(),
                    gradient=summary)
    return {
        "source": f"logits: ONNX Runtime {onnxruntime.__version__}, CPU, float32. logits64 and gradient: PyTorch "
                  f"{torch.__version__}, float64 arithmetic on the same float32 weights and inputs. gradient: of the "
                  "logit `top` with respect to the input; l1 = sum of absolute values, sum = plain sum, dotInput = sum of "
                  "gradient times input. Where a pooling window has several largest values, its first in scan order "
                  "takes the gradient.",
        "cases": cases,
    }


def is_settled(network: nn.Module, row: np.ndarray, tolerance: float = 1e-5) -> bool:
    """Whether float32 and float64 arithmetic give the same gradient for one input, `row` [...] float32.

    They do not where rounding decides which value of a pooling window is the largest.
    """
    single, _ = _top_gradient(network, row)
    double, _ = _top_gradient(copy.deepcopy(network).double(), row)
    return bool(np.abs(single - double).sum() <= tolerance * np.abs(double).sum())


def _top_gradient(network: nn.Module, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(gradient of the largest logit, of the shape of `row`; all logits), both in the network's own precision."""
    point = torch.from_numpy(row[None]).to(next(network.parameters()).dtype).requires_grad_()
    logits = network(point)[0]
    (gradient,) = torch.autograd.grad(logits.max(), point)
    return gradient[0].numpy(), logits.detach().numpy()


def write_json(path: Path, value: object) -> None:
    """Writes `value` with short lists of numbers on one line."""
    path.write_text(_render(value) + "\n")


def _render(value: object, indent: str = "") -> str:
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [f"{deeper}{json.dumps(key)}: {_render(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return "[\n" + ",\n".join(deeper + _render(item, deeper) for item in value) + f"\n{indent}]"
    return json.dumps(value)


def write_lines(path: Path, lines: list[str]) -> None:
    """One line each, with a final newline."""
    path.write_text("".join(line + "\n" for line in lines))
