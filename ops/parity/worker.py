"""Runs `storyfarm-worker segment` for a comparison with the reference."""

import pathlib
import subprocess
import tempfile

import torch
from safetensors.torch import load_file, save_file

PROGRAM = pathlib.Path(__file__).parents[2] / ".build/release/storyfarm-worker"


def require_program() -> None:
    if not PROGRAM.exists():
        raise SystemExit("build the worker first: swift build -c release --product storyfarm-worker")


def segment(
    model: pathlib.Path, request: dict, latents: torch.Tensor, precision: str, form: str, threads: int = 2
) -> dict[str, torch.Tensor]:
    """The prompt's vectors and mask, finished latents and frames that the worker makes of a request and latents."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        save_file({"latents": latents.contiguous()}, folder / "start.safetensors")
        outputs = {key: folder / f"{key}.safetensors" for key in ["latents", "frames", "embeddings"]}
        command = [PROGRAM, "segment", "--model", model, "--precision", precision, "--vae-form", form]
        command += ["--threads", str(threads), "--initial-latents", folder / "start.safetensors"]
        for option in ["prompt", "negative", "width", "height", "frames", "steps", "guidance"]:
            command += [f"--{option}", str(request[option])]
        for key, path in outputs.items():
            command += [f"--save-{key}", path]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        tensors: dict[str, torch.Tensor] = {}
        for path in outputs.values():
            tensors |= load_file(path)
    return tensors
