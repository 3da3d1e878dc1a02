"""Training that can be killed at any moment and is continued by the same command.

Everything unfinished lives in one folder, `--state`, by default `.training` beside this file.
"""

import argparse
import json
import os
import pathlib
import time

import torch

HERE = pathlib.Path(__file__).parent
SAVE_EVERY_SECONDS = 240


def arguments(description: str, **numbers: int | float) -> argparse.ArgumentParser:
    """A parser with what all trainings have in common, and options for numbers with their defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=pathlib.Path, default=HERE / ".training", help="folder of what is unfinished")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tag", help="ignored; a word to find the process by")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser


def fast_type() -> torch.dtype:
    """bfloat16 where the CPU multiplies it, far faster than float32; elsewhere it is a hundred times slower."""
    # Whatever CPU has AMX has this, too.
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


def autocast() -> torch.autocast:
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_type() == torch.bfloat16)


def save(path: pathlib.Path, content: dict) -> None:
    """Replaces a checkpoint as a whole, so that a kill leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    torch.save(content, unfinished)
    os.replace(unfinished, path)


def load(path: pathlib.Path) -> dict | None:
    return torch.load(path, weights_only=True) if path.exists() else None


class Log:
    """Appends a line of JSON per report, and prints it."""

    def __init__(self, path: pathlib.Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def __call__(self, **values) -> None:
        rounded = {key: round(value, 5) if isinstance(value, float) else value for key, value in values.items()}
        line = json.dumps(rounded)
        print(line, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")


class Clock:
    """CPU seconds of this training over all its runs: a stopped or crowded-out process does not age."""

    def __init__(self, before: float = 0) -> None:
        self.before = before
        self.saved = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.process_time()

    def is_time_to_save(self) -> bool:
        if time.monotonic() - self.saved < SAVE_EVERY_SECONDS:
            return False
        self.saved = time.monotonic()
        return True


class Average:
    """An exponential moving average of parameters, for evaluation and export."""

    def __init__(self, modules: list[torch.nn.Module], decay: float) -> None:
        self.parameters = [parameter for module in modules for parameter in module.parameters()]
        self.values = [parameter.detach().clone() for parameter in self.parameters]
        self.decay = decay

    def update(self, step: int) -> None:
        decay = min(self.decay, (step + 1) / (step + 20))
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 - decay)

    def swap(self) -> None:
        """Exchanges the averages with the parameters; a second call undoes it."""
        for parameter, value in zip(self.parameters, self.values):
            mine = parameter.detach().clone()
            parameter.data.copy_(value)
            value.copy_(mine)
