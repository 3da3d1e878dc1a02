"""Records diffusers' Mochi transformer: its parts, the whole of it, and the sampler's loop around it."""

import pathlib
import random

import numpy
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, MochiTransformer3DModel
from diffusers.pipelines.mochi.pipeline_mochi import linear_quadratic_schedule

from recording import record


def draw_model(draw: random.Random) -> tuple[MochiTransformer3DModel, dict]:
    """A small random transformer; every weight is drawn, also those that start as zeros or ones."""
    config = {
        "patch_size": draw.choice([1, 2]),
        "num_attention_heads": draw.choice([1, 2, 3]),
        "attention_head_dim": draw.choice([4, 6, 8]),
        "num_layers": draw.choice([2, 3]),
        "pooled_projection_dim": draw.choice([6, 8, 12]),
        "in_channels": 12,
        "text_embed_dim": draw.choice([8, 16]),
        "time_embed_dim": draw.choice([8, 16]),
        "max_sequence_length": 12,
    }
    model = MochiTransformer3DModel(**config).eval()
    for name, parameter in model.named_parameters():
        if "norm_q" in name or "norm_k" in name or "norm_added" in name:
            parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
        elif name == "pos_frequencies":
            parameter.copy_(torch.randn_like(parameter))
        else:
            fan = parameter[0].numel() if parameter.dim() > 1 else 4
            parameter.copy_(torch.randn_like(parameter) / fan**0.5)
    return model, config


def draw_input(draw: random.Random, config: dict) -> tuple[torch.Tensor, torch.Tensor, int]:
    patch = config["patch_size"]
    frames, height, width = draw.randint(1, 3), patch * draw.randint(1, 3), patch * draw.randint(1, 4)
    latents = torch.randn(1, 12, frames, height, width)
    valid = draw.choice([1, config["max_sequence_length"], draw.randint(2, config["max_sequence_length"] - 1)])
    features = torch.randn(1, config["max_sequence_length"], config["text_embed_dim"])
    return latents, features, valid


def mask_of(valid: int, length: int) -> torch.Tensor:
    return (torch.arange(length) < valid)[None]


def run(model, latents, features, valid, timestep):
    length = model.config.max_sequence_length
    return model(
        hidden_states=latents,
        encoder_hidden_states=features,
        timestep=torch.tensor([timestep]),
        encoder_attention_mask=mask_of(valid, length),
        return_dict=False,
    )[0]


def record_parts(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    model, config = draw_model(draw)
    latents, features, valid = draw_input(draw, config)
    mask = mask_of(valid, config["max_sequence_length"])
    patch = config["patch_size"]
    _, _, frames, height, width = latents.shape
    rope = model.rope(model.pos_frequencies, frames, height // patch, width // patch, dtype=torch.float32)
    timestep = draw.uniform(0, 1000)
    conditioning, text = model.time_embed(torch.tensor([timestep]), features, mask, hidden_dtype=torch.float32)
    visual = torch.randn(1, rope[0].shape[0], model.inner_dim if hasattr(model, "inner_dim") else conditioning.shape[1])
    first, last = model.transformer_blocks[0], model.transformer_blocks[-1]
    x, y = first(visual, text, conditioning, mask, rope)
    final, _ = last(visual, text, conditioning, mask, rope)
    record(
        folder, f"dit-parts-{suffix}", "dit.parts",
        config | {"valid": valid, "timestep": timestep, "frames": frames, "height": height // patch,
                  "width": width // patch},
        {"visual": visual, "text": text[:, :valid], "features": features[:, :valid], "conditioning": conditioning},
        {"cosine": rope[0], "sine": rope[1], "conditioning": conditioning, "text": text[:, :valid],
         "first.visual": x, "first.text": y[:, :valid], "last.visual": final},
        dict(model.state_dict()),
    )


def record_whole(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    model, config = draw_model(draw)
    latents, features, valid = draw_input(draw, config)
    timestep = draw.uniform(0, 1000)
    record(
        folder, f"dit-whole-{suffix}", "dit.whole", config | {"valid": valid, "timestep": timestep},
        {"latents": latents, "features": features[:, :valid]},
        {"velocity": run(model, latents, features, valid, timestep),
         "unconditional": run(model, latents, features, 0, timestep)},
        dict(model.state_dict()),
    )


def record_sampler(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    """The loop of MochiPipeline with fp32 latents: schedule, guidance, Euler."""
    model, config = draw_model(draw)
    latents, features, valid = draw_input(draw, config)
    steps, guidance = draw.choice([(64, 4.5), (64, 6.0), (64, 1.0)]) if suffix != "1" else (64, 4.5)
    scheduler = FlowMatchEulerDiscreteScheduler(invert_sigmas=True)
    scheduler.set_timesteps(sigmas=numpy.array(linear_quadratic_schedule(steps, 0.025)))
    start = latents
    for timestep in scheduler.timesteps:
        velocity = run(model, latents, features, valid, timestep)
        if guidance > 1:
            without = run(model, latents, features, 0, timestep)
            velocity = without + guidance * (velocity - without)
        latents = scheduler.step(velocity, timestep, latents, return_dict=False)[0]
    record(
        folder, f"dit-sampler-{suffix}", "dit.sampler",
        config | {"valid": valid, "steps": steps, "guidance": guidance},
        {"latents": start, "features": features[:, :valid]},
        {"latents": latents, "sigmas": 1 - scheduler.sigmas},
        dict(model.state_dict()),
    )


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    record_parts(folder, suffix, draw)
    record_whole(folder, suffix, draw)
    record_sampler(folder, suffix, draw)
