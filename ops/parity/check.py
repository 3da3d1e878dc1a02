"""Compares every network with the reference on configurations drawn by a seed, and prints the worst differences.

    python ops/parity/check.py [--seed N] [--count 3]

Records the reference (fixtures.py), runs GoldenTests over the recordings, both now, and prints a table: what was
compared, how often, the largest difference relative to the largest element, and how much is allowed.
"""

import argparse
import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--count", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        record = [sys.executable, HERE / "fixtures.py", "--out", folder]
        options = ["--seed", str(arguments.seed), "--count", str(arguments.count)]
        print(f"recording the reference: seed {arguments.seed}, {arguments.count} configurations", flush=True)
        subprocess.run([*record, *options], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = pathlib.Path(folder) / "report.tsv"
        environment = os.environ | {"STORYFARM_GOLDEN": folder, "STORYFARM_GOLDEN_REPORT": str(report)}
        print("comparing", flush=True)
        command = ["swift", "test", "--package-path", str(HERE.parents[1]), "--filter", "GoldenTests"]
        tests = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines = tests.stdout.splitlines()
        show(report)
    failures = [line for line in lines if line.startswith("✘") or "error:" in line]
    closing = [line for line in lines if "Test run with" in line]
    print("\n".join(failures + closing))
    return tests.returncode


def show(report: pathlib.Path) -> None:
    rows = collections.defaultdict(list)
    for line in report.read_text().splitlines() if report.exists() else []:
        what, measured, allowed = line.split("\t")
        rows[what, float(allowed)].append(float(measured))
    print(f"{'compared':50} {'times':>6} {'worst':>9} {'allowed':>9}")
    for (what, allowed), measured in sorted(rows.items()):
        print(f"{what:50} {len(measured):6} {max(measured):9.1e} {allowed:9.0e}")


if __name__ == "__main__":
    sys.exit(main())
