"""The sentencepiece tokenizer of the text encoder."""

import collections
import json
import math
import pathlib
import string

import sentencepiece
import torch
from sentencepiece import sentencepiece_model_pb2

import prompts
import world

# Tokens of a prompt, padding included: room for a dozen more than the longest of training.
LENGTH = 48
TRAINING_LENGTH = 40
# T5 counts these to its vocabulary, after the pieces of the file.
SENTINELS = 100
SPACE = "\u2581"
# Less likely than any word, so that a word is one piece wherever it can be.
LETTER_SCORE = -20.0


def train(folder: pathlib.Path) -> None:
    """Writes `spiece.model`, a unigram model whose pieces are the world's words and, for all others, letters."""
    folder.mkdir(parents=True, exist_ok=True)
    words = collections.Counter(
        word for text in prompts.corpus(world.SCENES, world.CHARACTERS) for word in text.split())
    total = sum(words.values())
    model = _empty_model(folder)
    for word, count in sorted(words.items()):
        model.pieces.add(piece=SPACE + word, score=math.log(count / total))
    for letter in SPACE + string.ascii_lowercase + string.digits + string.punctuation:
        model.pieces.add(piece=letter, score=LETTER_SCORE)
    (folder / "spiece.model").write_bytes(model.SerializeToString())
    settings = {
        "tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
        "extra_ids": SENTINELS, "model_max_length": LENGTH, "legacy": False,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def _empty_model(folder: pathlib.Path) -> sentencepiece_model_pb2.ModelProto:
    """A model with the special pieces and the normalisation, which also folds capitals.

    The trainer itself is of no use: from so few words it makes pieces of words.
    """
    corpus, prefix = folder / "corpus.txt", folder / "spiece"
    corpus.write_text("a b c d e f g\n")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(prefix), vocab_size=16, hard_vocab_limit=False, model_type="unigram",
        normalization_rule_name="nmt_nfkc_cf", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2, num_threads=1)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString((folder / "spiece.model").read_bytes())
    del model.pieces[3:]
    # The trainer notes where it read its corpus.
    model.trainer_spec.ClearField("input")
    model.trainer_spec.ClearField("model_prefix")
    for leftover in (corpus, folder / "spiece.vocab"):
        leftover.unlink()
    return model


class PromptTokens:
    """Prompts to ids and masks, as diffusers' pipeline makes them."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
        self.vocabulary = self.model.get_piece_size() + SENTINELS

    def __call__(self, texts: list[str], length: int = LENGTH) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and masks `[B, length]`; an empty text has no token at all, not even its end."""
        rows = [self.model.encode(text)[: length - 1] + [1] if text else [] for text in texts]
        ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
        return ids, torch.tensor([[index < len(row) for index in range(length)] for row in rows])
