"""A farm of real processes for the page: a coordinator, nodes' agents, and workers that only pretend to denoise."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Farm:
    def __init__(self, programs: pathlib.Path, step: str = "100ms") -> None:
        self.programs, self.step = programs, step
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="storyfarm-page-"))
        self.log = open(self.folder / "programs.log", "wb")
        self.workers: list[subprocess.Popen] = []
        self.coordinator = self.start_coordinator()
        file = self.folder / "farm.json"
        self.wait(lambda: file.exists(), "the coordinator listens")
        connection = json.loads(file.read_text())
        self.url, self.token = connection["url"], connection["token"]

    def start(self, program: str, *arguments) -> subprocess.Popen:
        return subprocess.Popen(
            [self.programs / program, *map(str, arguments)], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL)

    def start_coordinator(self, *arguments) -> subprocess.Popen:
        return self.start(
            "storyfarm-coordinator", "--folder", self.folder, "--allow-simulated", "--reserve", 16, "--watermark", 0,
            "--preview-every", 2, *arguments)

    def restart_coordinator(self) -> None:
        """Another one at the same address, which knows no session of the one before."""
        self.coordinator.terminate()
        self.coordinator.wait(20)
        self.coordinator = self.start_coordinator("--http-port", self.url.rpartition(":")[2])

    def start_worker(self, node: str) -> subprocess.Popen:
        worker = self.start(
            "storyfarm-worker", "join", "--farm", self.folder, "--simulated-step", self.step, "--node", node)
        self.workers.append(worker)
        return worker

    def start_node(self, node: str, *, capacity: int, workers: int) -> subprocess.Popen:
        """An agent, which starts workers that only pretend to denoise."""
        agent = self.start(
            "storyfarm-node", "--farm", self.folder, "--node", node, "--folder", self.folder / f"agent-{node}",
            "--cpu-only", "--capacity", capacity, "--workers", workers, "--", "--simulated-step", self.step)
        # Before the coordinator is, so that it can stop its own workers in peace.
        self.workers.append(agent)
        return agent

    def workers_of(self, node: str) -> list[dict]:
        return [worker for worker in self.ask("workers")["workers"] if worker["node"] == node]

    def stop(self) -> None:
        for process in [*self.workers, self.coordinator]:
            process.terminate()
        for process in [*self.workers, self.coordinator]:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, address: str, body: dict | None = None, method: str | None = None,
            connection: http.client.HTTPConnection | None = None):
        own = connection or self.connect()
        headers = {"Authorization": f"Bearer {self.token}", "StoryFarm-User": "ann"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        own.request(method or ("GET" if body is None else "POST"), f"/v1/{address}",
                    None if body is None else json.dumps(body), headers)
        answer = own.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{address}: {answer.status} {content[:300]!r}")
        if connection is None:
            own.close()
        return json.loads(content) if content else None

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)

    def submit(self, title: str, segments: list[tuple[str, str]], *, steps: int = 16, model: str = "embedded",
               connection: http.client.HTTPConnection | None = None) -> int:
        script = {
            "title": title, "model": model, "sampling": {"steps": steps},
            "video": {"width": 96, "height": 64, "frames": 7, "fps": 12},
            "segments": [{"scene": scene, "action": action} for scene, action in segments],
        }  # fmt: skip
        body = {"script": json.dumps(script), "name": "story.json", "allowsSimulation": True}
        return self.ask("stories", body, connection=connection)["id"]

    def submit_many(self, count: int) -> list[int]:
        """Stories that stay queued: nobody has their model."""
        def some(numbers: range) -> list[int]:
            with contextlib.closing(self.connect()) as connection:
                return [self.submit(f"Waiting {number}", [("a park", "a corgi runs")], model="elsewhere",
                                    connection=connection) for number in numbers]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            return [one for ids in pool.map(some, (range(first, count, 16) for first in range(16))) for one in ids]

    def story(self, number: int) -> dict:
        return self.ask(f"stories/{number}")

    def wait_for(self, number: int, state: str, seconds: float = 90) -> None:
        self.wait(lambda: self.story(number)["overview"]["state"] == state, f"story {number} is {state}", seconds)

    def wait(self, condition, what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                tail = (self.folder / "programs.log").read_text(errors="replace")[-2000:]
                raise AssertionError(f"waited {seconds} s in vain: {what}; the programs said:\n{tail}")
            time.sleep(0.05)
