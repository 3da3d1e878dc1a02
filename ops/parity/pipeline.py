"""Records whole runs of diffusers' MochiPipeline on small model folders: prompt to latents to frames.

Each folder stores its components as published models come: the transformer in fp32 shards with an index, the
autoencoder in bf16, the text encoder in fp16. Beside it lies the same model in the authors' original files, converted
back; diffusers' own converter confirms that.
"""

import inspect
import json
import os
import pathlib
import random
import shutil

import torch
from diffusers import AutoencoderKLMochi, FlowMatchEulerDiscreteScheduler, MochiPipeline, MochiTransformer3DModel
from diffusers.loaders import single_file_utils
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, T5Config, T5EncoderModel, T5TokenizerFast

from recording import record
from vae import dropping_surplus_frames_at_once

WORDS = "a corgi dog is running in the park while two foxes are sitting on the beach at night".split()
PROMPT_LENGTH = 24


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    model = folder / f"model-{suffix}"
    transformer, vae, text_encoder = draw_components(draw)
    shutil.rmtree(model, ignore_errors=True)
    write_folder(model, transformer, vae, text_encoder)
    write_clip(model / "clip", folder / "clip-tokenizer")
    write_original(folder / f"original-{suffix}", model, transformer, vae)
    pipeline = load_pipeline(model, torch.float32, tokenizer=folder / "tokenizer")
    frames, height, width = draw.choice([1, 7, 7, 13]), 16 * draw.randint(1, 2), 16 * draw.randint(1, 3)
    request = {
        "prompt": " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 7))),
        "negative": draw.choice(["", "the beach at night"]),
        "guidance": draw.choice([1.0, 4.5, 6.0]),
        "steps": draw.randint(4, 9),
        "width": width,
        "height": height,
        "frames": frames,
    }
    if suffix == "1":
        request |= {"negative": "", "guidance": 4.5, "frames": 7}  # As most people call it.
    if suffix == "2":
        request |= {"negative": "the beach at night", "guidance": 6.0}
    latents = torch.randn(1, 12, (request["frames"] - 1) // 6 + 1, height // 8, width // 8)
    outputs = run(pipeline, request, latents)
    record(folder, f"pipeline-{suffix}", "pipeline", request | {"model": model.name}, {"latents": latents}, outputs, {})


def draw_components(draw: random.Random) -> tuple:
    caption, channels = draw.choice([16, 32]), 12
    transformer = MochiTransformer3DModel(
        patch_size=2, num_attention_heads=draw.choice([1, 2]), attention_head_dim=8, num_layers=2,
        pooled_projection_dim=draw.choice([8, 12]), in_channels=channels, text_embed_dim=caption,
        time_embed_dim=16, max_sequence_length=PROMPT_LENGTH,
    ).eval()
    for name, weight in transformer.named_parameters():
        fan = weight[0].numel() if weight.dim() > 1 else 4
        weight.copy_(torch.randn_like(weight) / fan**0.5 + (1 if "norm_q" in name or "norm_k" in name else 0))
    vae = AutoencoderKLMochi(
        encoder_block_out_channels=(32, 32, 32, 32), decoder_block_out_channels=(32, 32, 32, 32),
        layers_per_block=draw.choice([(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 1)]),
        add_attention_block=(False, False, False, False, False),
    ).eval()
    text_encoder = T5EncoderModel(
        T5Config(
            vocab_size=640, d_model=caption, d_kv=4, d_ff=24, num_layers=2, num_heads=2,
            feed_forward_proj="gated-gelu", dropout_rate=0.0,
        )
    ).eval()
    for name, weight in text_encoder.named_parameters():
        if "shared" in name:
            weight.normal_(std=3)
    return transformer, vae.to(torch.bfloat16), text_encoder.half()


def write_folder(folder: pathlib.Path, transformer, vae, text_encoder) -> None:
    transformer.save_pretrained(folder / "transformer", max_shard_size="16KB")
    vae.save_pretrained(folder / "vae")
    text_encoder.save_pretrained(folder / "text_encoder")
    FlowMatchEulerDiscreteScheduler(invert_sigmas=True).save_pretrained(folder / "scheduler")
    index = {"_class_name": "MochiPipeline", "force_zeros_for_empty_prompt": True}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    os.symlink("../tokenizer", folder / "tokenizer")


def write_clip(folder: pathlib.Path, tokenizer: pathlib.Path) -> None:
    """A small CLIP beside it, which the reference's pipeline knows nothing of and the story method needs."""
    vocabulary = json.loads((tokenizer / "vocab.json").read_text())
    count, end = 1 + max(vocabulary.values()), vocabulary["<|endoftext|>"]
    tower = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = tower | {"vocab_size": count, "max_position_embeddings": 20, "eos_token_id": end}
    vision = tower | {"image_size": 16, "patch_size": 8}
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)).eval()
    for weight in model.parameters():
        weight.copy_(torch.randn_like(weight) * 0.3 + (weight == 1))
    model.save_pretrained(folder)
    settings = {"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}, "resample": 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings) + "\n")
    for name in ["vocab.json", "merges.txt"]:
        os.symlink(f"../../clip-tokenizer/{name}", folder / name)


def load_pipeline(folder: pathlib.Path, dtype: torch.dtype, tokenizer: pathlib.Path | None = None) -> MochiPipeline:
    """The reference's pipeline with all components in one dtype; an empty prompt has no tokens, as in genmo's."""
    return MochiPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler.from_pretrained(folder / "scheduler"),
        vae=AutoencoderKLMochi.from_pretrained(folder / "vae", torch_dtype=dtype),
        text_encoder=T5EncoderModel.from_pretrained(folder / "text_encoder", dtype=dtype),
        tokenizer=T5TokenizerFast.from_pretrained(tokenizer or folder / "tokenizer"),
        transformer=MochiTransformer3DModel.from_pretrained(folder / "transformer", torch_dtype=dtype),
        force_zeros_for_empty_prompt=True,
    )


