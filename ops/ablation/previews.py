"""How near each preview comes to a full decode: |cos - cos_exact| of every step, and what that does to the weights.

    python ops/ablation/previews.py MODEL [--stories 1,3] [--width 192] [--steps 64]

Renders measuring stories with `storyfarm-worker story --compare-previews` (3 has 16 prompts, 1 and 3 have 16
segments).
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy

REPOSITORY = pathlib.Path(__file__).parents[2]
WORKER = REPOSITORY / ".build/release/storyfarm-worker"
# Preview modes, and after how many steps each is looked at again.
MODES = {
    "frame0": ("frame0", 1), "middle": ("middle", 1), "linear": ("linear", 1),
    "middle, every 2 steps": ("middle", 2), "middle, every 4 steps": ("middle", 4),
    "exact, every 4 steps": ("exact", 4),
}  # fmt: skip
PROMPTS = ["scene", "action"]


def traced(options, number: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        size = ["--width", str(options.width), "--height", str(options.width * 2 // 3), "--steps", str(options.steps)]
        story = REPOSITORY / f"ops/stories/measure-{number}.yaml"
        subprocess.run(
            [WORKER, "story", story, "--model", options.model, "-o", f"{folder}/s.mp4", "--trace", f"{folder}/t.json",
             "--compare-previews", *size], check=True)  # fmt: skip
        return json.loads(pathlib.Path(f"{folder}/t.json").read_text())


def weight(step: dict, similarity: dict, settings: dict) -> float:
    """The scene prompt's weight in a step, had its preview seen this similarity."""
    used = step["weighting"]["similarity"]
    scene, action = (
        step["weighting"]["scores"][p] + settings["alignment"] * (similarity[p] - used[p]) for p in PROMPTS)
    return 1 / (1 + numpy.exp((action - scene) / settings["temperature"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--stories", default="1,3")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--steps", type=int, default=64)
    options = parser.parse_args()
    # By mode: |cos - cos_exact| and |α - α_exact|, a row per segment, a column per step.
    cosines = {mode: [] for mode in MODES}
    weights = {mode: [] for mode in MODES}
    for number in options.stories.split(","):
        trace = traced(options, number)
        settings = json.loads(trace["story"])["weighting"]
        for segment in trace["segments"]:
            steps = segment["steps"]
            for name, (mode, every) in MODES.items():
                differences, changes = [], []
                # What steers step k is the preview after step k - 1, or of up to `every` - 1 steps earlier.
                for k in range(1, len(steps)):
                    seen = steps[k - 1 - (k - 1) % every]["previews"][mode]
                    exact = steps[k - 1]["previews"]["exact"]
                    differences.append(numpy.mean([abs(seen[p] - exact[p]) for p in PROMPTS]))
                    changes.append(abs(weight(steps[k], seen, settings) - weight(steps[k], exact, settings)))
                cosines[name].append(differences)
                weights[name].append(changes)
    count = len(cosines["middle"])
    print(f"{count} prompt pairs, {options.steps} steps, {options.width} pixels wide")
    print("| preview | mean of \\|cos - cos_exact\\| | largest | in the first half of the steps | in the second "
          "| mean of \\|α - α_exact\\| | largest |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for mode in MODES:
        cosine, change = numpy.array(cosines[mode]), numpy.array(weights[mode])
        half = cosine.shape[1] // 2
        print(f"| {mode} | {cosine.mean():.4f} | {cosine.max():.4f} | {cosine[:, :half].mean():.4f} "
              f"| {cosine[:, half:].mean():.4f} | {change.mean():.4f} | {change.max():.4f} |")  # fmt: skip


if __name__ == "__main__":
    main()
