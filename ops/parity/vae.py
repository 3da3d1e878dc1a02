"""Records diffusers' AutoencoderKLMochi: parts of it, the decoder in both forms and the encoder.

Convolutions of 32 channels, the fewest that can be normalised in 32 groups, already take 55 KB in half precision: the
random models have few of them, and weights that fp16 represents exactly, stored as such.
"""

import contextlib
import pathlib
import random

import torch
from diffusers.models.attention_processor import Attention, MochiVaeAttnProcessor2_0
from diffusers.models.autoencoders import autoencoder_kl_mochi as mochi

from recording import record


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    record_norm(folder, suffix, draw)
    record_attention(folder, suffix, draw)
    record_resnet(folder, suffix, draw)
    record_up_block(folder, suffix, draw)
    record_decoder(folder, suffix, draw)
    record_encoder(folder, suffix, draw)


def randomised(module: torch.nn.Module) -> torch.nn.Module:
    """The module with every weight random, also those that begin as one or zero, and exact in fp16."""
    for name, weight in module.named_parameters():
        if "norm" in name:
            weight.copy_(torch.randn_like(weight) * 0.3 + (1.0 if name.endswith("weight") else 0.0))
        weight.copy_(weight.half().float())
    return module.eval()


def weights(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.half() for name, weight in module.state_dict().items()}


def frames(draw: random.Random, channels: int) -> torch.Tensor:
    """A random `[1, channels, T, H, W]` whose mean is not zero."""
    return torch.randn(1, channels, draw.randint(1, 6), draw.randint(2, 5), draw.randint(2, 5)) + draw.uniform(-2, 2)


def record_norm(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    channels = draw.choice([64, 96])
    norm = randomised(mochi.MochiChunkedGroupNorm3D(channels))
    x = frames(draw, channels)
    record(folder, f"vae-norm-{suffix}", "vae.norm", {"channels": channels}, {"x": x}, {"y": norm(x)}, weights(norm))


def record_attention(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    """The attention of a down block with its norm, by the down block's own code: its convolutions are left out."""
    channels = draw.choice([64, 96])
    block = mochi.MochiMidBlock3D(channels, num_layers=1)
    randomised(block)
    block.resnets[0].forward = lambda inputs, conv_cache=None: (inputs, None)
    x = frames(draw, channels)
    kept = {name: weight for name, weight in weights(block).items() if not name.startswith("resnets")}
    config = {"channels": channels}
    record(folder, f"vae-attention-{suffix}", "vae.attention", config, {"x": x}, {"y": block(x)[0]}, kept)


def record_resnet(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    block = randomised(mochi.MochiResnetBlock3D(32))
    x = frames(draw, 32)
    record(folder, f"vae-resnet-{suffix}", "vae.resnet", {"channels": 32}, {"x": x}, {"y": block(x)[0]}, weights(block))


def record_up_block(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    config = {
        "in_channels": 32,
        "out_channels": draw.randint(4, 12),
        "num_layers": 1,
        "temporal_expansion": draw.randint(1, 3),
        "spatial_expansion": draw.choice([1, 2, 2, 3]),
    }
    block = randomised(mochi.MochiUpBlock3D(**config))
    x = torch.randn(1, 32, draw.randint(1, 4), 3, 2)
    record(folder, f"vae-up_block-{suffix}", "vae.up_block", config, {"x": x}, {"y": block(x)[0]}, weights(block))


def model_config(draw: random.Random, layers: list[int]) -> dict:
    stages = len(layers) - 1
    latent_channels = draw.choice([4, 12])
    return {
        "in_channels": 15,
        "out_channels": 3,
        "latent_channels": latent_channels,
        "encoder_block_out_channels": [32] * (stages - 1) + [64],
        "decoder_block_out_channels": [32] * stages,
        "layers_per_block": layers,
        "temporal_expansions": [draw.choice([1, 2, 3, 3]) for _ in range(stages - 1)],
        "spatial_expansions": [draw.choice([1, 2, 2]) for _ in range(stages - 1)],
        "add_attention_block": [draw.random() < 0.7 for _ in layers],
        "latents_mean": [draw.uniform(-0.1, 0.1) for _ in range(latent_channels)],
        "latents_std": [draw.uniform(0.8, 1.4) for _ in range(latent_channels)],
        "scaling_factor": draw.choice([1.0, 1.15]),
        "act_fn": draw.choice(["silu", "swish"]),
    }


@contextlib.contextmanager
def dropping_surplus_frames_at_once():
    """genmo's form: each expansion of a video's start keeps only the last of the first frame's frames."""
    forward = mochi.MochiUpBlock3D.forward

    def dropping(self, *arguments, **keywords):
        x, cache = forward(self, *arguments, **keywords)
        return x[:, :, self.temporal_expansion - 1 :], cache

    mochi.MochiUpBlock3D.forward = dropping
    try:
        yield
    finally:
        mochi.MochiUpBlock3D.forward = forward


def record_decoder(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    # The forms differ only if something follows an expansion: the outermost stage has a block.
    layers = draw.choice([[1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1]])
    config = model_config(draw, layers)
    config["temporal_expansions"][0] = draw.randint(2, 3)
    vae = mochi.AutoencoderKLMochi(**config)
    randomised(vae.decoder)
    latents = torch.randn(1, config["latent_channels"], draw.randint(4, 6), 2, 2)
    mean, std = (torch.tensor(config[key]).view(1, -1, 1, 1, 1) for key in ("latents_mean", "latents_std"))
    z = latents * std / config["scaling_factor"] + mean
    outputs = {"diffusers": vae.decode(z).sample}
    vae.drop_last_temporal_frames = False
    with dropping_surplus_frames_at_once():
        outputs["genmo"] = vae.decode(z).sample
    record(
        folder, f"vae-decoder-{suffix}", "vae.decoder", config, {"latents": latents}, outputs,
        {f"decoder.{name}": weight for name, weight in weights(vae.decoder).items()},
    )


def record_encoder(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    config = model_config(draw, draw.choice([[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0]]))
    config["add_attention_block"][1] = True
    config["spatial_expansions"][0] = 2
    vae = mochi.AutoencoderKLMochi(**config)
    randomised(vae.encoder)
    ratio = vae.spatial_compression_ratio
    video = torch.rand(1, 3, draw.randint(1, 13), ratio * draw.randint(2, 3), ratio * 2) * 2 - 1
    image = video[:, :, -1:]
    posterior = vae.encode(video).latent_dist
    mean, std = (torch.tensor(config[key]).view(1, -1, 1, 1, 1) for key in ("latents_mean", "latents_std"))
    outputs = {
        "mean": posterior.mean,
        "logvar": posterior.logvar,
        "latents": (posterior.mean - mean) * config["scaling_factor"] / std,
        "image.mean": vae.encode(image).latent_dist.mean,
    }
    record(
        folder, f"vae-encoder-{suffix}", "vae.encoder", config, {"video": video, "image": image}, outputs,
        {f"encoder.{name}": weight for name, weight in weights(vae.encoder).items()},
    )
