"""The autoencoder's sizes, and diffusers' implementation of it in the genmo form."""

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
    """With random weights whose residual branches begin at zero: without that, figures are not learned."""
    vae = AutoencoderKLMochi(**SIZES)
    for name, parameter in vae.named_parameters():
        if "conv2.conv" in name:
            torch.nn.init.zeros_(parameter)
    return adapted(vae)


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
