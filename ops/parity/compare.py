"""Compares whole runs with diffusers' MochiPipeline on any model folder, in fp32, from the same latents.

    python ops/parity/compare.py MODEL [--prompt TEXT …] [--width W --height H --frames F --steps S --guidance G]

For each prompt: the largest difference of the prompt's vectors (where there is text), of the finished latents, and of
the frames in both forms of decoding, relative to the largest element. Needs the worker's release build.
"""

import argparse
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch

import pipeline
import worker

ALLOWED = {"embeddings": 1e-5, "latents": 1e-3, "frames.genmo": 1e-3, "frames.diffusers": 1e-3}


def main() -> int:
    arguments = parse()
    torch.set_num_threads(2)
    reference = pipeline.load_pipeline(arguments.model, torch.float32)
    shape = (1, 12, (arguments.frames - 1) // 6 + 1, arguments.height // 8, arguments.width // 8)
    print(f"{arguments.model.name}: latents {shape}, {arguments.steps} steps, guidance {arguments.guidance}")
    print(f"{'prompt':40} " + " ".join(f"{name:>17}" for name in ALLOWED))
    is_equal = True
    for number, prompt in enumerate(arguments.prompt):
        request = {"prompt": prompt} | {
            key: getattr(arguments, key) for key in ["negative", "width", "height", "frames", "steps", "guidance"]
        }
        latents = torch.randn(shape, generator=torch.Generator().manual_seed(number))
        with torch.no_grad():
            expected = pipeline.run(reference, request, latents)
        found = {}
        for form in ["genmo", "diffusers"]:
            ours = worker.segment(arguments.model, request, latents, "fp32", form)
            found |= {"latents": ours["latents"], f"frames.{form}": ours["frames"]}
            mask = ours["prompt_mask"].bool()
        assert torch.equal(mask, expected["mask"])
        found["embeddings"], expected["embeddings"] = ours["prompt_embeds"][mask], expected["embeddings"][mask]
        differences = [relative(found[name], expected[name]) for name in ALLOWED]
        is_equal &= all(value <= ALLOWED[name] for name, value in zip(ALLOWED, differences))
        print(f"{prompt[:40]:40} " + " ".join(f"{value:17.1e}" for value in differences), flush=True)
    print(f"{'allowed':40} " + " ".join(f"{value:17.0e}" for value in ALLOWED.values()))
    return 0 if is_equal else 1


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    assert found.shape == expected.shape, (found.shape, expected.shape)
    return ((found.double() - expected.double()).abs().max() / expected.abs().max()).item()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--prompt", nargs="*", default=["a corgi dog is in the park", "a fox is jumping"])
    parser.add_argument("--negative", default="")
    for option, default in [("width", 96), ("height", 64), ("frames", 25), ("steps", 64)]:
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--guidance", type=float, default=4.5)
    worker.require_program()
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
