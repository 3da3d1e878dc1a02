"""Renders a story with the embedded model on the CPU and on the GPU: how far apart latents are, and how long it took.

    PROGRAMS=DIR python ops/gpu/story.py
"""

import os
import pathlib
import subprocess
import tempfile
import time

import torch
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).parents[2]
STORY = """
title: Two places
model: embedded
sampling: {steps: 32, seed: 3}
video: {width: 192, height: 128, frames: 25, fps: 12}
segments:
  - {scene: a corgi dog is in the park, action: a corgi dog is jumping}
  - {scene: a corgi dog is in the park, action: a corgi dog is running to the right}
"""


def rendered(folder: pathlib.Path, device: str, precision: str) -> torch.Tensor:
    latents, start = folder / f"{device}-{precision}", time.monotonic()
    done = subprocess.run(
        [pathlib.Path(os.environ["PROGRAMS"], "storyfarm-worker"), "story", folder / "story.yaml", "--model",
         ROOT / "ops/embedded-model/model", "--device", device, "--precision", precision, "--save-latents", latents,
         "--output", folder / "story.mp4"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{device}, {precision}: status {done.returncode}: {done.stderr[-800:]}")
    print(f"{device}, {precision}: {time.monotonic() - start:.1f} s", flush=True)
    return torch.cat([load_file(file)["latents"].float() for file in sorted(latents.iterdir())])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "story.yaml").write_text(STORY)
        expected = rendered(folder, "cpu", "fp32")
        for device, precision in [("cuda:0", "fp32"), ("cuda:0", "bf16")]:
            found = rendered(folder, device, precision)
            difference = float((found - expected).norm() / expected.norm())
            print(f"{device}, {precision}: {difference:.1e} from the CPU's fp32")


main()
