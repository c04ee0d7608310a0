"""Trains the small inception network on Fashion-MNIST and writes the model with its samples and its oracle.

    pip install -r ../requirements.txt
    python train.py --data DIR --out DIR [--task items|scenes] [--seed N] [--epochs N] [--threads N]

DIR of --data holds the four IDX files of Fashion-MNIST, compressed or not:
train-images-idx3-ubyte(.gz), train-labels-idx1-ubyte(.gz), t10k-images-idx3-ubyte(.gz), t10k-labels-idx1-ubyte(.gz).

Tasks:
  items   one item, [1, 28, 28]; exactly one class is right (cross entropy).
  scenes  two items of different classes side by side, [1, 28, 56]; two classes are right (one sigmoid each).
"""

import argparse
import copy
import gzip
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

CLASSES = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
SIDE = 28
"""Height and width of an item in pixels."""
SAMPLE_CLASSES = {
    "items": [(9,), (8,), (3,), (5,), (2,), (1,)],
    "scenes": [(9, 8), (3, 5), (1, 2), (7, 4), (0, 5), (8, 1)],
}
"""The classes, left to right, of the six sample images of each task."""
BATCH = 128
EVALUATION_BATCH = 500


# Data


def read_idx(folder: Path, name: str) -> np.ndarray:
    """One IDX file of unsigned bytes, `name` or `name`.gz, with the shape that its header says."""
    plain = folder / name
    data = plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    zero, kind, rank = int.from_bytes(data[:2], "big"), data[2], data[3]
    if zero != 0 or kind != 0x08:
        raise ValueError(f"{folder / name}: not an IDX file of unsigned bytes")
    shape = np.frombuffer(data, ">u4", rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


@dataclass
class Items:
    """Single items: `images` [n, 1, 28, 28] uint8 on the CPU, `labels` [n] int64."""

    images: torch.Tensor
    labels: torch.Tensor

    @staticmethod
    def read(folder: Path, split: str) -> "Items":
        """split: "train" or "t10k"."""
        images = read_idx(folder, f"{split}-images-idx3-ubyte")
        labels = read_idx(folder, f"{split}-labels-idx1-ubyte")
        return Items(torch.from_numpy(images[:, None].copy()), torch.from_numpy(labels.astype(np.int64)))


@dataclass
class Examples:
    """What a task shows the network: `images` [n, 1, 28, 28 or 56] uint8, `classes` [n, 1 or 2] int64, left to right."""

    images: torch.Tensor
    classes: torch.Tensor


def make_examples(task: str, items: Items, generator: torch.Generator) -> Examples:
    """As many examples as items. Each item is in one example ("items") or in about two ("scenes")."""
    if task == "items":
        return Examples(items.images, items.labels[:, None])
    left = torch.randperm(len(items.labels), generator=generator)
    right = torch.randperm(len(items.labels), generator=generator)
    differ = items.labels[left] != items.labels[right]
    while not differ.all():
        again = (~differ).nonzero()[:, 0]
        right[again] = torch.randint(len(items.labels), (len(again),), generator=generator)
        differ = items.labels[left] != items.labels[right]
    return Examples(torch.cat([items.images[left], items.images[right]], dim=3),
                    torch.stack([items.labels[left], items.labels[right]], dim=1))


def to_input(images: torch.Tensor) -> torch.Tensor:
    """Bytes to the network's input: float32 from 0 (black background) to 1."""
    return images.float() / 255


def augment(items: Items, generator: torch.Generator, reach: int = 2) -> Items:
    """Each item mirrored or not, and moved by up to `reach` pixels along both axes (black comes in)."""
    n = len(items.labels)
    mirrored = torch.rand(n, generator=generator) < 0.5
    images = torch.where(mirrored[:, None, None, None], items.images.flip(3), items.images)
    padded = F.pad(images, (reach,) * 4)[:, 0]
    rows, columns = (torch.randint(2 * reach + 1, (n, 1), generator=generator) + torch.arange(SIDE) for _ in range(2))
    moved = padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return Items(moved[:, None], items.labels)


# Network


class ConvRelu(nn.Module):
    """Convolution that keeps height and width, batch normalisation while training, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, inputs, h, w] -> [n, outputs, h, w]"""
        return F.relu(self.norm(self.conv(x)))

    def fold(self) -> None:
        """Moves the normalisation into the convolution's weights, computed in float64, in place."""
        self.conv = fuse_conv_bn_eval(self.conv.double(), self.norm.double()).float()
        self.norm = nn.Identity()


class Inception(nn.Module):
    """Four branches over the same input, their channels concatenated in this order:

    1x1; 1x1 then 3x3; 1x1 then 5x5; 3x3 max pooling then 1x1. Height and width stay.
    """

    def __init__(self, inputs: int, one: int, three: tuple[int, int], five: tuple[int, int], pool: int) -> None:
        """Channel counts; of `three` and `five`, the first is that of the reducing 1x1 convolution."""
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.branches = nn.ModuleDict({
            "1x1": ConvRelu(inputs, one, 1),
            "3x3-reduce": ConvRelu(inputs, three[0], 1),
            "3x3": ConvRelu(three[0], three[1], 3),
            "5x5-reduce": ConvRelu(inputs, five[0], 1),
            "5x5": ConvRelu(five[0], five[1], 5),
            "pool-project": ConvRelu(inputs, pool, 1),
        })

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, inputs, h, w] -> [n, one + three[1] + five[1] + pool, h, w]"""
        branch = self.branches
        return torch.cat([
            branch["1x1"](x),
            branch["3x3"](branch["3x3-reduce"](x)),
            branch["5x5"](branch["5x5-reduce"](x)),
            branch["pool-project"](self.pool(x)),
        ], dim=1)


class Network(nn.Sequential):
    """[n, 1, 28, width] in 0..1 -> [n, 10] logits. The width (28 or 56) sets only the inputs of `dense1`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = ConvRelu(1, 16, 5)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = ConvRelu(16, 32, 3)
        self.inception1 = Inception(32, 16, (16, 24), (8, 12), 12)
        self.pool2 = nn.MaxPool2d(2)
        self.inception2 = Inception(64, 20, (20, 28), (8, 16), 16)
        self.pool3 = nn.AvgPool2d(4, stride=3)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.dense1 = common.LinearRelu(80 * 2 * ((width // 4 - 4) // 3 + 1), 64)
        self.logits = nn.Linear(64, len(CLASSES))


def folded(network: Network) -> Network:
    """A copy for inference without batch normalisation and dropout, in evaluation mode."""
    copied = copy.deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    copied.dropout = nn.Identity()
    for module in list(copied.modules()):
        if isinstance(module, ConvRelu):
            module.fold()
    return copied


# Training


def loss_of(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Mean loss of logits [n, 10] for the right classes [n, 1] (cross entropy) or [n, 2] (a sigmoid per class)."""
    if classes.shape[1] == 1:
        return F.cross_entropy(logits, classes[:, 0])
    return F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits).scatter(1, classes, 1.0))


def train(task: str, items: Items, seed: int, epochs: int) -> Network:
    """AdamW under a one-cycle learning rate; every epoch sees new variants of the items."""
    generator = torch.Generator().manual_seed(seed)
    network = Network(SIDE * len(SAMPLE_CLASSES[task][0])).train()
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    steps = epochs * (len(items.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=steps)
    for epoch in range(epochs):
        start, total = time.process_time(), 0.0
        examples = make_examples(task, augment(items, generator), generator)
        order = torch.randperm(len(examples.classes), generator=generator)
        batches = order[: len(order) // BATCH * BATCH].split(BATCH)
        for rows in batches:
            optimizer.zero_grad()
            loss = loss_of(network(to_input(examples.images[rows])), examples.classes[rows])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        spent = time.process_time() - start
        print(f"epoch {epoch + 1}/{epochs}: loss {total / len(batches):.4f}, {spent:.0f} CPU s", flush=True)
    return network


@torch.no_grad()
def predict(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits [n, 10] for bytes [n, 1, 28, width]."""
    return torch.cat([network(to_input(part)) for part in images.split(EVALUATION_BATCH)])


def are_right(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """[n] booleans: the k right classes have the k largest logits."""
    found = logits.topk(classes.shape[1]).indices.sort().values
    return (found == classes.sort().values).all(dim=1)


def accuracy(network: nn.Module, examples: Examples) -> float:
    """The share of examples whose classes are all found."""
    return are_right(predict(network, examples.images), examples.classes).float().mean().item()


# Files


def margins_of(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """[n]: the smallest logit of a right class less the largest logit of a wrong one; positive when right."""
    right = torch.zeros_like(logits, dtype=torch.bool).scatter(1, classes, True)
    return logits.masked_fill(~right, torch.inf).amin(1) - logits.masked_fill(right, -torch.inf).amax(1)


def choose_samples(network: nn.Module, examples: Examples, wanted: list[tuple[int, ...]]) -> list[int]:
    """For each tuple of classes, the first example with at least the median margin among those of its classes.

    Examples whose gradient hangs on rounding are passed over, so that the oracle holds in any arithmetic.
    """
    def is_settled(row: torch.Tensor) -> bool:
        return common.is_settled(network, to_input(examples.images[row]).numpy())

    margins = margins_of(predict(network, examples.images), examples.classes)
    rows = []
    for classes in wanted:
        candidates = (examples.classes == torch.tensor(classes)).all(dim=1).nonzero()[:, 0]
        healthy = margins[candidates] >= margins[candidates].median()
        rows.append(int(next(row for row in candidates[healthy] if is_settled(row))))
    return rows


def write_samples(out: Path, examples: Examples, rows: list[int]) -> tuple[np.ndarray, list[dict]]:
    """Writes the PNG files and images.npy; returns the inputs [n, 1, 28, width] float32 and what each is."""
    (out / "images").mkdir(exist_ok=True)
    cases = []
    for row in rows:
        classes = examples.classes[row].tolist()
        name = "-and-".join(CLASSES[c].lower().replace(" ", "-") for c in classes)
        Image.fromarray(examples.images[row, 0].numpy()).save(out / "images" / f"{name}.png", optimize=True)
        cases.append({"image": f"images/{name}.png", "test_row": row, "classes": classes})
    inputs = to_input(examples.images[rows]).numpy()
    np.save(out / "images.npy", inputs)
    return inputs, cases


SCENES = 24
"""Test scenes in scenes.npy."""


def write_scenes(out: Path, network: nn.Module, examples: Examples) -> None:
    """Writes the first test scenes whose two classes are both found, and their classes, left to right."""
    rows = are_right(predict(network, examples.images), examples.classes).nonzero()[:SCENES, 0]
    np.save(out / "scenes.npy", to_input(examples.images[rows]).numpy())
    common.write_json(out / "scenes.json", examples.classes[rows].tolist())


def preprocessing(width: int) -> dict:
    """How an image file becomes the input: y = (x * scale - mean) / std for x in 0..255."""
    return {"width": width, "height": SIDE, "resize": "stretch", "layout": "nchw", "channels": "gray",
            "scale": 1 / 255, "mean": [0], "std": [1]}


def write_all(out: Path, network: Network, examples: Examples, task: str, report: dict) -> None:
    """Writes every file of the model's folder but the README; `network` is folded."""
    path = out / "model.onnx"
    common.export_onnx(network, to_input(examples.images[:2]), "image", path, hidden_scopes=frozenset({"branches"}))
    difference = common.check_export(path, network, to_input(examples.images[:EVALUATION_BATCH]).numpy())
    print(f"{path}: {path.stat().st_size} bytes, logits within {difference:.1e} of PyTorch's")
    inputs, cases = write_samples(out, examples, choose_samples(network, examples, SAMPLE_CLASSES[task]))
    common.write_json(out / "expected.json", common.oracle(path, network, inputs, cases))
    if task == "scenes":
        write_scenes(out, network, examples)
    common.write_json(out / "preprocess.json", preprocessing(examples.images.shape[3]))
    common.write_json(out / "accuracy.json", report)
    common.write_lines(out / "labels.txt", CLASSES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the four IDX files")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--task", choices=list(SAMPLE_CLASSES), default="items")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    common.make_deterministic(args.seed, args.threads)
    items, test_items = Items.read(args.data, "train"), Items.read(args.data, "t10k")
    network = folded(train(args.task, items, args.seed, args.epochs))
    examples, test_examples = (make_examples(args.task, part, torch.Generator().manual_seed(args.seed))
                               for part in (items, test_items))
    report = {"train": round(accuracy(network, examples), 5), "test": round(accuracy(network, test_examples), 5),
              "seed": args.seed, "epochs": args.epochs, "parameters": common.count_parameters(network)}
    print(report)
    args.out.mkdir(parents=True, exist_ok=True)
    write_all(args.out, network, test_examples, args.task, report)


if __name__ == "__main__":
    main()
