"""Writes one recorded run of a reference implementation as a safetensors file that GoldenTests reads."""

import importlib.metadata
import json
import pathlib

import torch
from safetensors.torch import save_file

PACKAGES = ["torch", "diffusers", "transformers"]


def source() -> str:
    """The versions of what computed the outputs."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)


def record(
    folder: pathlib.Path,
    name: str,
    kind: str,
    config: dict,
    inputs: dict[str, torch.Tensor],
    outputs: dict[str, torch.Tensor],
    weights: dict[str, torch.Tensor],
) -> None:
    """Saves inputs, outputs and weights under `in.`, `out.` and `weights.`, the configuration as metadata."""
    tensors = {f"in.{key}": value for key, value in inputs.items()}
    tensors |= {f"out.{key}": value for key, value in outputs.items()}
    tensors |= {f"weights.{key}": value for key, value in weights.items()}
    tensors = {key: value.detach().contiguous().clone() for key, value in tensors.items()}
    path = folder / f"{name}.safetensors"
    save_file(tensors, path, metadata={"kind": kind, "config": json.dumps(config), "source": source()})
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB, {json.dumps(config)}")
