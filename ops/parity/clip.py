"""Recordings of transformers' CLIP: both towers, the preprocessing of images and, once, the tokenizer."""

import collections
import json
import pathlib
import random

import numpy
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

from clip_texts import texts
from recording import record, source

START, END = "<|startoftext|>", "<|endoftext|>"


def record_all(folder: pathlib.Path, suffix: str, draw: random.Random) -> None:
    # What decides between two rules takes turns, so that a few recordings have all of them.
    turn = int(suffix)
    config = draw_config(draw, turn)
    model = CLIPModel(CLIPConfig(**config)).eval()
    # The published initialisation leaves biases at 0 and norms at 1, which would hide a mistake in them.
    for parameter in model.parameters():
        parameter.copy_(torch.randn_like(parameter) * 0.3 + (parameter == 1))
    record_text(folder, suffix, draw, model, config)
    record_vision(folder, suffix, model, config)
    record_preprocessing(folder, suffix, draw, turn)
    if suffix == "1":
        record_tokenizer(folder / "clip-tokenizer", draw)


def draw_tower(draw: random.Random) -> dict:
    heads = draw.choice([1, 2, 4])
    return {
        "hidden_size": heads * draw.choice([4, 6, 8]),
        "intermediate_size": draw.choice([20, 32, 48]),
        "num_hidden_layers": draw.choice([1, 2, 3]),
        "num_attention_heads": heads,
        "layer_norm_eps": draw.choice([1e-5, 1e-6]),
    }