def run(pipeline: MochiPipeline, request: dict, latents: torch.Tensor) -> dict[str, torch.Tensor]:
    """What a pipeline makes of a request: the prompt's vectors, finished latents, frames in both forms."""
    pipeline.set_progress_bar_config(disable=True)
    length = pipeline.transformer.config.max_sequence_length
    embeddings, mask = pipeline._get_t5_prompt_embeds(request["prompt"], max_sequence_length=length)
    finished = pipeline(
        prompt=request["prompt"], negative_prompt=request["negative"], num_inference_steps=request["steps"],
        guidance_scale=request["guidance"], width=request["width"], height=request["height"],
        num_frames=request["frames"], latents=latents, max_sequence_length=length, output_type="latent",
    ).frames
    outputs = {"embeddings": embeddings.float(), "mask": mask, "latents": finished.float()}
    outputs["frames.diffusers"] = decode(pipeline.vae, finished)
    pipeline.vae.drop_last_temporal_frames = False
    with dropping_surplus_frames_at_once():
        outputs["frames.genmo"] = decode(pipeline.vae, finished)
    pipeline.vae.drop_last_temporal_frames = True
    return outputs


def decode(vae: AutoencoderKLMochi, latents: torch.Tensor) -> torch.Tensor:
    """`[F, 3, H, W]` in 0…1, as MochiPipeline decodes and VideoProcessor shows it."""
    mean, std = (torch.tensor(vae.config[key]).view(1, -1, 1, 1, 1) for key in ("latents_mean", "latents_std"))
    z = latents * std.to(latents.dtype) / vae.config.scaling_factor + mean.to(latents.dtype)
    video = vae.decode(z.to(vae.dtype)).sample
    return (video[0].float() / 2 + 0.5).clamp(0, 1).transpose(0, 1)


def write_original(folder: pathlib.Path, published: pathlib.Path, transformer, vae) -> None:
    folder.mkdir(exist_ok=True)
    original = original_transformer(transformer.state_dict())
    confirm(dict(original), transformer.state_dict())
    save_file(original, folder / "dit.safetensors")
    save_file(original_decoder(vae.decoder.state_dict()), folder / "decoder.safetensors")
    for name in ["text_encoder", "tokenizer"]:
        (folder / name).unlink(missing_ok=True)
        os.symlink(f"../{published.name}/{name}", folder / name)


