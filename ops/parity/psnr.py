"""How much bf16 costs a trained model: PSNR of final frames against the same implementation in fp32.

    python ops/parity/psnr.py MODEL [--prompts FILE] [--steps 64] [--guidance 4.5]

For each prompt, the worker and diffusers' MochiPipeline render from the same latents, each in bf16 and in fp32. Higher
is better; the pipeline keeps its latents in bf16 too, which stands still for most of the first half of its steps.
"""

import argparse
import math
import os
import pathlib
import statistics

os.environ["HF_HUB_OFFLINE"] = "1"

import torch

import pipeline
import worker


def main() -> None:
    arguments = parse()
    torch.set_num_threads(2)
    prompts = arguments.prompts.read_text().splitlines()
    references = {
        name: pipeline.load_pipeline(arguments.model, dtype)
        for name, dtype in [("fp32", torch.float32), ("bf16", torch.bfloat16)]
    }
    shape = (1, 12, (arguments.frames - 1) // 6 + 1, arguments.height // 8, arguments.width // 8)
    print(f"{arguments.model.name}: latents {shape}, {arguments.steps} steps, guidance {arguments.guidance}")
    print(f"{'prompt':50} {'worker':>9} {'diffusers':>9}  dB")
    ours, theirs = [], []
    for number, prompt in enumerate(prompts):
        request = {"prompt": prompt, "negative": ""} | {
            key: getattr(arguments, key) for key in ["width", "height", "frames", "steps", "guidance"]
        }
        latents = torch.randn(shape, generator=torch.Generator().manual_seed(number))
        frames = [worker.segment(arguments.model, request, latents, name, "genmo")["frames"] for name in references]
        ours.append(psnr(*frames))
        with torch.no_grad():
            frames = [pipeline.run(item, request, latents)["frames.genmo"] for item in references.values()]
        theirs.append(psnr(*frames))
        print(f"{prompt[:50]:50} {ours[-1]:9.2f} {theirs[-1]:9.2f}", flush=True)
    for name, pick in [("median", statistics.median), ("worst", min), ("mean", statistics.fmean)]:
        print(f"{name:50} {pick(ours):9.2f} {pick(theirs):9.2f}")


def psnr(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Of colours in 0…1, in dB."""
    error = (found.double() - expected.double()).pow(2).mean().item()
    return math.inf if error == 0 else -10 * math.log10(error)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--prompts", type=pathlib.Path, default=pathlib.Path(__file__).parent / "prompts.txt")
    for option, default in [("width", 96), ("height", 64), ("frames", 25), ("steps", 64)]:
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--guidance", type=float, default=4.5)
    worker.require_program()
    return parser.parse_args()


if __name__ == "__main__":
    main()
