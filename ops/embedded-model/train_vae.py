"""Trains the autoencoder on crops of rendered clips, at both sizes that the transformer learns from.

    python ops/embedded-model/train_vae.py [--freeze 3600] [--steps 6000] [--state DIR]

From step `--freeze` on the encoder stands still, so that clips can be encoded and the transformer trained while the
decoder goes on learning.
"""

import random

import numpy
import torch

import muon
import state
import vae
import world

# Of matrices and kernels, by Muon; of everything else, by AdamW; and how much of both once the encoder is frozen.
MATRIX_RATE, RATE, FROZEN_SHARE, WARM_UP = 1e-2, 1e-3, 0.5, 50
# Standard deviation of the noise on latents at most, at first and in the end.
NOISE = (0.05, 0.2)
# Of the crops; figures are a tenth of a picture and all of what it is about.
FOREGROUND_SHARE, FOREGROUND_WEIGHT = 0.85, 5
# Frames, height and width of crops, their number, and the height of the frames that they are taken from. Longer ones
# teach what a moving past looks like, whole frames the statistics that normalisation will meet.
SHAPES = [(7, 64, 64, 3, 128), (13, 48, 48, 3, 128), (7, 128, 192, 1, 128), (13, 64, 96, 1, 64)]
GRADIENT_WEIGHT, DIVERGENCE_WEIGHT = 0.5, 1e-4
REPORT_EVERY, LOOK_EVERY = 50, 500


def crop(seed: str, length: int, height: int, width: int, whole: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Bytes `[length, height, width, 3]`, and where something is in front of the background."""
    chance = random.Random(seed)
    start = chance.randrange(world.FRAMES - length + 1)
    clip = world.sample(
        chance.getrandbits(40), None, width=whole * 3 // 2, height=whole, frames=range(start, start + length))
    mask = numpy.abs(clip.frames.astype(int) - clip.background).max(-1) > 10
    lowest, rightmost = whole - height, whole * 3 // 2 - width
    top, left = chance.randint(0, lowest), chance.randint(0, rightmost)
    if chance.random() < FOREGROUND_SHARE and mask.any():
        y, x = chance.choice(numpy.argwhere(mask.any(0)).tolist())
        top, left = min(max(y - height // 2, 0), lowest), min(max(x - width // 2, 0), rightmost)
    return clip.frames[:, top : top + height, left : left + width], mask[:, top : top + height, left : left + width]


def batch(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    length, height, width, count, whole = SHAPES[step % len(SHAPES)]
    crops = [crop(f"vae/{step}/{number}", length, height, width, whole) for number in range(count)]
    x = vae.pixels(numpy.stack([frames for frames, _ in crops]))
    return x, torch.from_numpy(numpy.stack([mask for _, mask in crops]))[:, None].float()


def differences(x: torch.Tensor) -> list[torch.Tensor]:
    return [x.diff(dim=dimension) for dimension in (2, 3, 4)]


def losses(
    model, x: torch.Tensor, mask: torch.Tensor, noise: float, frozen: bool
) -> tuple[torch.Tensor, dict[str, float]]:
    with state.autocast():
        with torch.set_grad_enabled(not frozen):
            latents = model.encode(x).latent_dist
        noisy = latents.mean + torch.randn_like(latents.mean) * latents.std.clamp(max=noise)
        y = model.decode(noisy).sample.float()
    error = (y - x).abs()
    rebuilt = ((error + error.square()) * (1 + (FOREGROUND_WEIGHT - 1) * mask)).mean()
    edges = sum((a - b).abs().mean() for a, b in zip(differences(y), differences(x)))
    mean, logvar = latents.mean.float(), latents.logvar.float()
    divergence = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
    loss = rebuilt + GRADIENT_WEIGHT * edges + DIVERGENCE_WEIGHT * divergence
    figures = {
        "l1": error.mean().item(),
        "foreground": ((error * mask).sum() / (3 * mask.sum() + 1)).item(),
        "edges": edges.item(),
        "divergence": divergence.item(),
        "spread": mean.std().item(),
    }
    return loss, figures


def look(model, path) -> float:
    """Draws rendered clips above their reconstructions; returns the peak signal-to-noise ratio in dB."""
    clips = [world.sample(f"look/{number}", None).frames for number in range(4)]
    rebuilt = [vae.decoded(model, vae.encoded(model, clip[None]))[0] for clip in clips]
    error = numpy.mean([(a.astype(float) - b) ** 2 for a, b in zip(clips, rebuilt)])
    pairs = [frames for pair in zip(clips, rebuilt) for frames in pair]
    world.contact_sheet(pairs, 5).save(path)
    return float(10 * numpy.log10(255**2 / error))


def main() -> None:
    options = state.arguments(__doc__, freeze=3600, steps=6000).parse_args()
    torch.set_num_threads(options.threads)
    path = options.state / "vae" / "checkpoint.pt"
    log = state.Log(options.state / "vae" / "log.jsonl")
    torch.manual_seed(0)
    model = vae.fresh()
    kernels, others = ([p for p in model.parameters() if (p.ndim > 1) == is_kernel] for is_kernel in (True, False))
    optimizers = [muon.Muon(kernels, MATRIX_RATE), torch.optim.AdamW(others, RATE, weight_decay=0)]
    step, clock = 0, state.Clock()
    if found := state.load(path):
        model.load_state_dict(found["model"])
        for optimizer, content in zip(optimizers, found["optimizers"]):
            optimizer.load_state_dict(content)
        step, clock = found["step"], state.Clock(found["seconds"])

    def save() -> None:
        state.save(path, {
            "model": model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            "step": step, "seconds": clock.seconds,
        })  # fmt: skip
        model.save_pretrained(options.state / "vae" / "trained")

    recent = []
    while step < options.steps:
        torch.manual_seed(step)
        frozen = step >= options.freeze
        noise = NOISE[0] + (NOISE[1] - NOISE[0]) * min(1, step / options.freeze)
        loss, figures = losses(model, *batch(step), noise, frozen)
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        share = rate(step, options.freeze, options.steps)
        for optimizer, base in zip(optimizers, (MATRIX_RATE, RATE)):
            optimizer.param_groups[0]["lr"] = base * share
            optimizer.step()
        step += 1
        recent.append(figures)
        if step % REPORT_EVERY == 0:
            log(step=step, seconds=clock.seconds, **{k: sum(f[k] for f in recent) / len(recent) for k in figures})
            recent = []
        if step % LOOK_EVERY == 0:
            log(step=step, decibels=look(model, options.state / "vae" / "look.png"))
        if step == options.freeze:
            save()
            model.save_pretrained(options.state / "vae" / "encoder")
        elif clock.is_time_to_save():
            save()
    save()


def rate(step: int, freeze: int, steps: int) -> float:
    """Falls to almost nothing twice: until the encoder is finished, and again until the decoder is."""
    if step < freeze:
        return min(1, (step + 1) / WARM_UP) * min(1, max(0.02, (1 - step / freeze) / 0.6))
    return FROZEN_SHARE * min(1, (step - freeze + 1) / WARM_UP) * max(0.01, (steps - step) / (steps - freeze))


if __name__ == "__main__":
    main()
