#!/usr/bin/env python3
"""Runs what a farm's pods would run, as processes of this machine, and has them render a story.

    rehearse.py --programs DIR --secrets DIR [--coordinator-only] OVERLAY.yaml

The commands, their variables, probes and preStop hooks are the manifests' own. Instead of a pod's volumes there are
folders, with files of Secrets in the modes that a kubelet gives them; instead of a cluster's names there is the
loopback address, with ports that are free. Workers are process 1 of a PID namespace where that is possible, as in a
container. What this can't show is what only a cluster does: scheduling, images, network policies, volumes.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import yaml

STORY = """
title: Rehearsed
video: { width: 96, height: 64, frames: 7, fps: 12 }
sampling: { steps: 12, seed: 3 }
segments:
  - { scene: a corgi dog is in the park, action: a corgi dog is running to the right }
  - { scene: a corgi dog is on the beach, action: a corgi dog is jumping }
"""
SECONDS = 120


class Pod:
    """One container with its init containers, its volumes as folders of their own."""

    def __init__(self, documents: list[dict], kind: str, home: pathlib.Path, options) -> None:
        self.home, self.options = home, options
        workload = next(d for d in documents if d["kind"] == kind)
        self.namespace = workload["metadata"]["namespace"]
        self.spec = workload["spec"]["template"]["spec"]
        self.container = self.spec["containers"][0]
        secrets = {d["metadata"]["name"]: d["data"] for d in documents if d["kind"] == "Secret"}
        self.volumes = {}
        for volume in self.spec["volumes"] + workload["spec"].get("volumeClaimTemplates", []):
            name = volume.get("name") or volume["metadata"]["name"]
            self.volumes[name] = home / name
            self.volumes[name].mkdir(parents=True)
            for key, value in secrets.get(volume.get("secret", {}).get("secretName"), {}).items():
                file = self.volumes[name] / key
                file.write_bytes(base64.b64decode(value))
                file.chmod(0o440)  # As fsGroup makes them.
        self.process: subprocess.Popen | None = None

    def local(self, text: str, container: dict) -> str:
        """With places of the container in their folders here, and the cluster's names on the loopback address."""
        mounts = {mount["mountPath"]: self.volumes[mount["name"]] for mount in container.get("volumeMounts", [])}
        # At once: a folder here may have the name of a mount in it.
        places = "|".join(re.escape(mount) for mount in sorted(mounts, key=len, reverse=True))
        text = re.sub(rf"(?<![\w./-])({places})(?=[/\s]|$)", lambda found: str(mounts[found[1]]), text)
        text = text.replace("/usr/share/storyfarm/models/embedded", str(self.options.model))
        text = text.replace("$(POD_IP)", "127.0.0.1").replace("$(POD_NAMESPACE)", self.namespace)
        text = text.replace("$(NODE_NAME)", "rehearsal").replace("0.0.0.0", "127.0.0.1")
        for port, here in self.options.ports.items():
            text = re.sub(rf"tcp://[\w.-]+:{port}\b", f"tcp://127.0.0.1:{here}", text)
            text = re.sub(rf"127\.0\.0\.1:{port}\b", f"127.0.0.1:{here}", text)
        return text

    def environment(self) -> dict[str, str]:
        path = f"{self.options.programs}:{os.environ['PATH']}"
        own = {
            v["name"]: self.local(v["value"], self.container) for v in self.container.get("env", []) if "value" in v
        }
        kept = {k: v for k, v in os.environ.items() if k in ("LD_LIBRARY_PATH", "LIBTORCH", "OMP_NUM_THREADS")}
        return kept | {"PATH": path} | own

    def start(self, prefix: list[str]) -> None:
        for container in self.spec.get("initContainers", []):
            command = [self.local(word, container) for word in container["command"]]
            subprocess.run(command, check=True, timeout=60, env={"PATH": os.environ["PATH"]}, cwd=self.home)
        words = self.container["command"] + self.container.get("args", [])
        log = (self.home / "log").open("ab")
        self.process = subprocess.Popen(
            prefix + [self.local(word, self.container) for word in words],
            env=self.environment(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=self.home,
        )

    def probe(self, name: str) -> bool:
        probe = self.container[name]
        if "exec" in probe:
            command = [self.local(word, self.container) for word in probe["exec"]["command"]]
            return subprocess.run(command, timeout=20).returncode == 0
        port = next(p["containerPort"] for p in self.container["ports"] if p["name"] == probe["httpGet"]["port"])
        # A kubelet asks by the pod's address and looks at no certificate.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        url = f"{probe['httpGet']['scheme'].lower()}://127.0.0.1:{self.options.ports[port]}{probe['httpGet']['path']}"
        try:
            return urllib.request.urlopen(url, context=context, timeout=20).status == 200
        except urllib.error.URLError:
            return False

    def wait_for(self, name: str) -> None:
        end = time.monotonic() + SECONDS
        while not self.probe(name):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.stderr.write((self.home / "log").read_text()[-2000:])
                raise SystemExit(f"rehearse.py: {self.container['name']}: its {name} never passes")
            time.sleep(0.1)

    def leave(self) -> float:
        """What a kubelet does: the hook, and the signal once that is over. Seconds that it took."""
        start = time.monotonic()
        hook = self.container["lifecycle"]["preStop"]["exec"]["command"]
        inside = self.inside()
        if inside is None:
            self.process.send_signal(signal.SIGTERM)
        else:
            subprocess.run(
                ["nsenter", "--target", str(inside), "--pid", "--mount", *hook],
                timeout=SECONDS,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        status = self.process.wait(SECONDS)
        if status != 143:
            sys.stderr.write((self.home / "log").read_text()[-2000:])
            raise SystemExit(f"rehearse.py: the worker left with status {status}, not by SIGTERM")
        if self.probe("readinessProbe"):
            raise SystemExit("rehearse.py: a worker that has left is ready still")
        return time.monotonic() - start

    def inside(self) -> int | None:
        """The process that is 1 in its namespace."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            for process in [self.inside(), self.process.pid]:
                if process:
                    try:
                        os.kill(process, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            self.process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(options, *arguments: str) -> str:
    outcome = subprocess.run(
        [options.programs / "storyfarm", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "STORYFARM_FARM": str(options.connection), "HOME": str(options.home)},
    )
    if outcome.returncode != 0:
        raise SystemExit(f"rehearse.py: storyfarm {' '.join(arguments)}: {outcome.stderr.strip()}")
    return outcome.stdout


def scrape(options, is_secure: bool) -> int:
    """What Prometheus would do with the ServiceMonitor's token and authority."""
    token = (options.secrets / "metrics.token").read_text()
    context = ssl.create_default_context(cafile=options.secrets / "ca.crt")
    address = ("127.0.0.1", options.ports[8443])
    connection = socket.create_connection(address, timeout=20)
    # The certificate is held against the name that is asked for, the request against the address of the pod.
    with context.wrap_socket(connection, server_hostname="storyfarm") if is_secure else connection as asked:
        asked.sendall(
            f"GET /metrics HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nAuthorization: Bearer {token}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b""
        while piece := asked.recv(1 << 16):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"rehearse.py: metrics: {answer[:200]!r}")
    return answer.count(b"\n# TYPE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overlay", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--secrets", type=pathlib.Path, required=True)
    parser.add_argument("--coordinator-only", action="store_true")
    options = parser.parse_args()
    options.model = pathlib.Path(__file__).resolve().parents[2] / "ops/embedded-model/model"
    options.ports = {port: free_port() for port in (7000, 7001, 8443)}
    documents = [d for d in yaml.safe_load_all(options.overlay.read_text()) if d]

    options.home = home = pathlib.Path(tempfile.mkdtemp())
    namespace = ["unshare", "--fork", "--kill-child", "--pid", "--mount-proc"]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        namespace = []
        print("no PID namespaces here: preStop hooks are not run, their signal is sent instead")
    head = Pod(documents, "StatefulSet", home / "coordinator", options)
    workers = [Pod(documents, "Deployment", home / f"worker-{number}", options) for number in (1, 2)]
    try:
        head.start([])
        head.wait_for("startupProbe")
        head.wait_for("readinessProbe")
        is_secure = head.container["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"
        if options.coordinator_only:
            print(f"rehearsed: the coordinator alone; {scrape(options, is_secure)} metrics scraped")
            return
        for worker in workers:
            worker.start(namespace)
        for worker in workers:
            worker.wait_for("startupProbe")
        # Who has a shell in the coordinator's pod: `kubectl exec … storyfarm submit`.
        options.connection = head.volumes["farm"] / "farm/farm.json"
        (home / "story.yaml").write_text(STORY)
        ask(options, "submit", str(home / "story.yaml"), "--wait")
        metrics = scrape(options, is_secure)
        took = workers[0].leave()
        # Its last word, or the end of its connection, may come a little later than its process ends.
        end = time.monotonic() + SECONDS
        while len(left := json.loads(ask(options, "workers", "--json"))["workers"]) != 1:
            if time.monotonic() > end:
                raise SystemExit(f"rehearse.py: {len(left)} workers are known after one of two left")
            time.sleep(0.1)
        head.process.send_signal(signal.SIGTERM)
        head.process.wait(SECONDS)
        # Again with the same volume, whose keys the Secret has too.
        head.start([])
        head.wait_for("readinessProbe")
        if "finished" not in ask(options, "list"):
            raise SystemExit("rehearse.py: the story is gone after a restart")
        workers[1].leave()
        print(
            f"rehearsed: coordinator and 2 workers of the manifests rendered a story; {metrics} metrics scraped; "
            f"a worker left in {took:.1f} s, {len(left)} known afterwards; the coordinator came back with its volume"
        )
    finally:
        for pod in [*workers, head]:
            pod.kill()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
