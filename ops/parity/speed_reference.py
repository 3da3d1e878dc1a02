"""The reference implementation, resident: times one round per line of standard input, as `MochiBench --resident` does.

    python ops/parity/speed_reference.py FOLDER denoise|decode fp32|bf16 THREADS
"""

import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import torch
from diffusers import AutoencoderKLMochi, FlowMatchEulerDiscreteScheduler, MochiTransformer3DModel
from diffusers.pipelines.mochi.pipeline_mochi import linear_quadratic_schedule
from safetensors.torch import load_file

GUIDANCE = 4.5
# What MochiPipeline pads prompts to unless it is told otherwise.
PADDED = 256


def resident(key: str) -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))


def padded(features: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Features and mask as MochiPipeline makes them of a prompt."""
    count = features.shape[1]
    whole = torch.zeros(1, length, features.shape[2], dtype=features.dtype)
    whole[:, :count] = features
    return whole, (torch.arange(length) < count)[None]


def denoise(model, inputs: dict, negative: torch.Tensor, length: int, steps: int) -> float:
    """The loop of MochiPipeline with guidance: both prompts are one batch."""
    latents = inputs["latents"].to(model.dtype)
    prompts = [padded(negative, length), padded(inputs["prompt"], length)]
    embeddings = torch.cat([prompt[0] for prompt in prompts]).to(model.dtype)
    mask = torch.cat([prompt[1] for prompt in prompts])
    scheduler = FlowMatchEulerDiscreteScheduler(invert_sigmas=True)
    scheduler.set_timesteps(sigmas=numpy.array(linear_quadratic_schedule(64, 0.025)))
    scheduler.set_begin_index(0)
    start = time.monotonic()
    for moment in scheduler.timesteps[:steps]:
        pair = torch.cat([latents] * 2)
        velocity = model(
            hidden_states=pair,
            encoder_hidden_states=embeddings,
            timestep=moment.expand(2).to(latents.dtype),
            encoder_attention_mask=mask,
            return_dict=False,
        )[0].to(torch.float32)
        without, with_prompt = velocity.chunk(2)
        velocity = without + GUIDANCE * (with_prompt - without)
        latents = scheduler.step(velocity, moment, latents.to(torch.float32), return_dict=False)[0].to(latents.dtype)
    return time.monotonic() - start


def decode(model, inputs: dict) -> float:
    """The end of MochiPipeline: latents to frames 0…1."""
    start = time.monotonic()
    latents = inputs["latents"].to(model.dtype)
    mean = torch.tensor(model.config.latents_mean).view(1, 12, 1, 1, 1).to(latents.dtype)
    std = torch.tensor(model.config.latents_std).view(1, 12, 1, 1, 1).to(latents.dtype)
    video = model.decode(latents * std / model.config.scaling_factor + mean, return_dict=False)[0]
    ((video / 2) + 0.5).clamp(0, 1).permute(0, 2, 1, 3, 4).float()
    return time.monotonic() - start


@torch.no_grad()
def main() -> None:
    folder, part, precision, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    started = resident("VmRSS:")
    kind, name = (MochiTransformer3DModel, "transformer") if part == "denoise" else (AutoencoderKLMochi, "vae")
    dtype = torch.float32 if precision == "fp32" else torch.bfloat16
    model = kind.from_pretrained(f"{folder}/{name}", torch_dtype=dtype).eval()
    inputs = load_file(f"{folder}/inputs.safetensors")
    loaded = resident("VmRSS:")
    print(f"ready torch {torch.__version__} threads {torch.get_num_threads()} dtype {model.dtype}", flush=True)
    for line in sys.stdin:
        match line.split():
            case ["denoise", negative, steps]:
                # "whole": no padding either, as both prompts have the same number of tokens.
                features = inputs["negative"][:, :0] if negative == "none" else inputs["negative"]
                length = features.shape[1] if negative == "whole" else PADDED
                print(denoise(model, inputs, features, length, int(steps)), flush=True)
            case ["decode", _]:
                print(decode(model, inputs), flush=True)
            case ["forget-peak"]:
                with open("/proc/self/clear_refs", "w") as file:
                    file.write("5")
                print("forgotten", flush=True)
            case ["memory"]:
                print(started, loaded, resident("VmHWM:"), flush=True)


main()
