"""Trains a small multilayer perceptron on the Palmer penguins and writes the model with its samples and its oracle.

    pip install -r ../requirements.txt
    npm install vega-datasets        # its data/penguins.json is the data
    python train.py --data node_modules/vega-datasets/data/penguins.json --out DIR [--seed N] [--epochs N]

Penguins with a missing measurement or an unknown sex are left out (11 of 344). The inputs are in raw units; the
model itself standardises them.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

SPECIES = ["Adelie", "Chinstrap", "Gentoo"]
MEASUREMENTS = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
CATEGORIES = {"Island": ["Biscoe", "Dream", "Torgersen"], "Sex": ["FEMALE", "MALE"]}
FEATURES = [name.lower() for name in MEASUREMENTS] + [
    f"{column.lower()}: {value.capitalize() if column == 'Island' else value.lower()}"
    for column, values in CATEGORIES.items() for value in values
]
HELD_OUT = 0.2
"""The share of each species that is kept for the test."""
SAMPLES = 8


# Data


def read_penguins(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(features [n, 9] float32 in the order and units of FEATURES, species [n] int64 as an index into SPECIES)."""
    penguins = [penguin for penguin in json.loads(path.read_text()) if is_complete(penguin)]
    features = [[penguin[name] for name in MEASUREMENTS] + one_hot(penguin) for penguin in penguins]
    return np.array(features, np.float32), np.array([SPECIES.index(penguin["Species"]) for penguin in penguins])


def is_complete(penguin: dict) -> bool:
    """All measurements are there and the categories are known ones."""
    return (all(penguin[name] is not None for name in MEASUREMENTS)
            and all(penguin[column] in values for column, values in CATEGORIES.items()))


def one_hot(penguin: dict) -> list[int]:
    """[5]: a 1 for the penguin's island and a 1 for its sex."""
    return [int(penguin[column] == value) for column, values in CATEGORIES.items() for value in values]


def split(species: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers (train, test), in random order, with the same share of each species held out."""
    train, test = [], []
    for k in range(len(SPECIES)):
        rows = generator.permutation(np.flatnonzero(species == k))
        held_out = round(HELD_OUT * len(rows))
        test.append(rows[:held_out])
        train.append(rows[held_out:])
    return generator.permutation(np.concatenate(train)), generator.permutation(np.concatenate(test))


# Network


class Centre(nn.Module):
    """x - mean, both [.., 9]."""

    def __init__(self, mean: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - self.mean


class Scale(nn.Module):
    """x / deviation, both [.., 9]."""

    def __init__(self, deviation: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("deviation", deviation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / self.deviation


class Network(nn.Sequential):
    """[n, 9] features in raw units -> [n, 3] logits."""

    def __init__(self, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        super().__init__()
        self.centred = Centre(mean)
        self.standardised = Scale(deviation)
        self.hidden1 = common.LinearRelu(len(FEATURES), 16)
        self.hidden2 = common.LinearRelu(16, 16)
        self.logits = nn.Linear(16, len(SPECIES))


def make_network(features: torch.Tensor) -> Network:
    """A network that standardises the measurements by those of `features` [n, 9] and passes the categories through."""
    mean, deviation = features.mean(0), features.std(0)
    mean[len(MEASUREMENTS):], deviation[len(MEASUREMENTS):] = 0, 1
    return Network(mean, deviation)


# Training


def train(features: torch.Tensor, species: torch.Tensor, epochs: int) -> Network:
    """Full-batch AdamW on cross entropy; features [n, 9], species [n]."""
    network = make_network(features).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(features), species)
        loss.backward()
        optimizer.step()
    print(f"after {epochs} epochs: loss {loss.item():.4f}")
    return network.eval()


@torch.no_grad()
def accuracy(network: Network, features: torch.Tensor, species: torch.Tensor) -> float:
    """The share of rows whose largest logit is that of their species."""
    return (network(features).argmax(1) == species).float().mean().item()


# Files


def choose_samples(species: np.ndarray) -> list[int]:
    """The first rows of each species in turn, SAMPLES in all."""
    by_species = [np.flatnonzero(species == k) for k in range(len(SPECIES))]
    return [int(by_species[k % len(SPECIES)][k // len(SPECIES)]) for k in range(SAMPLES)]


def write_rows(path: Path, features: np.ndarray) -> None:
    """A CSV file of features [n, 9]; each number is the shortest that reads back as the same float32."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FEATURES)
        writer.writerows([np.format_float_positional(value, trim="-") for value in row] for row in features)


def write_all(out: Path, network: Network, features: np.ndarray, species: np.ndarray, report: dict) -> None:
    """Writes every file of the model's folder but the README; features [n, 9] and species [n] are held-out rows."""
    path = out / "model.onnx"
    common.export_onnx(network, torch.from_numpy(features[:2]), "features", path)
    difference = common.check_export(path, network, features)
    print(f"{path}: {path.stat().st_size} bytes, logits within {difference:.1e} of PyTorch's")
    rows = choose_samples(species)
    cases = [{"row": k, "class": int(species[row])} for k, row in enumerate(rows)]
    common.write_json(out / "expected.json", common.oracle(path, network, features[rows], cases))
    common.write_json(out / "accuracy.json", report)
    common.write_lines(out / "labels.txt", SPECIES)
    common.write_lines(out / "features.txt", FEATURES)
    write_rows(out / "rows.csv", features[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="penguins.json of vega-datasets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=200)
    args = parser.parse_args()

    common.make_deterministic(args.seed, threads=1)
    features, species = read_penguins(args.data)
    rows, test_rows = split(species, np.random.default_rng(args.seed))
    inputs, classes = torch.from_numpy(features), torch.from_numpy(species)
    network = train(inputs[rows], classes[rows], args.epochs)
    report = {"train": round(accuracy(network, inputs[rows], classes[rows]), 5),
              "test": round(accuracy(network, inputs[test_rows], classes[test_rows]), 5),
              "seed": args.seed, "epochs": args.epochs, "parameters": common.count_parameters(network),
              "trainRows": len(rows), "testRows": len(test_rows)}
    print(report)
    args.out.mkdir(parents=True, exist_ok=True)
    write_all(args.out, network, features[test_rows], species[test_rows], report)


if __name__ == "__main__":
    main()
