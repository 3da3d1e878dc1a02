"""Encodes rendered clips into latents, from which the transformer learns.

    python ops/embedded-model/encode.py [--clips 4000] [--width 192] [--part 0] [--parts 1] [--state DIR]

Whoever runs several of these at once gives each its part. Shards that exist are left alone, so that a larger `--clips`
adds to them.
"""

import dataclasses
import json
import pathlib

import numpy
import torch

import state
import vae
import world

SHARD = 50
BATCH = 2


def folder(state_folder: pathlib.Path, width: int) -> pathlib.Path:
    return state_folder / "latents" / str(width)


def encode_shard(model, number: int, width: int) -> dict:
    clips = [
        world.sample(f"train/{index}", width=width, height=width * 2 // 3)
        for index in range(number * SHARD, (number + 1) * SHARD)
    ]
    batches = [
        vae.encoded(model, numpy.stack([clip.frames for clip in clips[start : start + BATCH]])).half()
        for start in range(0, SHARD, BATCH)
    ]
    return {"latents": torch.cat(batches), "labels": [dataclasses.asdict(clip.labels) for clip in clips]}


def statistics(state_folder: pathlib.Path) -> dict[str, list[float]]:
    """Mean and deviation per channel of the first shard at full size; once written they stay."""
    path = state_folder / "latents" / "statistics.json"
    if not path.exists():
        latents = state.load(folder(state_folder, 192) / "0000.pt")["latents"].float()
        mean, deviation = latents.mean((0, 2, 3, 4)), latents.std((0, 2, 3, 4))
        path.write_text(json.dumps({"mean": mean.tolist(), "std": deviation.tolist()}))
    return json.loads(path.read_text())


def main() -> None:
    options = state.arguments(__doc__, clips=4000, width=192, part=0, parts=1).parse_args()
    torch.set_num_threads(options.threads)
    log = state.Log(options.state / "latents" / "log.jsonl")
    model = vae.load(options.state / "vae" / "encoder")
    clock = state.Clock()
    for number in range(options.part, options.clips // SHARD, options.parts):
        path = folder(options.state, options.width) / f"{number:04}.pt"
        if not path.exists():
            state.save(path, encode_shard(model, number, options.width))
            log(width=options.width, shard=number, seconds=clock.seconds)


if __name__ == "__main__":
    main()
