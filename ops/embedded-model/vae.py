"""The autoencoder's sizes, and diffusers' implementation of it in the genmo form."""

import math

import numpy
import torch
from diffusers import AutoencoderKLMochi
from diffusers.models.autoencoders import autoencoder_kl_mochi

# No block works at full resolution, where half of the time would go: the last expansion paints 2x2 pixels at once.
SIZES = {
    "encoder_block_out_channels": (32, 64, 64, 96),
    "decoder_block_out_channels": (32, 64, 96, 96),
    "layers_per_block": (0, 1, 1, 1, 1),
    "latent_channels": 12,
    "add_attention_block": (False,) * 5,
}
CHANNELS = SIZES["latent_channels"]


def _expand_and_drop(self, hidden_states: torch.Tensor, conv_cache=None):
    hidden, cache = _published_forward(self, hidden_states, conv_cache)
    return hidden[:, :, self.temporal_expansion - 1 :], cache


# The published weights were trained with surplus frames dropped right after each expansion in time, and so are ours;
# diffusers drops them all at the end, which gives other first frames.
_published_forward = autoencoder_kl_mochi.MochiUpBlock3D.forward
autoencoder_kl_mochi.MochiUpBlock3D.forward = _expand_and_drop


def fresh() -> AutoencoderKLMochi:
    """With weights that begin as a blurring autoencoder of even scale.

    The residual branches begin at zero; what is left, the strided convolutions and the expansions, begins as means over
    their patches and as repetition, with some noise. From the published initialisation, which shrinks what passes
    through it a thousand times, figures were not rebuilt after a thousand steps.
    """
    vae = AutoencoderKLMochi(**SIZES)
    with torch.no_grad():
        for name, parameter in vae.named_parameters():
            if "conv2.conv" in name:
                parameter.zero_()
        _start_encoder(vae.encoder)
        _start_decoder(vae.decoder)
    return adapted(vae)


def _start_encoder(encoder: torch.nn.Module) -> None:
    # The Fourier features are noise to begin with: flat colours have no digits that matter.
    encoder.proj_in.weight.zero_()
    encoder.proj_in.weight[:, :3] = 6 * _even(encoder.proj_in.out_features, 3)
    for block in encoder.down_blocks:
        weight = block.conv_in.conv.weight
        outputs, inputs, *patch = weight.shape
        size = math.prod(patch)
        mean = _even(outputs, inputs).view(outputs, inputs, 1, 1, 1) / size
        weight.copy_(0.8 * mean + 0.5 * torch.randn_like(weight) / (inputs * size) ** 0.5)
        block.conv_in.conv.bias.zero_()
    weight = encoder.proj_out.weight
    weight.normal_(std=(3 / weight.shape[1]) ** 0.5)
    weight[CHANNELS:] *= 0.1


def _start_decoder(decoder: torch.nn.Module) -> None:
    weight = decoder.conv_in.weight
    weight.copy_(_even(*weight.shape[:2]).view_as(weight))
    decoder.conv_in.bias.zero_()
    for block in decoder.up_blocks:
        size = block.temporal_expansion * block.spatial_expansion**2
        outputs, inputs = block.proj.weight.shape
        repeated = _even(outputs // size, inputs).repeat_interleave(size, dim=0)
        block.proj.weight.copy_(0.8 * repeated + 0.5 * torch.randn_like(repeated) / inputs**0.5)
        block.proj.bias.zero_()
    decoder.proj_out.weight.normal_(std=decoder.proj_out.in_features**-0.5)


def _even(outputs: int, inputs: int) -> torch.Tensor:
    """A matrix whose outputs vary as much as its inputs."""
    return torch.nn.init.orthogonal_(torch.empty(outputs, inputs)) * max(1, outputs / inputs) ** 0.5


def adapted(vae: AutoencoderKLMochi) -> AutoencoderKLMochi:
    vae.drop_last_temporal_frames = False
    # Faster by a tenth to a quarter on a CPU.
    return vae.to(memory_format=torch.channels_last_3d)


def load(folder) -> AutoencoderKLMochi:
    return adapted(AutoencoderKLMochi.from_pretrained(folder, torch_dtype=torch.float32)).eval()


def pixels(frames: numpy.ndarray) -> torch.Tensor:
    """Bytes `[..., F, H, W, 3]` to `[..., 3, F, H, W]` from -1 to 1."""
    return torch.from_numpy(frames).movedim(-1, -4).float() / 127.5 - 1


def frames(pixels: torch.Tensor) -> numpy.ndarray:
    """The inverse."""
    return ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().byte().movedim(-4, -1).numpy()


@torch.no_grad()
def encoded(vae: AutoencoderKLMochi, frames: numpy.ndarray) -> torch.Tensor:
    """Bytes `[B, F, H, W, 3]` to raw latents `[B, 12, T, h, w]`, without noise."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return vae.encode(pixels(frames)).latent_dist.mode().float()


@torch.no_grad()
def decoded(vae: AutoencoderKLMochi, latents: torch.Tensor) -> numpy.ndarray:
    """Raw latents to bytes."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return frames(vae.decode(latents).sample)
