"""A coordinator, and what is asked of it."""

import http.client
import json
import pathlib
import subprocess
import threading
import time


class Farm:
    CHECKPOINT_EVERY = 8

    def __init__(self, folder: pathlib.Path, programs: pathlib.Path) -> None:
        self.folder, self.programs = folder, programs
        folder.mkdir()
        with open(folder / "coordinator.log", "wb") as log:
            self.coordinator = subprocess.Popen(
                [programs / "storyfarm-coordinator", "--folder", folder, "--allow-simulated", "--reserve", "16",
                 "--watermark", "0", "--checkpoint-every", str(self.CHECKPOINT_EVERY), "--preview-every", "0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
        deadline = time.monotonic() + 20
        while not (folder / "farm.json").exists():
            if self.coordinator.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the coordinator does not start: {(folder / 'coordinator.log').read_text()}")
            time.sleep(0.02)
        self.connection = json.loads((folder / "farm.json").read_text())
        self.endpoint = (folder / "control.endpoint").read_text().strip()
        self.news: list[dict] = []
        threading.Thread(target=self.listen, daemon=True).start()

    def connect(self, seconds: float = 20) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.connection["url"].removeprefix("http://"), timeout=seconds)

    def ask(self, path: str, body: dict | None = None):
        connection = self.connect()
        headers = {"Authorization": f"Bearer {self.connection['token']}", "StoryFarm-User": "drill"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request("GET" if body is None else "POST", f"/v1/{path}", body and json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise AssertionError(f"{path}: {answer.status} {content[:300]!r}")
        return json.loads(content or b"null")

    def listen(self) -> None:
        """Keeps news with the moment they came in, until the coordinator is gone."""
        try:
            connection = self.connect(seconds=300)
            connection.request(
                "GET", "/v1/events?after=0", headers={"Authorization": f"Bearer {self.connection['token']}"})
            for line in connection.getresponse():
                if line.startswith(b"data:"):
                    self.news.append({**json.loads(line[5:]), "at": time.monotonic()})
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def submit(self, script: dict, simulated: bool = False) -> int:
        submission = {"script": json.dumps(script), "name": "story.json", "allowsSimulation": simulated}
        return self.ask("stories", submission)["id"]

    def workers(self) -> list[dict]:
        return [worker for worker in self.ask("workers")["workers"] if worker["state"] != "disconnected"]

    def state(self, story: int) -> str:
        return self.ask(f"stories/{story}")["overview"]["state"]

    def latents(self, story: int = 1) -> list[str]:
        return latents(self.folder, story)

    def steps(self, story: int, segment: int) -> list[dict]:
        return [news for news in list(self.news)
                if news["kind"] == "step" and (news["story"], news["segment"]) == (story, segment)]


def latents(folder: pathlib.Path, story: int = 1) -> list[str]:
    """Names with the digests of what is in them."""
    place = folder / f"artifacts/latents/{story}"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def script(title: str, segments: int, steps: int) -> dict:
    return {
        "title": title, "model": "embedded", "sampling": {"steps": steps, "seed": 7},
        "video": {"width": 96, "height": 64, "frames": 25, "fps": 12},
        "segments": [{"scene": "a corgi dog is in the park", "action": f"a corgi dog is running {number} times"}
                     for number in range(1, segments + 1)],
    }  # fmt: skip
