"""Writes a model's folder with the published Mochi-1's sizes and random bf16 weights: 30 GB, which show nothing.

    python ops/gpu/random_model.py FOLDER [--layers 48] [--text-layers 24]

For what a farm's processes do beside a render whose steps take as long as real ones. Tokenizer and CLIP are those of
the embedded model.
"""

import argparse
import json
import pathlib
import shutil

import torch
from diffusers import AutoencoderKLMochi, MochiTransformer3DModel
from safetensors.torch import save_file
from transformers import T5Config, T5EncoderModel

EMBEDDED = pathlib.Path(__file__).parents[1] / "embedded-model/model"
# T5 v1.1 XXL.
TEXT = {"d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_heads": 64, "vocab_size": 32128,
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}


def random_like(name: str, shape: torch.Size, device: str) -> torch.Tensor:
    """Small enough for everything that is computed with them to stay finite."""
    if len(shape) < 2:
        return torch.ones(shape, dtype=torch.bfloat16) if name.endswith("weight") else torch.zeros(
            shape, dtype=torch.bfloat16)
    return (torch.randn(shape, dtype=torch.bfloat16, device=device) * 0.02).cpu()


def write(folder: pathlib.Path, name: str, model: torch.nn.Module, device: str) -> None:
    """Its tensors, in one file: what is tied to another is written once."""
    folder.mkdir(parents=True)
    tensors = {key: random_like(key, value.shape, device) for key, value in model.state_dict().items()
               if key != "encoder.embed_tokens.weight"}
    save_file(tensors, folder / f"{name}.safetensors", metadata={"format": "pt"})
    print(folder.name, sum(tensor.numel() for tensor in tensors.values()), "parameters", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=48, help="of the transformer")
    parser.add_argument("--text-layers", type=int, default=24, help="of T5, which only prompts pass")
    usual = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=usual, help="what draws the numbers")
    options = parser.parse_args()
    folder, device = options.folder, options.device
    torch.manual_seed(1)
    with torch.device("meta"):
        transformer = MochiTransformer3DModel(num_layers=options.layers)
        autoencoder = AutoencoderKLMochi()
        text = T5EncoderModel(T5Config(**TEXT, num_layers=options.text_layers))
    write(folder / "transformer", "diffusion_pytorch_model", transformer, device)
    write(folder / "vae", "diffusion_pytorch_model", autoencoder, device)
    write(folder / "text_encoder", "model", text, device)
    transformer.save_config(folder / "transformer")
    autoencoder.save_config(folder / "vae")
    text.config.save_pretrained(folder / "text_encoder")
    for part in ["tokenizer", "scheduler", "clip"]:
        shutil.copytree(EMBEDDED / part, folder / part)
    shutil.copy(EMBEDDED / "model_index.json", folder)
    settings = json.loads((EMBEDDED / "storyfarm.json").read_text()) | {"name": "random"}
    (folder / "storyfarm.json").write_text(json.dumps(settings, indent=2))


main()
