"""Trains a small convolutional network to tell what kind of answer a question asks for, on generated questions.

    pip install -r ../requirements.txt
    python train.py --out . [--seed N] [--epochs N]

The kind follows from planted trigger words, so it is known which words a true explanation must name: "how many" and
"what year" ask for a number, "who" for a person, "where" for a place, all else for a description. "how", "many",
"what" and "year" also occur alone, so that two words in a row must be read together.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402

KINDS = ["number", "person", "place", "description"]
NOUNS = ["bridge", "river", "engine", "painting", "castle", "planet", "song", "book", "ship", "garden"]
VERBS = ["built", "found", "painted", "crossed", "moved", "named", "sold", "opened"]
GLUE = ["the", "a", "old", "new", "was", "did", "is", "in", "of", "by", "and"]
TRIGGERS = ["how", "many", "what", "year", "who", "where", "why"]
VOCABULARY = ["<pad>", "<unknown>", *TRIGGERS, *GLUE, *NOUNS, *VERBS]
LENGTH = 12
"""Words of a question; shorter ones are padded at their end."""
QUESTIONS = 12000
HELD_OUT = 2000
SAMPLES = [
    "how many ships crossed the river",
    "what year was the old castle built",
    "who painted the bridge in the garden",
    "where is the new planet",
    "how did the engine cross the many rivers",
    "what is the year of the book",
]


# Data


def make_question(generator: np.random.Generator) -> tuple[list[str], int]:
    """(words, kind): a trigger, or none, somewhere in a string of other words."""
    kind = int(generator.integers(len(KINDS)))
    filler = [str(word) for word in generator.choice(GLUE + NOUNS + VERBS, int(generator.integers(3, 9)))]
    trigger = {0: [["how", "many"], ["what", "year"]], 1: [["who"]], 2: [["where"]], 3: [[], ["how"], ["what"], ["why"]]}
    chosen = trigger[kind][int(generator.integers(len(trigger[kind])))]
    # Halves of the two-word triggers stray into questions of every kind.
    strays = [str(word) for word in generator.choice(["how", "many", "what", "year"], int(generator.integers(0, 3)))]
    words = list(filler)
    for stray in strays:
        words.insert(int(generator.integers(len(words) + 1)), stray)
    at = int(generator.integers(0, 2))
    words[at:at] = chosen
    words = words[:LENGTH]
    return words, kind_of(words)


def kind_of(words: list[str]) -> int:
    """The kind that the rule at the top gives; the first trigger decides."""
    for word, following in zip(words, [*words[1:], ""]):
        if (word, following) in {("how", "many"), ("what", "year")}:
            return 0
        if word == "who":
            return 1
        if word == "where":
            return 2
    return 3


def ids_of(words: list[str]) -> list[int]:
    """[LENGTH] ids, padded with 0; unknown words are 1."""
    ids = [VOCABULARY.index(word) if word in VOCABULARY else 1 for word in words]
    return ids[:LENGTH] + [0] * (LENGTH - len(ids))


def make_questions(count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(ids [count, LENGTH] int64, kinds [count] int64)."""
    questions = [make_question(generator) for _ in range(count)]
    ids = np.array([ids_of(words) for words, _ in questions], np.int64)
    # A tenth of the other words is unknown, so that the id for them is trained too.
    unknown = (generator.random(ids.shape) < 0.05) & (ids >= 2 + len(TRIGGERS))
    return np.where(unknown, 1, ids), np.array([kind for _, kind in questions])


# Network


class Swapped(nn.Module):
    """[n, words, channels] -> [n, channels, words]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)


class Relu(nn.Module):
    """max(x, 0)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x)


class Strongest(nn.Module):
    """The largest value over the words: [n, channels, words] -> [n, channels]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.amax(2)


class Network(nn.Sequential):
    """[n, LENGTH] ids -> [n, 4] logits."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(VOCABULARY), 16, padding_idx=0)
        self.swapped = Swapped()
        self.pairs = nn.Conv1d(16, 24, 2)
        self.active = Relu()
        self.strongest = Strongest()
        self.logits = nn.Linear(24, len(KINDS))


# Training


def train(ids: torch.Tensor, kinds: torch.Tensor, epochs: int) -> Network:
    """AdamW on cross entropy in batches of 100; ids [n, LENGTH], kinds [n]."""
    network = Network().train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.005, weight_decay=0.02)
    for _ in range(epochs):
        for batch in torch.randperm(len(ids)).split(100):
            optimizer.zero_grad()
            loss = F.cross_entropy(network(ids[batch]), kinds[batch])
            loss.backward()
            optimizer.step()
    print(f"after {epochs} epochs: loss {loss.item():.4f}")
    return network.eval()


@torch.no_grad()
def accuracy(network: Network, ids: torch.Tensor, kinds: torch.Tensor) -> float:
    """The share of questions whose largest logit is that of their kind."""
    return (network(ids).argmax(1) == kinds).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()

    common.make_deterministic(args.seed, threads=1)
    ids, kinds = map(torch.from_numpy, make_questions(QUESTIONS, np.random.default_rng(args.seed)))
    network = train(ids[HELD_OUT:], kinds[HELD_OUT:], args.epochs)
    report = {"train": round(accuracy(network, ids[HELD_OUT:], kinds[HELD_OUT:]), 5),
              "test": round(accuracy(network, ids[:HELD_OUT], kinds[:HELD_OUT]), 5),
              "seed": args.seed, "epochs": args.epochs, "parameters": common.count_parameters(network),
              "trainRows": QUESTIONS - HELD_OUT, "testRows": HELD_OUT}
    print(report)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "model.onnx"
    common.export_onnx(network, ids[:2], "words", path)
    logits = common.run_onnx(path, np.array([ids_of(text.split()) for text in SAMPLES], np.int64))
    cases = [{"text": text, "kind": kind_of(text.split()), "ids": ids_of(text.split()), "logits": row.tolist(),
              "top": int(row.argmax())} for text, row in zip(SAMPLES, logits)]
    common.write_json(args.out / "expected.json", {"source": "logits: ONNX Runtime, CPU, float32", "cases": cases})
    common.write_json(args.out / "accuracy.json", report)
    common.write_lines(args.out / "labels.txt", KINDS)
    common.write_lines(args.out / "vocabulary.txt", VOCABULARY)
    common.write_lines(args.out / "samples.txt", SAMPLES)
    common.write_json(args.out / "samples.json", [ids_of(text.split()) for text in SAMPLES])


if __name__ == "__main__":
    main()
