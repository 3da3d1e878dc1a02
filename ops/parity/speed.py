"""Times StoryFarm's Mochi against diffusers' on this machine: the same weights, dtype and threads, in turns.

    swift build -c release --product MochiBench
    python ops/parity/speed.py [--rounds 5] [--threads 2] [--folder DIR] [--size embedded large] [--only denoise decode]

Both programs are started, load their weights and stay; they are then asked for one round after the other, in turns.
Ratios are medians over the pairs of neighbouring rounds: below 1, StoryFarm is the faster. Memory is what the process
grew by over its start (libraries loaded, no weights yet) at most in the measured rounds, weights included.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = pathlib.Path(__file__).parents[2]
EMBEDDED = {
    "transformer": {"num_attention_heads": 4, "attention_head_dim": 48, "num_layers": 6, "pooled_projection_dim": 96,
                    "text_embed_dim": 128, "time_embed_dim": 128},
    "vae": {"decoder_block_out_channels": (32, 64, 96, 128), "encoder_block_out_channels": (32, 64, 96, 128),
            "layers_per_block": (1, 1, 1, 1, 1), "add_attention_block": (False,) * 5},
    # Latents are 1/8 of the picture and, but for the first frame, 1/6 of the frames.
    "denoise": (192, 128, 25), "decode": (192, 128, 25), "steps": 16,
}
LARGE = {
    "transformer": {"num_attention_heads": 8, "attention_head_dim": 128, "num_layers": 11,
                    "pooled_projection_dim": 512, "text_embed_dim": 4096, "time_embed_dim": 256},
    "vae": {},  # The published sizes.
    "denoise": (256, 256, 91), "decode": (96, 96, 13), "steps": 1,
}
SIZES = {"embedded": EMBEDDED, "large": LARGE}
TOKENS = 32


def write_models(folder: pathlib.Path, size: dict) -> None:
    """The weights in both dtypes and the inputs of both parts, unless they are there."""
    import torch
    from diffusers import AutoencoderKLMochi, MochiTransformer3DModel
    from safetensors.torch import save_file

    torch.manual_seed(1)
    transformer, vae = MochiTransformer3DModel(**size["transformer"]), AutoencoderKLMochi(**size["vae"])
    torch.nn.init.normal_(transformer.pos_frequencies)
    sizes = {name: sum(p.numel() for p in model.parameters()) for name, model in
             [("transformer", transformer), ("decoder", vae.decoder)]}
    (folder / "sizes.json").write_text(json.dumps(sizes))
    for precision, dtype in [("fp32", torch.float32), ("bf16", torch.bfloat16)]:
        for part in ["denoise", "decode"]:
            width, height, frames = size[part]
            place = folder / precision / part
            model, name = (transformer, "transformer") if part == "denoise" else (vae, "vae")
            other, other_name = (vae, "vae") if part == "denoise" else (transformer, "transformer")
            model.to(dtype).save_pretrained(place / name)
            other.save_config(place / other_name)
            tokens = torch.randn(2, 1, TOKENS, transformer.config.text_embed_dim)
            latents = torch.randn(1, 12, (frames - 1) // 6 + 1, height // 8, width // 8)
            save_file({"latents": latents, "prompt": tokens[0].clone(), "negative": tokens[1].clone()},
                      place / "inputs.safetensors")


TICKS = os.sysconf("SC_CLK_TCK")


def busy_ticks() -> int:
    """Processor time of all programs: without idle (the fourth) and waiting (the fifth)."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4]


