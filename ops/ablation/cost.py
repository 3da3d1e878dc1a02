"""What the method costs: the full method against plain Mochi in turns, on the same story, and where the time goes.

    python ops/ablation/cost.py MODEL [--story STORY] [--rounds 5] [--threads 2] [--previews]

Wall seconds are those of whole commands, from the start to the MP4. With --previews, every preview mode takes a turn.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import rows

REPOSITORY = pathlib.Path(__file__).parents[2]
WORKER = REPOSITORY / ".build/release/storyfarm-worker"
PARTS = ["conditional", "unconditional", "preview", "weighting", "blending"]


def run(options, arguments: list[str]) -> tuple[float, dict[str, float]]:
    """Wall seconds, and seconds by part of all steps together."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            WORKER, "story", options.story, "--model", options.model, "-o", f"{folder}/s.mp4", "--trace",
            f"{folder}/t.json", "--threads", str(options.threads), *arguments,
        ]  # fmt: skip
        start = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        wall = time.monotonic() - start
        trace = json.loads(pathlib.Path(f"{folder}/t.json").read_text())
    steps = [step["milliseconds"] for segment in trace["segments"] for step in segment["steps"]]
    return wall, {part: sum(step[part] for step in steps) / 1000 for part in PARTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--story", type=pathlib.Path, default=REPOSITORY / "ops/stories/demo.yaml")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--previews", action="store_true")
    options = parser.parse_args()
    subjects = {"plain": rows.PLAIN, "full": [], "full, a preview at every step": ["--set", "weighting.every=1"]}
    if options.previews:
        subjects |= {f"full, {mode}": ["--set", f"weighting.preview={mode}"]
                     for mode in ("linear", "frame0", "middle", "exact")}  # fmt: skip
    results = {name: [] for name in subjects}
    for _ in range(options.rounds):
        for name, arguments in subjects.items():
            results[name].append(run(options, arguments))
    print(f"medians of {options.rounds} rounds, {options.threads} threads, {options.story.name}")
    print("| run | wall s | of plain | steps: " + " | ".join(f"{part} s" for part in PARTS) + " |")
    print("|---|---|---|" + "---|" * len(PARTS))
    for name, runs in results.items():
        ratio = statistics.median(wall / plain for (wall, _), (plain, _) in zip(runs, results["plain"]))
        wall = statistics.median(wall for wall, _ in runs)
        parts = [statistics.median(parts[part] for _, parts in runs) for part in PARTS]
        print(f"| {name} | {wall:.1f} | {ratio:.3f} | " + " | ".join(f"{part:.2f}" for part in parts) + " |")


if __name__ == "__main__":
    main()
