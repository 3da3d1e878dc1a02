"""Records the reference implementations on small random models whose configurations are drawn by a seed.

    python ops/parity/fixtures.py [--out DIR] [--seed N] [--count 3] [KIND …]

The committed recordings are those of the default arguments. With `--out DIR --seed N --count M`, others are recorded;
`STORYFARM_GOLDEN=DIR swift test --filter GoldenTests` then compares with them.
"""

import argparse
import importlib
import os
import pathlib
import random

os.environ["HF_HUB_OFFLINE"] = "1"

import torch

KINDS = ["dit", "t5", "clip", "vae", "pipeline", "story", "evaluation"]
COMMITTED = pathlib.Path(__file__).parents[2] / "Tests/Golden/GoldenTests/Fixtures"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all by default")
    parser.add_argument("--out", type=pathlib.Path, default=COMMITTED)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3)
    arguments = parser.parse_args()
    kinds = arguments.kinds or KINDS
    if foreign := set(kinds) - set(KINDS):
        parser.error(f"there is no kind {', '.join(sorted(foreign))}; there are {', '.join(KINDS)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    print(f"seed {arguments.seed}, {arguments.count} configurations of each kind")
    for kind in kinds:
        module = importlib.import_module(kind)
        for number in range(arguments.count):
            # Each recording has a seed of its own, so that adding a kind does not change the others.
            draw = random.Random(f"{kind}/{arguments.seed}/{number}")
            torch.manual_seed(draw.randrange(2**31))
            with torch.no_grad():
                module.record_all(arguments.out, f"{number + 1}", draw)


if __name__ == "__main__":
    main()
