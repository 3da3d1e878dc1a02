"""The first stage of an image, gone through in a bare Debian: its RUN lines as they are written.

In place of the base image stands this machine's Swift with the packages that swift.org wants beside it; packages come
from where this machine takes them.
"""

import os
import pathlib
import shutil
import subprocess
import sys

# What swift.org wants on Debian 12, and what the base image has for downloading.
PACKAGES = (
    "binutils binutils-gold ca-certificates gcc git gnupg2 libc6-dev libcurl4-openssl-dev libedit2 libncurses-dev"
    " libpython3-dev libsqlite3-0 libstdc++-12-dev libxml2-dev libz3-dev pkg-config python3 tzdata zlib1g-dev"
)
SECONDS = 3000


def toolchain() -> pathlib.Path:
    """Where Swift is installed: the folder with its `usr`."""
    program = pathlib.Path(shutil.which("swift") or "/usr/bin/swift").resolve()
    return program.parents[2]


def local_folders() -> list[pathlib.Path]:
    """Where this machine keeps packages of its own, as git and pip are told."""
    told = subprocess.run(
        ["git", "config", "--get-regexp", r"^url\..*\.insteadof$"], capture_output=True, text=True
    ).stdout
    keys = [line.split()[0] for line in told.splitlines()]
    found = [pathlib.Path(key.split(".", 1)[1].rsplit(".", 1)[0]) for key in keys]
    found += [pathlib.Path(word) for word in os.environ.get("PIP_FIND_LINKS", "").split()]
    return [folder for folder in dict.fromkeys(found) if folder.is_absolute() and folder.is_dir()]


class BuildStage:
    """Its root folder, with the sources in `/src`."""

    def __init__(self, root: pathlib.Path, sources: pathlib.Path, instructions: list[tuple[str, str]]) -> None:
        self.root, self.sources, self.instructions = root, sources, instructions
        self.environment = {
            "PATH": f"{toolchain()}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        # Debian's Python refuses pip, but for who says that the machine is a throwaway.
        self.environment |= {"PIP_BREAK_SYSTEM_PACKAGES": "1"}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.environment |= {name: os.environ[name] for name in ["http_proxy", "https_proxy"] if name in os.environ}

    def mounts(self) -> list[pathlib.Path]:
        """Folders of this machine that are seen in it, at the same place."""
        return [toolchain(), *local_folders()]

    def prepare(self) -> None:
        for file in ["etc/gitconfig", "root/.gitconfig", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"]:
            source = pathlib.Path("/") / file
            if source.is_file():
                (self.root / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, self.root / file)
        self.run(f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {PACKAGES} > /dev/null")
        # COPY . . — what git knows, and nothing that was built.
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=self.sources, capture_output=True, check=True).stdout
        (self.root / "src").mkdir()
        for name in filter(None, listed.decode().split("\0")):
            target = self.root / "src" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.sources / name, target, follow_symlinks=False)

    def build(self) -> pathlib.Path:
        """Goes through the instructions.

        Returns: what the last stage copies.
        """
        for word, value in self.instructions:
            if word == "ENV":
                self.environment |= dict(pair.split("=", 1) for pair in value.split())
            elif word == "ARG" and "=" in value:
                self.environment.setdefault(*value.split("=", 1))
            elif word == "RUN":
                print(f"  RUN {' '.join(value.split())[:110]}", flush=True)
                self.run(f"cd /src && {value}")
        return self.root / "image"

    def run(self, line: str) -> None:
        outcome = subprocess.run(
            ["chroot", str(self.root), "/bin/sh", "-c", line],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        if outcome.returncode != 0:
            print(outcome.stdout[-3000:], file=sys.stderr)
            raise SystemExit(f"Cluster/containers/check: the build stage fails: {line[:200]}")