class Resident:
    """A program that answers a line with a line."""

    def __init__(self, command: list[str]) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.greeting = self.process.stdout.readline().strip()

    def round(self, line: str) -> float:
        """Seconds of a round, asked again while other programs take more than 4 % of a core meanwhile.

        A barrier between threads waits for a thread that has lost its core: small disturbances are not small here.
        """
        while True:
            others, start = busy_ticks() - self.ticks(), time.monotonic()
            seconds = float(self.ask(line))
            taken = (busy_ticks() - self.ticks() - others) / TICKS / (time.monotonic() - start)
            if taken < 0.04:
                return seconds
            print(f"disturbed: others took {taken:.0%} of a core", file=sys.stderr, flush=True)

    def ticks(self) -> int:
        """Processor time of this program, as the kernel counts it."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit(f"no answer to {line!r} from {self.process.args[0]}")
        return answer

    def memory(self) -> list[int]:
        return [int(word) for word in self.ask("memory").split()]

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def requests(part: str, steps: int) -> list[tuple[str, str, str]]:
    """What a row measures, and how the two are asked for it."""
    if part == "decode":
        return [("the same frames (form diffusers)", "decode diffusers", "decode diffusers"),
                ("each its default (ours: form genmo)", "decode genmo", "decode diffusers")]
    return [("both prompts 32 tokens, the other pads to 256", f"denoise all {steps}", f"denoise all {steps}"),
            ("no negative prompt, the other pads to 256", f"denoise none {steps}", f"denoise none {steps}"),
            ("both prompts 32 tokens, no padding at all", f"denoise all {steps}", f"denoise whole {steps}")]


def compare(folder: pathlib.Path, part: str, precision: str, size: dict, options: argparse.Namespace) -> None:
    threads = str(options.threads)
    place = folder / precision / part
    ours = Resident([str(ROOT / ".build/release/MochiBench"), "--resident", "--model", str(place), "--part", part,
                     "--threads", threads])
    theirs = Resident([sys.executable, str(ROOT / "ops/parity/speed_reference.py"), str(place), part, precision,
                       threads])
    steps = size["steps"]
    divisor = steps if part == "denoise" else 1
    for title, our_request, their_request in requests(part, steps)[: options.rows]:
        ours.ask(our_request), theirs.ask(their_request)  # Warm-up.
        ours.ask("forget-peak"), theirs.ask("forget-peak")
        pairs = []
        for number in range(options.rounds):
            # Who begins changes, so that neither always follows the other.
            if number % 2:
                theirs_time = theirs.round(their_request)
                pairs.append((ours.round(our_request), theirs_time))
            else:
                pairs.append((ours.round(our_request), theirs.round(their_request)))
        ratios = [a / b for a, b in pairs]
        growth = [memory[2] - memory[0] for memory in (ours.memory(), theirs.memory())]
        middle = [statistics.median(times) / divisor for times in zip(*pairs)]
        print(f"| {part} {precision} | {title} | {middle[0]:.4g} s | {middle[1]:.4g} s "
              f"| **{statistics.median(ratios):.3f}** ({min(ratios):.3f}-{max(ratios):.3f}) "
              f"| {growth[0] / 1e6:.0f} MB | {growth[1] / 1e6:.0f} MB | **{growth[0] / growth[1]:.2f}** |", flush=True)
    options.greetings.add(f"ours: {ours.greeting}; diffusers: {theirs.greeting}")
    ours.end(), theirs.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the weights there; a temporary folder otherwise")
    parser.add_argument("--size", nargs="*", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--only", nargs="*", choices=["denoise", "decode"], default=["denoise", "decode"])
    parser.add_argument("--precision", nargs="*", choices=["fp32", "bf16"], default=["fp32", "bf16"])
    parser.add_argument("--rows", type=int, help="only the first rows of each table: large models take minutes a row")
    options = parser.parse_args()
    options.greetings = set()
    # The other program's threads follow the same number wherever it is read.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(options.threads)
    with tempfile.TemporaryDirectory() as temporary:
        base = options.folder or pathlib.Path(temporary)
        for name in options.size:
            size, folder = SIZES[name], base / name
            if not (folder / "sizes.json").exists():
                folder.mkdir(parents=True, exist_ok=True)
                subprocess.run([sys.executable, __file__, "--write", str(folder), name], check=True)
            sizes = json.loads((folder / "sizes.json").read_text())
            for part in options.only:
                width, height, frames = size[part]
                parameters = sizes["transformer" if part == "denoise" else "decoder"] / 1e6
                tokens = f", {((frames - 1) // 6 + 1) * (height // 16) * (width // 16)} tokens"
                print(f"\n{name}, {part}: {parameters:.1f} M parameters, {width}x{height}, {frames} frames"
                      f"{tokens if part == 'denoise' else ''}; seconds {'per step' if part == 'denoise' else 'in all'}")
                print("| | | ours | diffusers | time | growth of memory | of diffusers | memory |")
                print("|---|---|---|---|---|---|---|---|", flush=True)
                for precision in options.precision:
                    compare(folder, part, precision, size, options)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ["torch", "diffusers", "transformers"]]
    print(f"\n{options.rounds} rounds in turns, {options.threads} threads, {', '.join(versions)}")
    print("\n".join(sorted(options.greetings)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        # In a process of its own: importing the reference takes hundreds of megabytes.
        write_models(pathlib.Path(sys.argv[2]), SIZES[sys.argv[3]])
    else:
        main()
