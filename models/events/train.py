"""Trains a small convolutional network to name the event in a series, on generated series.

    pip install -r ../requirements.txt
    python train.py --out . [--seed N] [--epochs N]

Each series of 128 values is slow drift and noise with at most one planted event, whose place is known, so it is known
where a true explanation must point: a spike (3 to 6 values), a step (from its place to the end) or a burst of a fast
oscillation (16 to 28 values).
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

EVENTS = ["calm", "spike", "step", "burst"]
LENGTH = 128
SERIES = 6000
HELD_OUT = 1000
SAMPLES = 4


# Data


def make_series(event: int, generator: np.random.Generator) -> tuple[np.ndarray, tuple[int, int]]:
    """(values [LENGTH], (first, end) of the event; (0, 0) for calm)."""
    time = np.arange(LENGTH)
    drift = 0.4 * np.sin(2 * np.pi * (time / generator.uniform(90, 160) + generator.random()))
    values = drift + 0.15 * generator.standard_normal(LENGTH)
    first, size = int(generator.integers(12, 92)), generator.uniform(1.2, 2.0) * generator.choice([-1, 1])
    if event == 0:
        return values, (0, 0)
    if event == 1:
        width = int(generator.integers(3, 7))
        values[first:first + width] += size * np.hanning(width + 2)[1:-1] * 1.4
        return values, (first, first + width)
    if event == 2:
        values[first:] += size
        return values, (first - 4, first + 4)
    width = int(generator.integers(16, 29))
    values[first:first + width] += size * 0.7 * np.sin(2 * np.pi * np.arange(width) / 4.5)
    return values, (first, first + width)


def make_set(count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """(series [count, 1, LENGTH] float32, events [count] int64, where each event lies)."""
    events = generator.integers(len(EVENTS), size=count)
    made = [make_series(int(event), generator) for event in events]
    return np.array([values for values, _ in made], np.float32)[:, None], events, [place for _, place in made]


# Network


class Relu(nn.Module):
    """max(x, 0)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x)


class Strongest(nn.Module):
    """The largest value over time: [n, channels, time] -> [n, channels]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.amax(2)


class Network(nn.Sequential):
    """[n, 1, LENGTH] -> [n, 4] logits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 16, 9, padding=4)
        self.active1 = Relu()
        self.conv2 = nn.Conv1d(16, 24, 9, stride=2, padding=4)
        self.active2 = Relu()
        self.conv3 = nn.Conv1d(24, 24, 5, stride=2, padding=2)
        self.active3 = Relu()
        self.strongest = Strongest()
        self.logits = nn.Linear(24, len(EVENTS))


# Training


def train(series: torch.Tensor, events: torch.Tensor, epochs: int) -> Network:
    """AdamW on cross entropy in batches of 100; series [n, 1, LENGTH], events [n]."""
    network = Network().train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.003, weight_decay=0.02)
    for _ in range(epochs):
        for batch in torch.randperm(len(series)).split(100):
            optimizer.zero_grad()
            loss = F.cross_entropy(network(series[batch]), events[batch])
            loss.backward()
            optimizer.step()
    print(f"after {epochs} epochs: loss {loss.item():.4f}")
    return network.eval()


@torch.no_grad()
def accuracy(network: Network, series: torch.Tensor, events: torch.Tensor) -> float:
    """The share of series whose largest logit is that of their event."""
    return (network(series).argmax(1) == events).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()

    common.make_deterministic(args.seed, threads=1)
    data, kinds, places = make_set(SERIES, np.random.default_rng(args.seed))
    series, events = torch.from_numpy(data), torch.from_numpy(kinds)
    network = train(series[HELD_OUT:], events[HELD_OUT:], args.epochs)
    report = {"train": round(accuracy(network, series[HELD_OUT:], events[HELD_OUT:]), 5),
              "test": round(accuracy(network, series[:HELD_OUT], events[:HELD_OUT]), 5),
              "seed": args.seed, "epochs": args.epochs, "parameters": common.count_parameters(network),
              "trainRows": SERIES - HELD_OUT, "testRows": HELD_OUT}
    print(report)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "model.onnx"
    common.export_onnx(network, series[:2], "series", path)
    common.check_export(path, network, data[:HELD_OUT])
    # The first held-out series of each event, the events proper before the calm.
    rows = [int(np.flatnonzero(kinds[:HELD_OUT] == event)[0]) for event in (3, 1, 2, 0)][:SAMPLES]
    cases = [{"row": k, "class": int(kinds[row]), "event": list(places[row])} for k, row in enumerate(rows)]
    common.write_json(args.out / "expected.json", common.oracle(path, network, data[rows], cases))
    common.write_json(args.out / "accuracy.json", report)
    common.write_lines(args.out / "labels.txt", EVENTS)
    with (args.out / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"t{k}" for k in range(LENGTH)])
        writer.writerows([np.format_float_positional(v, trim="-") for v in row[0]] for row in data[rows])


if __name__ == "__main__":
    main()
