"""Times diffusers' Mochi transformer of full size with random bf16 weights on a GPU, guided as in MochiPipeline."""

import argparse
import statistics
import time

import torch
from diffusers import MochiTransformer3DModel

TOKENS, PADDED = 64, 256


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in [("width", 848), ("height", 480), ("frames", 163), ("steps", 2), ("rounds", 3)]:
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    device = torch.device("cuda")
    torch.set_default_dtype(torch.bfloat16)
    with device:
        model = MochiTransformer3DModel().eval()
        latents = torch.randn(1, 12, (options.frames - 1) // 6 + 1, options.height // 8, options.width // 8)
        features = torch.randn(2, PADDED, model.config.text_embed_dim)
        mask = torch.arange(PADDED)[None] < torch.tensor([[0], [TOKENS]])
    print(f"diffusers, {options.width}x{options.height}, {options.frames} frames, bf16, torch {torch.__version__}")
    times = []
    for number in range(options.rounds + 1):
        torch.cuda.synchronize()
        start = time.monotonic()
        for step in range(options.steps):
            moment = torch.full((2,), 1000 * step / 64, device=device)
            velocity = model(torch.cat([latents] * 2), features, moment, mask, return_dict=False)[0].float()
            without, with_prompt = velocity.chunk(2)
            latents = (latents.float() + (without + 4.5 * (with_prompt - without)) / 1280).to(latents.dtype)
        torch.cuda.synchronize()
        times.append((time.monotonic() - start) / options.steps)
        print("warm-up" if number == 0 else f"round {number}", times[-1], "s per step", flush=True)
    peak = torch.cuda.max_memory_allocated()
    print(f"median {statistics.median(times[1:])} s, peak of the GPU's memory {peak} bytes")


main()
