"""Trains a small SentencePiece model of T5's kind and records what transformers' tokenizer makes of hard strings.

transformers reads the model file with `protobuf`.
"""

import contextlib
import importlib.metadata
import io
import json
import pathlib
import random
import warnings

import sentencepiece

CORPUS = pathlib.Path(__file__).parent / "t5-corpus.txt"
STRINGS = pathlib.Path(__file__).parent / "t5-strings.json"
PROMPT = 256


def over_long(draw: random.Random) -> list[tuple[str, int]]:
    """Around the length where texts are cut off, and far beyond it; also with short limits."""
    words = CORPUS.read_text().split()
    texts = [" ".join(draw.choice(words) for _ in range(count)) for count in (60, 90, 100, 110, 120, 140, 300, 600)]
    cases = [(text, PROMPT) for text in texts]
    cases += [(" ".join("a" * count), PROMPT) for count in (253, 254, 255, 256, 257, 1000)]
    cases += [("</s>" * count, PROMPT) for count in (254, 255, 256)]
    cases += [("a b c </s> d e", length) for length in (2, 3, 4, 5, 6, 7, 8)]
    return cases + [("", 2), ("A cat.", 2), (texts[0], 16), (texts[1], 77), (texts[2], 128)]


def cases(draw: random.Random) -> list[tuple[str, int]]:
    groups = json.loads(STRINGS.read_text())
    alphabets = groups.pop("alphabets to draw from")
    plain = [text for group in groups.values() for text in group]
    lines = CORPUS.read_text().splitlines()
    for _ in range(60):
        alphabet = draw.choice(alphabets)
        plain.append("".join(draw.choice(alphabet) for _ in range(draw.randint(1, 24))))
    for _ in range(20):
        line = draw.choice(lines)
        start = draw.randrange(len(line))
        plain.append(line[start : start + draw.randint(1, 60)])
    return [(text, PROMPT) for text in plain] + over_long(draw)


def train(path: pathlib.Path) -> None:
    """The same text gives the same model: one thread, no sampling."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.read_text().splitlines()),
        model_writer=model,
        vocab_size=500,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=1,
    )
    path.write_bytes(model.getvalue())


def record_tokenizer(folder: pathlib.Path, draw: random.Random) -> None:
    from transformers import T5TokenizerFast

    folder = folder / "tokenizer"
    folder.mkdir(exist_ok=True)
    train(folder / "spiece.model")
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        tokenizer = T5TokenizerFast.from_pretrained(folder)
    rows = []
    for text, length in cases(draw):
        # As diffusers' MochiPipeline calls it, twice: once cut off, once whole.
        cut = tokenizer(text, padding="max_length", max_length=length, truncation=True, add_special_tokens=True)
        whole = tokenizer(text, padding="longest")
        valid = sum(cut.attention_mask)
        assert cut.attention_mask == [1] * valid + [0] * (length - valid)
        assert cut.input_ids[valid:] == [0] * (length - valid)
        rows.append({"text": text, "length": length, "ids": cut.input_ids[:valid], "whole": len(whole.input_ids)})
    packages = ["transformers", "tokenizers", "sentencepiece"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    lines = ",\n".join(json.dumps(row) for row in rows)
    (folder / "ids.json").write_text(f'{{"source": "{", ".join(versions)}", "cases": [\n{lines}\n]}}\n')
    size = (folder / "spiece.model").stat().st_size
    print(f"tokenizer: {len(rows)} strings, {tokenizer.vocab_size} ids, a model of {size / 1024:.0f} KB")
