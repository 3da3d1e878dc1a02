"""Records T5's encoder (transformers' T5EncoderModel), its blocks inside a run, and its tokenizer."""

import pathlib
import random

import torch
from transformers import T5Config, T5EncoderModel
from transformers.models.t5.modeling_t5 import T5Attention

import t5_tokenizer
from recording import record

KEYS = [
    "d_model",
    "d_kv",
    "d_ff",
    "num_layers",
    "num_heads",
    "relative_attention_num_buckets",
    "relative_attention_max_distance",
    "layer_norm_epsilon",
    "vocab_size",
    "feed_forward_proj",
]


def draw_config(draw: random.Random) -> dict:
    return {
        "d_model": draw.choice([8, 12, 20, 24, 32]),
        "d_kv": draw.choice([4, 6, 8]),
        "d_ff": draw.choice([16, 20, 36, 48]),
        "num_layers": draw.randint(1, 3),
        "num_heads": draw.randint(1, 4),
        "relative_attention_num_buckets": draw.choice([4, 8, 16, 32]),
        "relative_attention_max_distance": draw.choice([16, 20, 64, 128]),
        "layer_norm_epsilon": draw.choice([1e-6, 1e-5]),
        "vocab_size": draw.randint(16, 64),
        "feed_forward_proj": "gated-gelu",
    }


def make_model(config: dict, attention: str) -> T5EncoderModel:
    model = T5EncoderModel(T5Config(**config, attn_implementation=attention)).eval()
    for name, weight in model.named_parameters():
        # As they are initialised, norms do nothing and biases hardly show.
        if "layer_norm" in name:
            weight.uniform_(0.5, 1.5)
        elif "relative_attention_bias" in name:
            weight.normal_(std=2)
        elif "shared" in name:
            weight.normal_(std=3)
    return model


def weights_of(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    # The table of embeddings is published once, as `shared`.
    return {key: value for key, value in module.state_dict().items() if not key.endswith("embed_tokens.weight")}


def capture(module: torch.nn.Module, calls: dict, name: str) -> None:
    """Remembers the module's first positional input and its first output."""

    def hook(_, inputs, output):
        first = output[0] if isinstance(output, tuple) else output
        calls[name] = (inputs[0].clone(), first.clone())

    module.register_forward_hook(hook)


def record_encoder(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    config = draw_config(draw)
    length = draw.randint(1, 40)
    batch = draw.randint(1, 2)
    # The plain formula and the fused kernel are the same function; both are the reference's.
    model = make_model(config, draw.choice(["eager", "sdpa"]))
    ids = torch.randint(config["vocab_size"], (batch, length))
    valid = torch.tensor([draw.randint(1, length) for _ in range(batch)])
    mask = torch.arange(length)[None] < valid[:, None]

    calls: dict = {}
    block = model.encoder.block[-1]
    capture(block, calls, "block")
    capture(block.layer[0].layer_norm, calls, "layer_norm")
    capture(block.layer[0].SelfAttention, calls, "attention")
    capture(block.layer[1].DenseReluDense, calls, "feed_forward")
    output = model(ids, attention_mask=mask).last_hidden_state

    parts = {
        "block": block,
        "layer_norm": block.layer[0].layer_norm,
        "attention": block.layer[0].SelfAttention,
        "feed_forward": block.layer[1].DenseReluDense,
    }
    table = model.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight
    for name, module in parts.items():
        x, y = calls[name]
        weights = weights_of(module)
        inputs = {"x": x}
        if name in ("block", "attention"):
            # Only layer 0 has the table of positions; it works in every layer.
            weights = {key: value for key, value in weights.items() if "relative_attention_bias" not in key}
            weights["relative_attention_bias.weight"] = table
            inputs["mask"] = mask
        record(folder, f"t5-{name.replace('_', '-')}-{suffix}", f"t5.{name}", config, inputs, {"y": y}, weights)
    inputs = {"ids": ids, "mask": mask}
    record(folder, f"t5-encoder-{suffix}", "t5.encoder", config, inputs, {"y": output}, weights_of(model))

    halved = model.to(torch.bfloat16)
    output = halved(ids, attention_mask=mask).last_hidden_state
    name = f"t5-encoder-bfloat16-{suffix}"
    record(folder, name, "t5.encoder.bfloat16", config, inputs, {"y": output}, weights_of(halved))


def record_buckets(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    """The buckets of all distances that prompts of the published length have, and of drawn shapes."""
    published = suffix == "1"
    buckets = 32 if published else 2 * draw.randint(2, 40)
    distance = 128 if published else draw.randint(buckets // 4 + 1, 300)
    offsets = torch.arange(-400, 401)
    numbers = T5Attention._relative_position_bucket(offsets, num_buckets=buckets, max_distance=distance)
    config = {"relative_attention_num_buckets": buckets, "relative_attention_max_distance": distance}
    record(folder, f"t5-buckets-{suffix}", "t5.buckets", config, {"offsets": offsets}, {"buckets": numbers}, {})


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    record_encoder(folder, suffix, draw)
    record_buckets(folder, suffix, draw)
    if suffix == "1":
        t5_tokenizer.record_tokenizer(folder, draw)