def draw_config(draw: random.Random, turn: int) -> dict:
    vocabulary = draw.choice([50, 97])
    patch = draw.choice([2, 3, 5])
    vision = {"patch_size": patch, "image_size": patch * draw.choice([2, 3, 4]) + turn % 2}
    text = {"vocab_size": vocabulary, "max_position_embeddings": draw.choice([9, 14, 77])}
    # 2 stands in older files by mistake and means the largest id.
    text["eos_token_id"] = [2, vocabulary - 1, vocabulary - 7][turn % 3]
    activations = ["quick_gelu", "gelu"]
    text["hidden_act"], vision["hidden_act"] = activations[turn % 2], activations[turn // 2 % 2]
    return {
        "text_config": text | draw_tower(draw),
        "vision_config": vision | draw_tower(draw),
        "projection_dim": draw.choice([5, 8, 12]),
    }


def weights(model: CLIPModel, prefixes: list[str]) -> dict[str, torch.Tensor]:
    return {key: value for key, value in model.state_dict().items() if key.split(".")[0] in prefixes}


def states(outputs) -> dict[str, torch.Tensor]:
    """What enters each layer and what leaves the last one, as `state.0`, `state.1`, …"""
    return {f"state.{index}": state for index, state in enumerate(outputs.hidden_states)}


def record_text(folder: pathlib.Path, suffix: str, draw: random.Random, model: CLIPModel, config: dict) -> None:
    text = config["text_config"]
    length = draw.choice([text["max_position_embeddings"], 5])
    end = text["vocab_size"] - 1 if text["eos_token_id"] == 2 else text["eos_token_id"]
    ids = torch.randint(0, text["vocab_size"] - 8, (4, length))
    for row in range(4):
        # The same token again after the first, as the published padding has it; once everywhere, once only at the end.
        ids[row, [0, 1, length // 2, length - 1][row] :] = end
    ids[2, -1] = 0
    outputs = model.get_text_features(ids, output_hidden_states=True)
    plain = model.text_model(ids)
    embedding = outputs.pooler_output / outputs.pooler_output.norm(dim=-1, keepdim=True)
    record(
        folder, f"clip-text-{suffix}", "clip.text", config, {"ids": ids},
        states(outputs)
        | {
            "last": plain.last_hidden_state,
            "pooled": plain.pooler_output,
            "projected": outputs.pooler_output,
            "embedding": embedding,
        },
        weights(model, ["text_model", "text_projection"]),
    )  # fmt: skip


def record_vision(folder: pathlib.Path, suffix: str, model: CLIPModel, config: dict) -> None:
    size = config["vision_config"]["image_size"]
    pixels = torch.randn(3, 3, size, size)
    outputs = model.get_image_features(pixels, output_hidden_states=True)
    plain = model.vision_model(pixels)
    embedding = outputs.pooler_output / outputs.pooler_output.norm(dim=-1, keepdim=True)
    record(
        folder, f"clip-vision-{suffix}", "clip.vision", config, {"pixels": pixels},
        states(outputs)
        | {
            "embedded": model.vision_model.embeddings(pixels),
            "last": plain.last_hidden_state,
            "pooled": plain.pooler_output,
            "projected": outputs.pooler_output,
            "embedding": embedding,
        },
        weights(model, ["vision_model", "visual_projection"]),
    )  # fmt: skip


def draw_image(draw: random.Random, width: int, height: int) -> numpy.ndarray:
    """Edges, gradients and noise: where kernels overshoot and roundings differ."""
    noise = numpy.random.default_rng(draw.randrange(2**31))
    x, y = numpy.meshgrid(numpy.arange(width) / width, numpy.arange(height) / height)
    smooth = numpy.stack([x, y, (numpy.sin(40 * x * y) + 1) / 2], axis=-1) * 255
    edges = noise.integers(0, 2, (height, width, 1)) * 255
    image = numpy.where(noise.random((height, width, 1)) < 0.5, smooth, edges)
    return image.round().astype(numpy.uint8)  # H × W × 3


def record_preprocessing(folder: pathlib.Path, suffix: str, draw: random.Random, turn: int) -> None:
    edge = draw.choice([16, 21, 24, 27])
    # Of the same size as in the published models; smaller; larger, which needs a border.
    crop = edge + [0, -draw.randrange(1, 6), 3][turn % 3]
    size = {"height": edge, "width": edge + 5} if turn % 4 == 2 else {"shortest_edge": edge}
    config = {"size": size, "crop_size": {"height": crop, "width": crop + draw.choice([0, 1])}}
    processor = CLIPImageProcessorPil(**config)
    # Landscape, portrait, small, already there, long. From Pillow 13 on, tall images are resized vertically first,
    # which rounds otherwise: none here is twice as tall as wide, and none is stretched upright.
    extents = [
        (draw.randrange(50, 150), draw.randrange(34, 50)), (draw.randrange(34, 50), draw.randrange(50, 66)),
        (draw.randrange(9, 15), draw.randrange(9, 15)), (edge, edge), (edge * 3 + 1, edge),
    ]  # fmt: skip
    if "height" in size:
        extents = [(max(extent), min(extent)) for extent in extents]
    inputs, outputs = {}, {}
    for number, (width, height) in enumerate(extents):
        image = draw_image(draw, width, height)
        inputs[f"image.{number}"] = torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0)
        for key, options in {"bytes": {"do_rescale": False, "do_normalize": False}, "pixels": {}}.items():
            result = processor(Image.fromarray(image), return_tensors="pt", **options)["pixel_values"]
            outputs[f"{key}.{number}"] = result
    record(folder, f"clip-preprocess-{suffix}", "clip.preprocess", config, inputs, outputs, {})


def train(words: list[str], count: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A byte-pair vocabulary; of pairs that are equally frequent the first in order of its text is merged."""
    alphabet = bytes_to_unicode()
    spelled = collections.Counter()
    for word in words:
        letters = [alphabet[byte] for byte in word.encode()]
        spelled[(*letters[:-1], letters[-1] + "</w>")] += 1
    tokens = list(alphabet.values()) + [letter + "</w>" for letter in alphabet.values()]
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, frequency in spelled.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += frequency
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = collections.Counter()
        for word, frequency in spelled.items():
            merged[merge(word, best)] += frequency
        spelled = merged
        # Two ways to one token are possible; it has one id.
        tokens += [token for token in ["".join(best)] if token not in tokens]
    return {token: number for number, token in enumerate([*tokens, START, END])}, merges


def merge(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    result = []
    for letter in word:
        if result and (result[-1], letter) == pair:
            result[-1] += letter
        else:
            result.append(letter)
    return tuple(result)


def record_tokenizer(folder: pathlib.Path, draw: random.Random) -> None:
    """A vocabulary trained on the licence and on the texts themselves, and the texts' ids under two settings."""
    folder.mkdir(exist_ok=True)
    corpus = texts(random.Random(0))
    licence = (pathlib.Path(__file__).parents[2] / "LICENSE").read_text()
    vocabulary, merges = train([word for text in [licence, *corpus] for word in text.lower().split()], 700)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    published = {"content": END, "normalized": True, "lstrip": False, "rstrip": False, "single_word": False}
    settings = {
        "plain": {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END},
        # As the published models have it.
        "published": {
            "bos_token": published | {"__type": "AddedToken", "content": START},
            "eos_token": published | {"__type": "AddedToken"},
            "unk_token": published | {"__type": "AddedToken"},
            "pad_token": END,
        },
        "exclamation": {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": "!"},
    }
    recorded = {"source": source(), "settings": settings, "texts": texts(draw), "ids": {}, "untruncated": {}}
    for name, values in settings.items():
        path = folder / "tokenizer_config.json"
        path.write_text(json.dumps(values | {"tokenizer_class": "CLIPTokenizer"}))
        tokenizer = CLIPTokenizer.from_pretrained(folder)
        path.unlink()
        encoded = [tokenizer(text, truncation=True, max_length=77).input_ids for text in recorded["texts"]]
        recorded["ids"][name] = encoded
        recorded["untruncated"][name] = [len(tokenizer(text).input_ids) for text in recorded["texts"]]
    (folder / "ids.json").write_text(json.dumps(recorded, separators=(",", ":")))
    print(f"{folder.name}: {len(vocabulary)} tokens, {len(merges)} merges, {len(recorded['texts'])} texts")
