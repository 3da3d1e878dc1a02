"""The text encoder's and the transformer's sizes, and an attention that suits training in batches."""

import math

import torch
from diffusers import MochiTransformer3DModel
from transformers import T5Config, T5EncoderModel

import prompt_tokens
import vae

TEXT = {
    "d_model": 128, "d_kv": 32, "d_ff": 256, "num_layers": 2, "num_heads": 4, "feed_forward_proj": "gated-gelu",
    "dropout_rate": 0.0, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
}  # fmt: skip
SIZES = {
    "num_attention_heads": 4, "attention_head_dim": 64, "num_layers": 6, "pooled_projection_dim": 64,
    "text_embed_dim": TEXT["d_model"], "time_embed_dim": 128, "in_channels": vae.CHANNELS,
    "max_sequence_length": prompt_tokens.LENGTH,
}  # fmt: skip


# Tokens up to which the plain formula trains twice as fast on a CPU as libtorch's own attention.
SHORT = 256


def fresh_text_encoder(vocabulary: int) -> T5EncoderModel:
    return T5EncoderModel(T5Config(vocab_size=vocabulary, **TEXT))


def fresh_transformer() -> MochiTransformer3DModel:
    model = MochiTransformer3DModel(**SIZES)
    # The class leaves them at 0, a network without positions. Positions span ±118 vertically and ±78 horizontally
    # whatever the resolution, time counts latent frames.
    shape = model.pos_frequencies.shape[1:]
    direction = torch.rand(shape) * 2 * math.pi
    in_space = _log_uniform(shape, 0.01, 0.12)
    in_time = _log_uniform(shape, 0.05, 1.5) * torch.where(torch.rand(shape) < 0.5, 1, -1)
    model.pos_frequencies.data = torch.stack([in_time, in_space * direction.sin(), in_space * direction.cos()])
    torch.nn.init.zeros_(model.proj_out.weight)
    torch.nn.init.zeros_(model.proj_out.bias)
    return model


def _log_uniform(shape: torch.Size, low: float, high: float) -> torch.Tensor:
    return low * (high / low) ** torch.rand(shape)


def attend_in_batches(model: MochiTransformer3DModel) -> MochiTransformer3DModel:
    for block in model.transformer_blocks:
        block.attn1.processor = BatchedAttention()
    return model


class BatchedAttention:
    """What diffusers' processor computes, with a mask instead of a loop over the samples."""

    def __call__(self, attn, hidden_states, encoder_hidden_states, attention_mask, image_rotary_emb=None):
        heads, pictured = attn.heads, hidden_states.shape[1]
        # The norm returns float32, which would make the attention four times as slow.
        dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else hidden_states.dtype
        query, key, value = (
            project(hidden_states).unflatten(2, (heads, -1)) for project in (attn.to_q, attn.to_k, attn.to_v))
        query, key = (
            rotated(norm(x), *image_rotary_emb).to(dtype) for norm, x in ((attn.norm_q, query), (attn.norm_k, key)))
        text_query, text_key, text_value = (
            project(encoder_hidden_states).unflatten(2, (heads, -1))
            for project in (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj))
        text_query, text_key = attn.norm_added_q(text_query).to(dtype), attn.norm_added_k(text_key).to(dtype)
        query, key, value = (
            torch.cat(pair, dim=1).transpose(1, 2)
            for pair in ((query, text_query), (key, text_key), (value, text_value)))
        visible = torch.nn.functional.pad(attention_mask, (pictured, 0), value=True)
        bias = torch.zeros(visible.shape, dtype=query.dtype).masked_fill(~visible, -math.inf)[:, None, None]
        if query.shape[2] <= SHORT:
            scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5 + bias
            result = scores.softmax(-1) @ value
        else:
            result = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        result = result.transpose(1, 2).flatten(2)
        picture, text = result[:, :pictured], result[:, pictured:] * attention_mask[..., None]
        picture = attn.to_out[1](attn.to_out[0](picture))
        return picture, attn.to_add_out(text) if hasattr(attn, "to_add_out") else text


def rotated(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Rotates neighbouring pairs of the last dimension."""
    even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], dim=-1).flatten(-2)


def features(text_encoder: T5EncoderModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The text encoder's output `[B, L, D]`, with gradients, 0 where the mask is; an empty prompt is all zeros."""
    # Attention to nothing at all would be NaN, so an empty prompt reads its padding and forgets it.
    readable = mask | ~mask.any(1, keepdim=True)
    return text_encoder(ids, attention_mask=readable.long())[0] * mask[..., None]


def blended(first, second, share: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two prompts' features, weighted, under the mask of the heavier one, as the story method blends them.

    `first` and `second` are pairs of features and mask, `share` `[B]` is the first one's weight.
    """
    weight = share.view(-1, 1, 1)
    mask = torch.where(share[:, None] >= 0.5, first[1], second[1])
    return (weight * first[0] + (1 - weight) * second[0]) * mask[..., None], mask
