"""Renders stories under every row of the ablation and measures them.

    python ops/ablation/run.py MODEL [--judges STATE] [--groups usual] [--width 96] [--steps 64] [--out DIR]

MODEL is a model folder, STATE where ops/embedded-model trained the judges, by default those that are kept here: another
CLIP than the one that steers, and the probe. Every story is rendered with every seed by `storyfarm-worker story`,
measured by `storyfarm-worker evaluate`, and looked at by the probe. What has been measured is kept in `--out`, so that
a kill costs one story; `report.py` makes tables of it.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time

import torch
import yaml

import footage
import rows

import train_probe

REPOSITORY = pathlib.Path(__file__).parents[2]
WORKER = REPOSITORY / ".build/release/storyfarm-worker"
STORIES = [REPOSITORY / f"ops/stories/measure-{number}.yaml" for number in range(1, 9)]


def worker(arguments: list[str]) -> str:
    # One thread a process: two cores are best used by two stories.
    result = subprocess.run([WORKER, *arguments, "--threads", "1"], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"storyfarm-worker {' '.join(arguments)}: {result.stderr.splitlines()[-1:]}")
    return result.stdout


def measured(options, probe, story: pathlib.Path, seed: int, arguments: list[str]) -> dict:
    script = yaml.safe_load(story.read_text())
    asked = [footage.labels(segment["scene"], segment["action"]) for segment in script["segments"]]
    size = ["--width", str(options.width), "--height", str(options.width * 2 // 3)]
    with tempfile.TemporaryDirectory() as folder:
        video = f"{folder}/story.mp4"
        start = time.monotonic()
        sampling = ["--seed", str(seed), "--steps", str(options.steps)]
        worker(["story", str(story), "--model", str(options.model), "-o", video, *size, *sampling, *arguments])
        seconds = time.monotonic() - start
        judge = ["--clip", str(options.judges / "clip-judge" / "trained")]
        measures = json.loads(worker(["evaluate", video, str(story), "--json", *judge]))["measures"]
        seen = footage.seen(probe, footage.frames(pathlib.Path(video)), asked)
    return {"seconds": seconds, "places": [label.scene for label in asked], "seen": seen, "judge": measures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--judges", type=pathlib.Path, default=pathlib.Path(__file__).parent / "judges")
    parser.add_argument("--groups", default="usual", help="of rows.py, with commas between them")
    parser.add_argument("--only", help="a part of the names of the rows")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path, default=REPOSITORY / ".build/ablation")
    options = parser.parse_args()
    torch.set_num_threads(1)
    probe = train_probe.load(options.judges)
    work = []
    for group in options.groups.split(","):
        for name, arguments in rows.GROUPS[group].items():
            if options.only and options.only not in name:
                continue
            for story in STORIES:
                for seed in range(1, options.seeds + 1):
                    path = options.out / str(options.width) / group / name / f"{story.stem}-{seed}.json"
                    if not path.exists():
                        work.append((path, story, seed, arguments))
    # Of all rows a little first, so that a table can be looked at early.
    random.Random(0).shuffle(work)
    lock, done = threading.Lock(), 0

    def one(item) -> None:
        nonlocal done
        path, story, seed, arguments = item
        result = measured(options, probe, story, seed, arguments)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(result))
        os.replace(unfinished, path)
        with lock:
            done += 1
            print(f"{done}/{len(work)} {path.parent.name} {path.stem}: {result['seconds']:.0f} s", flush=True)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(one, item) for item in work]:
            future.result()


if __name__ == "__main__":
    main()
