"""Records the measures of a story's video in plain numpy, double precision, on random frames and vectors."""

import pathlib
import random

import numpy
import torch

from recording import record


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    numbers = numpy.random.default_rng(draw.randrange(2**31))
    segments, frames, width = draw.randint(2, 5), draw.choice([3, 7, 13]), draw.choice([4, 16])
    height, columns = draw.randint(2, 6), draw.randint(2, 6)
    prompts = numbers.normal(size=(segments, 3, width)) * 3
    vectors = numbers.normal(size=(segments, frames, width)) + 1
    # Small steps and some large ones, so that both sides of the threshold are met.
    start = numbers.integers(0, 256, size=(1, height, columns, 3))
    scale = numbers.choice([2, 20, 90], size=(segments * frames, 1, 1, 1))
    steps = (numbers.normal(size=(segments * frames, height, columns, 3)) * scale).astype(int)
    shown = numpy.clip(start + steps.cumsum(axis=0), 0, 255).astype(numpy.uint8)
    shown = shown.reshape(segments, frames, height, columns, 3)

    def unit(x: numpy.ndarray) -> numpy.ndarray:
        return x / numpy.linalg.norm(x, axis=-1, keepdims=True)

    texts, seen = unit(prompts), unit(vectors)
    values = shown.astype(numpy.float64) / 255
    inside = numpy.abs(values[:, 2:] - values[:, 1:-1])  # d(n, f) for f = 1 … F-2, before any mean
    differences = shown.astype(int)[:, 2:] - shown.astype(int)[:, 1:-1]
    moved = (numpy.abs(differences) > 12).any(axis=-1)
    outputs = {
        "clipAdd": numpy.einsum("nfp,ntp->nft", seen, texts[:, :2]).mean(axis=(1, 2)),
        "clipCombined": numpy.einsum("nfp,np->nf", seen, texts[:, 2]).mean(axis=1),
        "frameConsistency": (seen[:, :-1] * seen[:, 1:]).sum(axis=-1).mean(axis=1),
        "motion": inside.mean(axis=(1, 2, 3, 4)),
        "movingArea": moved.mean(axis=(1, 2, 3)),
    }
    middles = unit(seen.mean(axis=1))
    entry = numpy.abs(values[1:, 0] - values[:-1, -1]).mean(axis=(1, 2, 3))
    second = numpy.abs(values[1:, 1] - values[1:, 0]).mean(axis=(1, 2, 3))
    outputs |= {
        "lastToFirst": entry, "firstToSecond": second, "seam": (entry + second) / (2 * inside.mean()),
        "segmentConsistency": (middles[:-1] * middles[1:]).sum(axis=-1),
        "borderConsistency": (seen[:-1, -1] * seen[1:, 0]).sum(axis=-1),
    }  # fmt: skip
    record(
        folder, f"evaluation-{suffix}", "evaluation", {"segments": segments, "frames": frames},
        {"prompts": torch.tensor(prompts), "vectors": torch.tensor(vectors), "frames": torch.tensor(shown)},
        {key: torch.tensor(value) for key, value in outputs.items()}, {})  # fmt: skip
