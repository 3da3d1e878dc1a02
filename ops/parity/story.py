"""Records the story method's formulas in plain numpy, double precision, on random inputs: weights, blends, strengths.

Written from the paper's equations (and design decisions where the paper is silent), with none of the shortcuts of the
Swift code: vectors are mixed and compared as they are, latents are summed as they stand.
"""

import math
import pathlib
import random

import numpy
import torch

from recording import record


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    record_weights(folder, suffix, draw)
    record_blends(folder, suffix, draw)
    record_strengths(folder, suffix, draw)


def normal(numbers: numpy.random.Generator, shape: tuple) -> numpy.ndarray:
    """Random numbers that fp32 represents exactly, so that both sides begin with the same ones."""
    return numbers.normal(size=shape).astype(numpy.float32).astype(numpy.float64)


def cosine(a: numpy.ndarray, b: numpy.ndarray) -> float:
    length = numpy.linalg.norm(a) * numpy.linalg.norm(b)
    return float((a * b).sum() / length) if length > 0 else 0.0


def record_weights(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    """DIPW over a whole run, in both masks: scores, weights and mixtures."""
    numbers = numpy.random.default_rng(draw.randrange(2**31))
    steps, length, width = draw.randint(2, 12), draw.randint(4, 9), draw.choice([8, 12])
    counts = [draw.randint(1, length), draw.randint(1, length)]
    vectors = normal(numbers, (2, 1, length, width))
    lambdas = [draw.uniform(0, 2) for _ in range(3)]
    temperature = draw.choice([0.05, 0.5, 0.5, 3.0])
    similarities = numbers.uniform(-0.2, 0.6, size=(steps, 2))
    if draw.random() < 0.5:
        similarities[draw.randrange(1, steps), draw.randrange(2)] = math.nan
    texts = [vectors[p] * (numpy.arange(length) < counts[p])[None, :, None] for p in range(2)]
    outputs = {}
    for mask in ["dominant", "union"]:
        weights, mixtures, lengths, previous = [], [], [], None
        for step in range(steps):
            share = (step + 1) / steps
            sims = similarities[step] if step > 0 and numpy.isfinite(similarities[step]).all() else numpy.zeros(2)
            near = [0.0 if previous is None else cosine(text, previous) for text in texts]
            scores = [lambdas[0] * sims[p] + lambdas[1] * near[p] + lambdas[2] * (1 - share, share)[p] for p in (0, 1)]
            powers = [math.exp((score - max(scores)) / temperature) for score in scores]
            alpha = [power / sum(powers) for power in powers]
            previous, count = mixed(texts, counts, alpha, mask)
            weights.append(alpha), mixtures.append(previous), lengths.append(count)
        outputs |= {
            f"{mask}.weights": torch.tensor(weights, dtype=torch.float64),
            f"{mask}.mixtures": torch.tensor(numpy.stack(mixtures), dtype=torch.float64),
            f"{mask}.lengths": torch.tensor(lengths),
        }
    config = {"steps": steps, "counts": counts, "lambdas": lambdas, "temperature": temperature}
    inputs = {"scene": torch.tensor(vectors[0]).float(), "action": torch.tensor(vectors[1]).float(),
              "similarities": torch.tensor(similarities)}
    record(folder, f"story-weights-{suffix}", "story.weights", config, inputs, outputs, {})


def mixed(texts: list[numpy.ndarray], counts: list[int], alpha: list[float], mask: str) -> tuple[numpy.ndarray, int]:
    if mask == "dominant":
        return alpha[0] * texts[0] + alpha[1] * texts[1], counts[0] if alpha[0] >= alpha[1] else counts[1]
    # Per position, the weights of the prompts that have text there, renormalised.
    result = numpy.zeros_like(texts[0])
    for position in range(texts[0].shape[1]):
        present = [p for p in (0, 1) if position < counts[p]]
        total = sum(alpha[p] for p in present)
        for p in present:
            result[:, position] += alpha[p] / total * texts[p][:, position]
    return result, max(counts)


def boundary(latents: numpy.ndarray, decay: float) -> numpy.ndarray:
    """Equations 1 and 2: the tail and the weighted mean, added up."""
    frames = latents.shape[2]
    weights = numpy.array([decay ** (frames - 1 - frame) for frame in range(frames)])
    mean = sum(weight * latents[0, :, frame] for frame, weight in enumerate(weights / weights.sum()))
    return latents[0, :, frames - 1] + mean


def record_blends(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    numbers = numpy.random.default_rng(draw.randrange(2**31))
    shape = (1, draw.choice([4, 12]), draw.choice([1, 2, 5]), draw.randint(1, 4), draw.randint(1, 4))
    own, other = normal(numbers, shape), normal(numbers, shape)
    decay, strength, sigma = draw.choice([0.9, 0.5, 1.0]), draw.choice([0.0, draw.uniform(0, 0.5), 0.5]), draw.random()
    handed = boundary(other, decay)
    latent = own.copy()
    latent[0, :, 0] = strength * handed + (1 - 2 * strength) * own[0, :, 0]
    estimate = normal(numbers, own[0, :, 0].shape)
    drawn = strength * handed + (1 - 2 * strength) * estimate
    denoised = own.copy()
    denoised[0, :, 0] = own[0, :, 0] + (1 - sigma) * (drawn - estimate)
    tensors = {"own": own, "other": other, "estimate": estimate}
    outputs = {"boundary": handed, "latent": latent, "denoised": denoised}
    config = {"decay": decay, "strength": strength, "sigma": sigma}
    record(folder, f"story-blends-{suffix}", "story.blends", config,
           {name: torch.tensor(value).float() for name, value in tensors.items()},
           {name: torch.tensor(value) for name, value in outputs.items()}, {})


def schedule(steps: int) -> list[float]:
    from diffusers.pipelines.mochi.pipeline_mochi import linear_quadratic_schedule

    return [*linear_quadratic_schedule(steps, 0.025), 0.0]


def record_strengths(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    """g of every step, for every way of blending; and g of the actions' similarity."""
    steps = draw.choice([2, 3, 8, 64])
    sigmas = schedule(steps)
    gamma, until = draw.uniform(0, 0.49), draw.choice([0.0, 0.0, 0.5, 0.9])
    outputs = {}
    for handoff in ["stream", "final"]:
        for space in ["latent", "denoised"]:
            for kind in ["step", "path", "once"]:
                first = 0 if space == "latent" else 1
                row = [0.0] * steps
                for k in range(first, steps):
                    if sigmas[k] < until:
                        continue
                    if handoff == "final" and space == "latent":
                        row[k] = gamma if k == 0 else 0.0
                    elif kind == "step":
                        row[k] = gamma
                    elif kind == "once":
                        row[k] = gamma if k == first else 0.0
                    elif k > 0:
                        power = (sigmas[k - 1] - sigmas[k]) / (1 - sigmas[steps - 1])
                        row[k] = (1 - (1 - 2 * gamma) ** power) / 2
                outputs[f"{handoff}.{space}.{kind}"] = torch.tensor(row, dtype=torch.float64)
    pairs = [[draw.uniform(-1, 1), draw.uniform(-1, 1)] for _ in range(12)]
    for gate in ["none", "scene"]:
        rows = []
        for similarity, scenes in pairs:
            opened = 1.0 if gate == "none" else min(max((scenes - 0.5) / 0.5, 0), 1)
            rows.append(gamma * min(max(1 - similarity, 0), 1) * opened)
        outputs[f"actions.{gate}"] = torch.tensor(rows, dtype=torch.float64)
    config = {"steps": steps, "gamma": gamma, "until": until}
    record(folder, f"story-strengths-{suffix}", "story.strengths", config,
           {"pairs": torch.tensor(pairs, dtype=torch.float64)}, outputs, {})
