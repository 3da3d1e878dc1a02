"""Tables of what run.py has measured: the mean over stories and, behind ±, its spread from story to story.

    python ops/ablation/report.py [--out DIR] [--width 96] [--against full]

A star marks what differs from the row `--against` of any group, story by story and seed by seed, by more than twice the
standard error of the differences.
"""

import argparse
import json
import pathlib

import numpy

REPOSITORY = pathlib.Path(__file__).parents[2]

# Heading, digits, and a run's figure.
COLUMNS = {
    "CLIP-add": (3, lambda run: run["judge"]["story"]["clipAdd"]),
    "CLIP-combined": (3, lambda run: run["judge"]["story"]["clipCombined"]),
    "consistency of frames": (3, lambda run: run["judge"]["story"]["frameConsistency"]),
    "of segments": (3, lambda run: run["judge"]["story"]["segmentConsistency"]),
    "motion": (4, lambda run: run["judge"]["story"]["motion"]),
    "scene": (2, lambda run: seen(run, "scene")),
    "characters": (2, lambda run: seen(run, "characters")),
    "action": (2, lambda run: seen(run, "action")),
    "seam inside a place": (2, lambda run: borders(run, "seam", False)),
    "seam at a change": (2, lambda run: borders(run, "seam", True)),
    "place after it": (2, lambda run: entries(run, True)),
    "place inside": (2, lambda run: entries(run, False)),
}


def mean(values: list[float]) -> float:
    return float(numpy.mean(values)) if values else float("nan")


def seen(run: dict, key: str) -> float:
    return mean([segment[key] for segment in run["seen"]])


def changes(run: dict) -> list[bool]:
    """By border: whether the place changes there."""
    return [before != after for before, after in zip(run["places"], run["places"][1:])]


def borders(run: dict, key: str, at_change: bool) -> float:
    # Infinite where nothing moves inside; no mean survives that.
    values = [float(border[key]) for border in run["judge"]["borders"]]
    return mean([value for value, change in zip(values, changes(run)) if change == at_change and numpy.isfinite(value)])


def entries(run: dict, at_change: bool) -> float:
    """How often frames 1 to 3 after a border show the place that is asked for."""
    return mean([part["entry"] for part, change in zip(run["seen"][1:], changes(run)) if change == at_change])


def read(folder: pathlib.Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def by_story(runs: dict[str, dict], figure) -> list[float]:
    stories: dict[str, list[float]] = {}
    for name, run in runs.items():
        value = figure(run)
        if not numpy.isnan(value):
            stories.setdefault(name.rpartition("-")[0], []).append(value)
    return [mean(values) for values in stories.values()]


def is_different(runs: dict[str, dict], base: dict[str, dict], figure) -> bool:
    pairs = [figure(run) - figure(base[name]) for name, run in runs.items() if name in base]
    pairs = [pair for pair in pairs if not numpy.isnan(pair)]
    if len(pairs) < 2 or runs is base:
        return False
    return abs(mean(pairs)) > 2 * numpy.std(pairs, ddof=1) / len(pairs) ** 0.5


def table(rows: dict[str, dict], base: dict[str, dict]) -> str:
    lines = ["| row | runs | " + " | ".join(COLUMNS) + " |", "|---|" + "---|" * (len(COLUMNS) + 1)]
    for name, runs in rows.items():
        cells = [name, str(len(runs))]
        for digits, figure in COLUMNS.values():
            values = by_story(runs, figure)
            star = "*" if is_different(runs, base, figure) else ""
            spread = float(numpy.std(values, ddof=1)) if len(values) > 1 else 0
            cells.append(f"{mean(values):.{digits}f} ±{spread:.{digits}f}{star}" if values else "–")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=REPOSITORY / ".build/ablation")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--against", default="full")
    options = parser.parse_args()
    folder = options.out / str(options.width)
    base = next((read(path) for path in sorted(folder.glob(f"*/{options.against}"))), {})
    for group in sorted(path for path in folder.iterdir() if path.is_dir()):
        rows = {path.name: read(path) for path in sorted(group.iterdir())}
        print(f"\n{group.name}\n\n{table(rows, base)}")


if __name__ == "__main__":
    main()
