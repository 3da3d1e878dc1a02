"""The autoencoder's sizes, and diffusers' implementation of it in the genmo form."""

import math

import numpy
import torch
from diffusers import AutoencoderKLMochi
from diffusers.models.autoencoders import autoencoder_kl_mochi

import state

# No block works at full resolution, where half of the time would go: the last expansion paints 2x2 pixels at once.
SIZES = {
    "encoder_block_out_channels": (32, 32, 64, 96),
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
    """With weights that begin as a mosaic: three latent channels are the mean colours of patches.

    The residual branches begin at zero, so that nothing is in the way; the other channels begin at random. From the
    published initialisation, which shrinks what passes through it a thousand times, nothing was rebuilt after hundreds
    of steps.
    """
    vae = AutoencoderKLMochi(**SIZES)
    with torch.no_grad():
        for name, parameter in vae.named_parameters():
            if "conv2.conv" in name:
                parameter.zero_()
        _start_encoder(vae.encoder)
        _start_decoder(vae.decoder)
    return adapted(vae)


# Beside each colour and its opposite, the group that is normalised has a constant, -_CONSTANT: much larger than the
# colours, so that it alone decides the group's mean, a third of it, and deviation.
_CONSTANT = 6.0
_DEVIATION = _CONSTANT * 2**0.5 / 3
# Of the mosaic's latents, well above the noise that training adds.
_LOUDNESS = 4
# f(a + x) - f(a - x) is about so many x for the activation f where a third of the constant is subtracted.
_SLOPE = 1.65


def _start_encoder(encoder: torch.nn.Module) -> None:
    # The Fourier features are noise to begin with: flat colours have no digits that matter.
    encoder.proj_in.weight.zero_()
    encoder.proj_in.weight[:, :3] = 5 * _even(encoder.proj_in.out_features, 3)
    encoder.proj_in.weight[:3, :3] = torch.eye(3)
    encoder.proj_in.bias[:3] = 0
    for block in encoder.down_blocks:
        weight, bias = block.conv_in.conv.weight, block.conv_in.conv.bias
        outputs, inputs, *patch = weight.shape
        size = math.prod(patch)
        weight.copy_(torch.randn_like(weight) / (inputs * size) ** 0.5)
        bias.zero_()
        weight[:3] = 0
        for color in range(3):
            weight[color, color] = 1 / size
    # The last norm would take away what all of a picture has in common.
    for color in range(3):
        weight[3 * color : 3 * color + 3] = 0
        weight[3 * color, color], weight[3 * color + 1, color] = 1 / size, -1 / size
        bias[3 * color + 2] = -_CONSTANT
    latent = encoder.proj_out.weight
    latent.normal_(std=(3 / latent.shape[1]) ** 0.5)
    latent[CHANNELS:] *= 0.1
    latent[:3] = 0
    for color in range(3):
        latent[color, 3 * color], latent[color, 3 * color + 1] = _LOUDNESS, -_LOUDNESS


def _start_decoder(decoder: torch.nn.Module) -> None:
    weight = decoder.conv_in.weight
    weight.copy_(_even(*weight.shape[:2]).view_as(weight))
    decoder.conv_in.bias.zero_()
    weight[:3] = 0
    for color in range(3):
        weight[color, color] = _DEVIATION / (_LOUDNESS * _SLOPE)
    for block in decoder.up_blocks:
        size = block.temporal_expansion * block.spatial_expansion**2
        outputs, inputs = block.proj.weight.shape
        block.proj.weight.normal_(std=inputs**-0.5)
        block.proj.bias.zero_()
        for color in range(3):
            _repeat(block.proj.weight, size, color, color, 1)
    for color in range(3):
        _repeat(block.proj.weight, size, 3 + color, color, -1)
    decoder.proj_out.weight.normal_(std=0.005)
    decoder.proj_out.bias.zero_()
    for color in range(3):
        decoder.proj_out.weight[color, color], decoder.proj_out.weight[color, 3 + color] = 1, -1


def _repeat(weight: torch.Tensor, size: int, to_channel: int, channel: int, factor: float) -> None:
    """Makes an expansion copy a channel to a whole patch."""
    weight[to_channel * size : (to_channel + 1) * size] = 0
    weight[to_channel * size : (to_channel + 1) * size, channel] = factor


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
    with state.autocast():
        return vae.encode(pixels(frames)).latent_dist.mode().float()


@torch.no_grad()
def decoded(vae: AutoencoderKLMochi, latents: torch.Tensor) -> numpy.ndarray:
    """Raw latents to bytes."""
    with state.autocast():
        return frames(vae.decode(latents).sample)
