"""Writes what has been trained as a model folder in the published layout, or takes training up again from one.

    python ops/embedded-model/export.py MODEL [--state DIR]
    python ops/embedded-model/export.py MODEL --restore [--state DIR]
"""

import json
import pathlib
import re
import shutil

import numpy
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, MochiTransformer3DModel
from transformers import CLIPModel, T5EncoderModel

import encode
import state
import vae
import world

LIMIT_BYTES = 25_000_000

INDEX = {
    "_class_name": "MochiPipeline",
    "_diffusers_version": "0.42.1",
    "force_zeros_for_empty_prompt": True,
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "T5EncoderModel"],
    "tokenizer": ["transformers", "T5Tokenizer"],
    "transformer": ["diffusers", "MochiTransformer3DModel"],
    "vae": ["diffusers", "AutoencoderKLMochi"],
}
STORYFARM = {
    "name": "embedded",
    "vae": {"form": "genmo"},
    "video": {"width": 192, "height": 128, "frames": world.FRAMES, "fps": 12},
    # On a CPU a preview costs a sixth of a step, and one of the step before last steers as well (ops/ablation).
    "weighting": {"preview": "middle", "every": 2},
    # In the usual 64 steps twice as much keeps the old place in every third first frame behind a change (ops/ablation).
    "blending": {"gamma": 0.1},
}


def colours(training: pathlib.Path, statistics: dict[str, list[float]]) -> dict:
    """The matrix from latents to colours that is nearest to what the clips' first frames show, in patches of 8x8."""
    shard = state.load(encode.folder(training, 192) / "0000.pt")["latents"][:, :, 0].float()
    mean, deviation = (torch.tensor(statistics[key]).view(1, -1, 1, 1) for key in ("mean", "std"))
    latents = ((shard - mean) / deviation).movedim(1, -1).reshape(-1, vae.CHANNELS).double().numpy()
    frames = numpy.stack([world.sample(f"train/{index}", frames=range(1)).frames[0] for index in range(len(shard))])
    patches = frames.reshape(len(shard), shard.shape[2], 8, shard.shape[3], 8, 3).mean((2, 4)).reshape(-1, 3)
    inputs = numpy.concatenate([latents, numpy.ones((len(latents), 1))], axis=1)
    matrix, *_ = numpy.linalg.lstsq(inputs, patches / 127.5 - 1, rcond=None)
    error = numpy.abs(inputs @ matrix - (patches / 127.5 - 1)).mean()
    print(f"colours by one matrix: mean error {error:.3f} of -1 to 1")
    rounded = numpy.round(matrix, 4).tolist()
    return {"factors": rounded[:-1], "bias": rounded[-1]}


def export(model: pathlib.Path, training: pathlib.Path) -> None:
    model.mkdir(parents=True, exist_ok=True)
    autoencoder = vae.load(training / "vae" / "trained")
    statistics = encode.statistics(training)
    autoencoder.register_to_config(latents_mean=statistics["mean"], latents_std=statistics["std"])
    modules = {
        "vae": autoencoder.to(memory_format=torch.contiguous_format),
        "text_encoder": T5EncoderModel.from_pretrained(training / "dit" / "text_encoder"),
        "transformer": MochiTransformer3DModel.from_pretrained(training / "dit" / "transformer"),
    }
    shutil.copytree(training / "dit" / "tokenizer", model / "tokenizer", dirs_exist_ok=True)
    if (training / "clip" / "trained" / "preprocessor_config.json").exists():
        shutil.copytree(training / "clip" / "trained", model / "clip", dirs_exist_ok=True)
        modules["clip"] = CLIPModel.from_pretrained(training / "clip" / "trained")
    for name, module in modules.items():
        module.to(torch.bfloat16).save_pretrained(model / name)
        # Where it was read from, which is nobody's business.
        config = json.loads((model / name / "config.json").read_text())
        config.pop("_name_or_path", None)
        (model / name / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    FlowMatchEulerDiscreteScheduler(invert_sigmas=True).save_pretrained(model / "scheduler")
    recommended = STORYFARM | {"preview": {"linear": colours(training, statistics)}}
    (model / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    # A row of the matrix a line.
    number = r"\s+(-?[\d.]+)"
    text = re.sub(rf"\[{number},{number},{number}\s+\]", r"[\1, \2, \3]", json.dumps(recommended, indent=2))
    (model / "storyfarm.json").write_text(text + "\n")
    report_sizes(model)


def report_sizes(model: pathlib.Path) -> None:
    total = 0
    for path in sorted(path for path in model.rglob("*") if path.is_file()):
        total += path.stat().st_size
        print(f"{path.stat().st_size:>12,}  {path.relative_to(model)}")
    print(f"{total:>12,}  of {LIMIT_BYTES:,} bytes")
    if total > LIMIT_BYTES:
        raise SystemExit("the folder is too large")


def restore(model: pathlib.Path, training: pathlib.Path) -> None:
    """Makes a state that trainings continue from; what they remember besides the weights begins anew."""
    autoencoder = vae.load(model / "vae")
    for name in ("encoder", "trained"):
        autoencoder.save_pretrained(training / "vae" / name)
    statistics = {"mean": list(autoencoder.config.latents_mean), "std": list(autoencoder.config.latents_std)}
    (training / "latents").mkdir(parents=True, exist_ok=True)
    (training / "latents" / "statistics.json").write_text(json.dumps(statistics))
    shutil.copytree(model / "tokenizer", training / "dit" / "tokenizer", dirs_exist_ok=True)
    shutil.copytree(model / "clip", training / "clip" / "trained", dirs_exist_ok=True)
    classes = {"text_encoder": T5EncoderModel, "transformer": MochiTransformer3DModel}
    modules = [kind.from_pretrained(model / name, torch_dtype=torch.float32) for name, kind in classes.items()]
    state.save(training / "dit" / "checkpoint.pt", {
        "modules": [module.state_dict() for module in modules], "optimizers": [],
        "average": [parameter.detach() for module in modules for parameter in module.parameters()],
        "step": 0, "seconds": 0.0,
    })  # fmt: skip
    state.save(training / "vae" / "checkpoint.pt", {
        "model": autoencoder.state_dict(), "optimizers": [], "step": 0, "seconds": 0.0,
    })  # fmt: skip


def main() -> None:
    parser = state.arguments(__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--restore", action="store_true")
    options = parser.parse_args()
    (restore if options.restore else export)(options.model, options.state)


if __name__ == "__main__":
    main()