OUTER = {
    "patch_embed.proj": "x_embedder.proj", "time_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_embed.timestep_embedder.linear_2": "t_embedder.mlp.2", "time_embed.pooler": "t5_y_embedder",
    "time_embed.caption_proj": "t5_yproj", "proj_out": "final_layer.linear",
}
INNER = {
    "norm1.linear": "mod_x", "norm1_context.linear_1": "mod_y", "norm1_context.linear": "mod_y",
    "attn1.norm_q": "attn.q_norm_x", "attn1.norm_k": "attn.k_norm_x", "attn1.norm_added_q": "attn.q_norm_y",
    "attn1.norm_added_k": "attn.k_norm_y", "attn1.to_out.0": "attn.proj_x", "attn1.to_add_out": "attn.proj_y",
    "ff.net.2": "mlp_x.w2", "ff_context.net.2": "mlp_y.w2",
}


def original_transformer(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    state = {key: value.clone() for key, value in state.items()}
    result = {"pos_frequencies": state.pop("pos_frequencies")}
    layers = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("transformer_blocks."))
    for layer in range(layers):
        new, old = f"transformer_blocks.{layer}.", f"blocks.{layer}."
        visual, text = ["to_q", "to_k", "to_v"], ["add_q_proj", "add_k_proj", "add_v_proj"]
        for names, fused in [(visual, "qkv_x"), (text, "qkv_y")]:
            parts = [state.pop(f"{new}attn1.{name}.weight") for name in names]
            result[f"{old}attn.{fused}.weight"] = torch.cat(parts)
        for name, key in [("ff", "mlp_x"), ("ff_context", "mlp_y")]:
            if f"{new}{name}.net.0.proj.weight" in state:
                result[f"{old}{key}.w1.weight"] = swapped(state.pop(f"{new}{name}.net.0.proj.weight"))
        for name, key in INNER.items():
            for parameter in ["weight", "bias"]:
                if f"{new}{name}.{parameter}" in state:
                    result[f"{old}{key}.{parameter}"] = state.pop(f"{new}{name}.{parameter}")
    for parameter in ["weight", "bias"]:
        result[f"final_layer.mod.{parameter}"] = swapped(state.pop(f"norm_out.linear.{parameter}"))
    for key, value in state.items():
        name = next(name for name in OUTER if key.startswith(name))
        result[OUTER[name] + key.removeprefix(name)] = value
    return {key: value.contiguous() for key, value in result.items()}


def swapped(weight: torch.Tensor) -> torch.Tensor:
    first, second = weight.chunk(2)
    return torch.cat([second, first])


def confirm(original: dict[str, torch.Tensor], state: dict[str, torch.Tensor]) -> None:
    """diffusers' converter, which knows 48 layers only, gives back what we began with."""
    layers = 1 + max(int(key.split(".")[1]) for key in original if key.startswith("blocks."))
    source = inspect.getsource(single_file_utils.convert_mochi_transformer_checkpoint_to_diffusers)
    assert "num_layers = 48" in source
    scope = dict(vars(single_file_utils))
    exec(source.replace("num_layers = 48", f"num_layers = {layers}"), scope)
    converted = scope["convert_mochi_transformer_checkpoint_to_diffusers"](original)
    assert converted.keys() == state.keys(), converted.keys() ^ state.keys()
    assert all(torch.equal(converted[key], state[key]) for key in state)


def original_decoder(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The names of genmo/mochi's `Decoder`: a sequence of stages, each a sequence of blocks."""
    stages = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("up_blocks."))
    layers = {"norm1.norm_layer": 0, "conv1.conv": 2, "norm2.norm_layer": 3, "conv2.conv": 5}
    result = {}
    for key, value in state.items():
        path = key.split(".")
        if path[0] == "conv_in":
            name = f"blocks.0.0.{path[-1]}"
        elif path[0] == "proj_out":
            name = f"output_proj.{path[-1]}"
        elif path[0] == "up_blocks" and path[2] == "proj":
            name = f"blocks.{int(path[1]) + 1}.proj.{path[-1]}"
        else:
            place = {
                "block_in": lambda: f"blocks.0.{int(path[2]) + 1}",
                "up_blocks": lambda: f"blocks.{int(path[1]) + 1}.blocks.{path[3]}",
                "block_out": lambda: f"blocks.{stages + 1}.{path[2]}",
            }[path[0]]()
            name = f"{place}.stack.{layers['.'.join(path[-3:-1])]}.{path[-1]}"
        result[name] = value.contiguous().clone()
    return result
