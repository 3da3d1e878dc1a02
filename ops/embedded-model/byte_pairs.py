"""A byte-level byte-pair vocabulary in CLIP's form, learned from the words of the world."""

import collections
import json
import pathlib
import re

from transformers.convert_slow_tokenizer import bytes_to_unicode

START, END = "<|startoftext|>", "<|endoftext|>"
LAST = "</w>"
# CLIP's tokenizer splits texts alike.
_WORD = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")


def learned_merges(texts: list[str]) -> list[tuple[str, str]]:
    """Merges the most frequent pair, the first in the alphabet among equals, until every word is one token."""
    counts = collections.Counter(word for text in texts for word in _WORD.findall(text.lower()))
    words = {word: (*word[:-1], word[-1] + LAST) for word in counts}
    merges = []
    while True:
        pairs = collections.Counter()
        for word, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = {word: _merged(parts, best) for word, parts in words.items()}


def _merged(parts: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    result = []
    for part in parts:
        if result and (result[-1], part) == pair:
            result[-1] += part
        else:
            result.append(part)
    return tuple(result)


def write(folder: pathlib.Path, texts: list[str], positions: int) -> int:
    """Writes the tokenizer's files and returns the size of the vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = learned_merges(texts)
    letters = list(bytes_to_unicode().values())
    tokens = letters + [letter + LAST for letter in letters] + [a + b for a, b in merges] + [START, END]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    lines = ["#version: 0.2"] + [f"{a} {b}" for a, b in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END,
        "model_max_length": positions,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    return len(vocabulary)
