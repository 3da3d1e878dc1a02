"""Trains the probe: a classifier of place, characters and action, on rendered clips and never on generated ones.

    python ops/embedded-model/train_probe.py [--steps 1000] [--state DIR]
"""

import pathlib
import random

import numpy
import safetensors.torch
import torch

import state
import world

# Every other frame at half of the full size: 13 frames of 96x64.
STRIDE = 2
CLIPS, BATCH, RATE, WARM_UP = 2400, 24, 1.5e-3, 100
TEST_CLIPS = 200
REPORT_EVERY = 50
# What is judged, and the classes of each; a clip without a partner has class None.
CLASSES: dict[str, list[str | None]] = {
    "scene": list(world.SCENES),
    "character": list(world.CHARACTERS),
    "partner": [None, *world.CHARACTERS],
    "action": list(world.ACTIONS),
}


class Probe(torch.nn.Module):
    """Convolutions over space and time, then a class per question.

    Shapes: `[B, 3, 13, 64, 96]` from -1 to 1 to `[B, classes]` per question.
    """

    def __init__(self) -> None:
        super().__init__()
        layers, width = [], 3
        for out, kernel, stride in (
            (24, (1, 5, 5), (1, 2, 2)), (48, (1, 3, 3), (1, 2, 2)), (64, (3, 3, 3), (1, 2, 2)),
            (96, (3, 3, 3), (2, 1, 1)), (128, (3, 3, 3), (2, 2, 2)),
        ):  # fmt: skip
            padding = tuple(extent // 2 for extent in kernel)
            layers += [
                torch.nn.Conv3d(width, out, kernel, stride, padding, bias=False), torch.nn.BatchNorm3d(out),
                torch.nn.ReLU(),
            ]  # fmt: skip
            width = out
        self.features = torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool3d((2, 2, 3)), torch.nn.Flatten())
        self.mix = torch.nn.Sequential(torch.nn.Linear(width * 12, 256), torch.nn.ReLU(), torch.nn.Dropout(0.3))
        self.heads = torch.nn.ModuleDict({key: torch.nn.Linear(256, len(names)) for key, names in CLASSES.items()})

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        x = self.mix(self.features(x))
        return {key: head(x) for key, head in self.heads.items()}


def halved(frames: numpy.ndarray) -> numpy.ndarray:
    """Bytes `[F, 128, 192, 3]` to `[F, 64, 96, 3]`, each pixel the mean of four."""
    frames = frames.astype(numpy.uint16)
    rows = frames[:, ::2] + frames[:, 1::2]
    return ((rows[:, :, ::2] + rows[:, :, 1::2] + 2) // 4).astype(numpy.uint8)


def inputs(clips: numpy.ndarray) -> torch.Tensor:
    """Bytes `[B, 13, 64, 96, 3]` to what the probe takes."""
    return torch.from_numpy(clips).movedim(-1, 1).float() / 127.5 - 1


def worn(x: torch.Tensor) -> torch.Tensor:
    """Noise and blur, so that the probe judges what is shown, not how sharply."""
    for index in range(len(x)):
        if torch.rand(()) < 0.4:
            small = torch.nn.functional.avg_pool3d(x[index : index + 1], (1, 2, 2))
            x[index] = torch.nn.functional.interpolate(small, x.shape[2:], mode="trilinear")[0]
    return x * (0.85 + 0.3 * torch.rand(len(x), 1, 1, 1, 1)) + 0.05 * torch.randn_like(x)


def targets(labels: list[world.Labels]) -> dict[str, torch.Tensor]:
    return {
        key: torch.tensor([names.index(getattr(label, key)) for label in labels]) for key, names in CLASSES.items()
    }


def rendered(kind: str, count: int, held_out: bool | None) -> tuple[numpy.ndarray, list[world.Labels]]:
    frames, labels = [], []
    for number in range(count):
        clip = world.sample(f"{kind}/{number}", held_out, frames=range(0, world.FRAMES, STRIDE))
        frames.append(halved(clip.frames))
        labels.append(clip.labels)
    return numpy.stack(frames), labels


@torch.no_grad()
def answers(probe: Probe, clips: numpy.ndarray) -> dict[str, torch.Tensor]:
    """The class that the probe sees in each clip."""
    parts = [probe(inputs(clips[start : start + BATCH])) for start in range(0, len(clips), BATCH)]
    return {key: torch.cat([part[key].argmax(-1) for part in parts]) for key in CLASSES}


def accuracy(seen: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> dict[str, float]:
    return {key: (seen[key] == right[key]).float().mean().item() for key in CLASSES}


def load(state_folder) -> Probe:
    """The trained one of a state folder, or of ops/ablation/judges."""
    probe = Probe()
    probe.load_state_dict(safetensors.torch.load_file(state_folder / "probe" / "trained.safetensors"))
    return probe.eval()


def keep(probe: Probe, path: pathlib.Path) -> None:
    """Matrices and kernels in 16 bits; statistics stay as they are."""
    weights = {
        key: value.half() if value.is_floating_point() and value.dim() > 1 else value
        for key, value in probe.state_dict().items()
    }
    safetensors.torch.save_file(weights, path)


def main() -> None:
    options = state.arguments(__doc__, steps=1000).parse_args()
    torch.set_num_threads(options.threads)
    folder = options.state / "probe"
    log = state.Log(folder / "log.jsonl")
    torch.manual_seed(0)
    probe = Probe()
    optimizer = torch.optim.AdamW(probe.parameters(), RATE, weight_decay=0.02)
    step, clock = 0, state.Clock()
    if found := state.load(folder / "checkpoint.pt"):
        probe.load_state_dict(found["model"])
        optimizer.load_state_dict(found["optimizer"])
        step, clock = found["step"], state.Clock(found["seconds"])
    # Held-out combinations are no secret to the judge.
    clips, labels = rendered("probe", CLIPS, None)
    right, recent = targets(labels), []
    while step < options.steps:
        torch.manual_seed(step)
        rate = RATE * min(1, (step + 1) / WARM_UP) * min(1, max(0.01, (1 - step / options.steps) / 0.7))
        optimizer.param_groups[0]["lr"] = rate
        picks = random.Random(f"probe/{step}").sample(range(CLIPS), BATCH)
        with state.autocast():
            logits = probe(worn(inputs(clips[picks])))
        loss = sum(torch.nn.functional.cross_entropy(logits[key].float(), right[key][picks]) for key in CLASSES)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        recent.append(loss.item())
        if step % REPORT_EVERY == 0:
            log(step=step, seconds=clock.seconds, loss=sum(recent) / len(recent))
            recent = []
        if clock.is_time_to_save():
            state.save(folder / "checkpoint.pt", {
                "model": probe.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                "seconds": clock.seconds,
            })  # fmt: skip
    keep(probe, folder / "trained.safetensors")
    probe.eval()
    for name, held_out in (("seen combinations", False), ("held-out combinations", True)):
        clips, labels = rendered(f"probe test/{name}", TEST_CLIPS, held_out)
        log(clips=name, **accuracy(answers(probe, clips), targets(labels)))


if __name__ == "__main__":
    main()
