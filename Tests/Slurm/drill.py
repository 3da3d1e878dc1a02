"""Goal: under a real Slurm a story comes out as on one quiet machine, whatever happens to nodes and jobs, and a farm is
as large as its backlog needs. Method: Slurm's own daemons as four nodes of this machine; real workers with the embedded
model where latents are compared, stand-ins where only jobs come and go. Each figure is printed."""

import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import processes
from cluster import NODES, Cluster
from farm import Farm, latents, script

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
SCRIPTS = ROOT / "Cluster/slurm"
MODEL = ROOT / "ops/embedded-model/model"
SEGMENTS, STEPS = 8, 56
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def expect(condition, what: str) -> None:
    if not condition:
        raise AssertionError(what)


class Drill:
    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.cluster = Cluster(folder / "slurm", SCRIPTS)
        self.farm: Farm | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What the batch scripts are told."""
        return {
            "STORYFARM_COORDINATOR": self.farm.endpoint, "STORYFARM_KEYS": str(self.farm.folder / "worker.key"),
            "STORYFARM_SERVER_KEY": str(self.farm.folder / "coordinator.pub"), "STORYFARM_BIN": str(PROGRAMS),
            "STORYFARM_FARM": str(self.farm.folder / "farm.json"), "STORYFARM_SCRATCH": str(self.folder / "scratch"),
        }  # fmt: skip

    @property
    def rendering(self) -> dict[str, str]:
        return {
            **self.settings, "STORYFARM_MODEL": str(MODEL),
            "STORYFARM_WORKER_OPTIONS": "--device cpu --threads 1 --log-level warning",
            "STORYFARM_NODE_OPTIONS": "--log-level warning",
        }  # fmt: skip

    def output(self, job: str) -> str:
        files = [*self.cluster.folder.glob(f"storyfarm-{job}.out"), *self.cluster.folder.glob("storyfarm-*_*.out")]
        return "\n".join(text for file in files if f"job {job}:" in (text := file.read_text(errors="replace")))

    # MARK: Undisturbed

    def render_quietly(self) -> list[str]:
        """The same story by two workers of this machine, without any disturbance."""
        (self.folder / "story.json").write_text(json.dumps(script("Quiet", SEGMENTS, STEPS)))
        quiet = self.folder / "quiet"
        begin = time.monotonic()
        subprocess.run(
            [PROGRAMS / "storyfarm", "render", self.folder / "story.json", "-o", self.folder / "quiet.mp4",
             "--workers", "2", "--threads", "1", "--model", MODEL, "--folder", quiet],
            check=True, timeout=150, stdin=subprocess.DEVNULL, capture_output=True)  # fmt: skip
        found = latents(quiet)
        say(f"undisturbed on this machine: {len(found)} latents of {STEPS} steps in {time.monotonic() - begin:.1f} s")
        return found

    # MARK: What can't be

    def refusals(self) -> None:
        settings, cluster = self.settings, self.cluster
        autoscale = [str(PROGRAMS / "storyfarm"), "autoscale", "--max", "2", "--once", "--script"]
        node = str(SCRIPTS / "node.sbatch")
        elsewhere = {**settings, "STORYFARM_COORDINATOR": "tcp://127.0.0.1:1"}
        failing = self.failing_job()
        tries = [
            ("no Slurm", [*autoscale, node], {**settings, "PATH": "/nowhere"}, 2, "is not there: this needs Slurm's"),
            ("a wrong partition", [str(SCRIPTS / "check"), "--partition", "gqu"], settings, 2, "there is no partition"),
            ("a partition without GPUs", [*autoscale, node, "--partition", "bare"], settings, 2, "have no GPUs"),
            ("too many GPUs", [str(SCRIPTS / "check"), "--gpus", "3"], settings, 2, "have at most 2 GPUs"),
            ("no coordinator for the nodes", [str(SCRIPTS / "check")], elsewhere, 3, "is not reached from n"),
            ("an expired token", [str(SCRIPTS / "check")],
             {**settings, "STORYFARM_FARM": str(self.expired_token())}, 3, "it has expired"),
        ]  # fmt: skip
        for what, command, variables, status, words in tries:
            outcome = cluster.run(*command, **variables, seconds=60)
            lines = [line for line in outcome.stderr.splitlines() if not line.startswith("srun: error: n")]
            expect(outcome.returncode == status, f"{what}: status {outcome.returncode}\n{outcome.stderr}")
            expect(len(lines) == 1 and words in lines[0], f"{what}: {lines}")
        fine = cluster.run(str(SCRIPTS / "check"), **settings, seconds=60)
        expect(fine.returncode == 0 and "nothing is wrong" in fine.stdout, f"{fine.stdout}{fine.stderr}")
        # A job says it where it is looked for, and is gone.
        bare = cluster.submit(node, **settings)
        lost = cluster.submit("--gpus-per-node=1", node, **elsewhere)
        cluster.wait(lambda: not cluster.jobs(), "refused jobs and one that fails end", 40)
        expect("this job has no GPU: submit it with --gpus-per-node" in self.output(bare), self.output(bare))
        expect("is not reached from n" in self.output(lost), self.output(lost))
        text = self.output(failing)
        expect(text.count("start 1 on") == 1 and text.count("start 2 on") == 1 and "start 3" not in text, text)
        expect("has failed (status 1) and is requeued" in text, text)
        expect("after 1 restarts, STORYFARM_RESTARTS allows no more" in text, text)
        left = [one for one in processes.descendants() if "storyfarm-node" in processes.command(one)]
        expect(not left, "something is left running")
        say(f"{len(tries)} wrong wishes and 2 wrong jobs refused, each in one line, nothing left running; a job that "
            "fails was started again once, as often as it may be")

    def failing_job(self) -> str:
        """Its node agent ends at once, however often it is started."""
        program = self.folder / "failing/storyfarm-node"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
        variables = {**self.settings, "STORYFARM_BIN": str(program.parent), "STORYFARM_RESTARTS": "1"}
        return self.cluster.submit("--gpus-per-node=1", str(SCRIPTS / "node.sbatch"), **variables)

    def expired_token(self) -> pathlib.Path:
        """A token as an operator gives it, of which the last day is over."""
        made = subprocess.run(
            [PROGRAMS / "storyfarm-coordinator", "token", "add", "old", "--role", "viewer", "--folder",
             self.farm.folder], check=True, timeout=20, capture_output=True, text=True).stdout.strip()  # fmt: skip
        file = self.farm.folder / "tokens.json"
        text = file.read_text()
        file.write_text(re.sub(r'("expires" ?: ?")20\d\d', r"\g<1>2001", text))
        connection = {**self.farm.connection, "token": made}
        (self.folder / "old.json").write_text(json.dumps(connection))
        return self.folder / "old.json"

    def sick_node(self) -> None:
        cluster = self.cluster
        (cluster.folder / "sick-n4").touch()
        job = cluster.submit("--nodelist=n4", "--gpus-per-node=1", "--output=/dev/null", "--wrap", "true")
        cluster.wait(lambda: cluster.states()["n4"].startswith("drain"), "a sick node is drained by its prolog", 20)
        cluster.ask("scancel", job)
        (cluster.folder / "sick-n4").unlink()
        cluster.ask("scontrol", "update", "NodeName=n4", "State=RESUME")
        say("a node whose GPU has memory errors was drained before a job's first step; resumed when it was healed")

    # MARK: A story on four nodes

    def story(self, expected: list[str]) -> None:
        cluster, farm = self.cluster, self.farm
        cluster.wait(lambda: set(cluster.states().values()) == {"idle"}, "all nodes are there", 20)
        begin = time.monotonic()
        # Two processors a job, which is all that a node has: one on each.
        wide = ["--cpus-per-task=2", "--gpus-per-node=1"]
        agents = [cluster.submit(*wide, str(SCRIPTS / "node.sbatch"), **self.rendering) for _ in range(2)]
        array = cluster.submit(*wide, "--array=1-2", str(SCRIPTS / "workers.sbatch"), **self.rendering)
        cluster.wait(lambda: len(farm.workers()) == 4, "four workers join", 60)
        nodes = {worker["node"].split("-job")[0] for worker in farm.workers()}
        expect(nodes == set(NODES), f"workers are on {nodes}")
        say(f"2 node agents and an array of 2 workers on {len(nodes)} nodes after {time.monotonic() - begin:.1f} s")
        story = farm.submit(script("Disturbed", SEGMENTS, STEPS))
        gone = self.kill_node(story, agents)
        # Of an array's tasks one has the array's number.
        [other] = [job for job in cluster.jobs() if job not in (*agents, array)]
        preempted = [self.preempt(story, [array]), self.preempt(story, [job for job in agents if job != gone])]
        cluster.wait(lambda: farm.state(story) == "finished", "the story is finished", 120)
        # One that comes back before Slurm has missed it is thought to run its job still.
        # Missed early, the job runs again by now, elsewhere.
        lost = ("R", self.lost_node)
        cluster.wait(lambda: cluster.jobs().get(gone) != lost, "Slurm misses the node", 60)
        cluster.start_node(self.lost_node)
        found = farm.latents(story)
        expect(len(found) == SEGMENTS and found == expected, f"latents differ: {found} instead of {expected}")
        say(f"the story is finished; its {len(found)} latents equal those of the undisturbed run")
        for job in [*preempted, gone]:
            cluster.wait(lambda: "start 2 " in self.output(job), f"job {job} starts again", 60)
            say(f"job {job} was requeued by Slurm and started again (SLURM_RESTART_COUNT=1)")
        expect("start 2 " not in self.output(other), f"job {other} was requeued with another task of its array")

    def busy(self, jobs: list[str], steps: range) -> dict:
        """A worker of one of these jobs in the middle of a segment, of which it has done a step itself."""
        def is_own(worker: dict, work: dict) -> bool:
            told = self.farm.steps(work["story"], work["segment"])
            return bool(told) and told[-1]["worker"] == worker["id"]

        def find():
            return [worker for worker in self.farm.workers() if (work := worker.get("denoising"))
                    and work["step"] in steps and worker["node"].split("-job")[1] in jobs and is_own(worker, work)]
        return self.cluster.wait(find, "a worker is in the middle of a segment", 90)[0]

    def kill_node(self, story: int, agents: list[str]) -> str:
        """Returns the job that ran there."""
        victim = self.busy(agents, range(10, STEPS - 8))
        node, job = victim["node"].split("-job")
        segment = victim["denoising"]["segment"]
        last = self.farm.steps(story, segment)[-1]["step"]
        self.cluster.kill_node(node)
        killed = time.monotonic()
        self.cluster.wait(lambda: not processes.lives(victim["process"]), "nothing outlives its node", 2)

        def became(state: str) -> float:
            def found():
                return [news for news in list(self.farm.news) if news["kind"] == "segment" and news["at"] > killed
                        and news["segment"] == segment and news["text"] == state]
            return self.cluster.wait(found, f"the lost segment is {state}", 60)[0]["at"] - killed
        # Nobody is idle: who takes it has to finish another one, or to give it back.
        noticed, leased = became("ready"), became("denoising")
        first = self.cluster.wait(
            lambda: [news for news in self.farm.steps(story, segment) if news["at"] > killed + leased],
            "it goes on", 60)[0]  # fmt: skip
        # Steps are counted as the news came in, which leave out some where a machine is busy.
        lost = max(0, last - (first["step"] - 1))
        expect(noticed <= 5, f"the loss was noticed after {noticed:.1f} s")
        # A checkpoint goes up beside the steps, which are short here: it may take a second of them.
        beside = int(1 / first["seconds"])
        expect(lost <= Farm.CHECKPOINT_EVERY + 1 + beside, f"{lost} steps were lost")
        say(f"node {node} killed with segment {segment} at step {last}: noticed after {noticed:.1f} s, leased again "
            f"after {leased:.1f} s, {lost} steps done again (a checkpoint every {Farm.CHECKPOINT_EVERY})")
        self.lost_node = node
        return job

    def preempt(self, story: int, jobs: list[str]) -> str:
        """Returns the job that gave way."""
        # Slurm takes its time: it is not to come when the segment is over.
        victim = self.busy(jobs, range(2, STEPS // 2))
        node, job = victim["node"].split("-job")
        asked = time.monotonic()
        urgent = self.cluster.submit(
            f"--nodelist={node}", "--partition=urgent", "--gpus-per-node=2", "--output=/dev/null", "--wrap", "sleep 2")
        self.cluster.wait(lambda: not processes.lives(victim["process"]), "the preempted worker leaves", 30)
        left = time.monotonic()
        # The coordinator hears of it from the worker, before the end of its step; of which segment, it decides.
        drain = self.cluster.wait(lambda: self.drain(victim["id"], asked), "it gave back what it had", 5)
        segment, told = drain["segment"], drain["at"]
        steps = self.farm.steps(story, segment)
        mine = [news for news in steps if news["worker"] == victim["id"]]
        last, after = mine[-1], [news for news in mine if news["at"] > told]
        following = self.cluster.wait(
            lambda: [news for news in self.farm.steps(story, segment) if news["at"] > last["at"]],
            "its segment goes on elsewhere", 60)[0]  # fmt: skip
        expect(len(after) <= 1, f"{len(after)} steps after it was told to leave")
        # None twice; that none is left out, the latents say.
        expect(following["step"] > last["step"], f"step {last['step']} was followed by {following['step']}")
        expect(following["worker"] != victim["id"], "it went on with whoever had left")
        # Steps are counted above; a busy machine takes its time to end a process.
        expect(left - told <= 2 * last["seconds"] + 10, f"it took {left - told:.1f} s to leave")
        say(f"job {job} preempted: its worker left {left - told:.2f} s after it was told ({left - asked:.1f} s after "
            f"the other job was submitted), with steps of {last['seconds']:.2f} s; segment {segment} went on "
            f"elsewhere behind step {last['step']}")
        self.cluster.wait(lambda: urgent not in self.cluster.jobs(), "the other job is through", 20)
        return job

    def drain(self, worker: str, since: float) -> dict | None:
        """What a worker gave back on leaving."""
        news = list(self.farm.news)
        for index, one in enumerate(news):
            if one["at"] > since and one["text"] == "recalled: drained":
                steps = [step for step in news[:index] if step["kind"] == "step"
                         and (step["story"], step["segment"]) == (one["story"], one["segment"])]
                if steps and steps[-1]["worker"] == worker:
                    return one
        return None

    def clear(self) -> None:
        """Everybody leaves, as when the autoscaler says so."""
        jobs = [job for job, (state, _) in self.cluster.jobs().items() if state == "R"]
        for job in self.cluster.jobs():
            self.cluster.run("scancel", "--state=PENDING", job)
        for job in jobs:
            self.cluster.run("scancel", "--batch", "--signal=USR1", job)
        self.cluster.wait(lambda: not self.cluster.jobs(), "jobs leave when they are asked to", 30)
        expect(all("has left" in self.output(job) for job in jobs), "a job ended otherwise")

    # MARK: As large as need be

    def autoscale(self) -> None:
        cluster, farm = self.cluster, self.farm
        cool_down = 6
        log = open(cluster.folder / "autoscale.out", "wb")
        scaler = subprocess.Popen(
            [PROGRAMS / "storyfarm", "autoscale", "--script", SCRIPTS / "node.sbatch", "--partition", "farm",
             "--gpus-per-job", "2", "--max", "4", "--target-wait", "20s", "--start-up", "6s", "--cool-down",
             f"{cool_down}s", "--every", "1s", "--sbatch=--cpus-per-task=2"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cluster.folder,
            env={**cluster.environment, **self.settings,
                 "STORYFARM_WORKER_OPTIONS": "--device cpu --simulated-step 150ms --log-level warning"})  # fmt: skip
        sizes: list[tuple[float, int]] = []

        def watch() -> int:
            size = len(cluster.jobs("storyfarm"))
            if not sizes or sizes[-1][1] != size:
                sizes.append((time.monotonic(), size))
            return size
        # It looks every second: that nothing happens takes two looks to see.
        time.sleep(2)
        expect(watch() == 0, "jobs without any work")
        begin = time.monotonic()
        story = farm.submit(script("Load", 48, 30), simulated=True)
        cluster.wait(lambda: watch() >= 3, "a backlog brings jobs", 30)
        cluster.wait(lambda: len(farm.workers()) >= 6 or farm.state(story) == "finished", "two workers a job", 30)
        most = max(size for _, size in sizes)
        grown = time.monotonic() - begin
        cluster.wait(lambda: (watch() >= 0) and farm.state(story) == "finished", "the backlog is done", 90)
        done = time.monotonic() - begin
        cluster.wait(lambda: watch() == 0, "idle jobs are given back", 40)
        gone = time.monotonic() - begin - done
        scaler.send_signal(signal.SIGTERM)
        expect(scaler.wait(20) == 143, "the autoscaler does not stop")
        log.close()
        text = (cluster.folder / "autoscale.out").read_text()
        changes = [line for line in text.splitlines() if line.endswith(("submitted", "ends"))]
        expect(changes and all("because=backlog" in line for line in changes), text)
        times = [(datetime.datetime.fromisoformat(line.split()[0]), line.rsplit(" ", 1)[1]) for line in changes]
        swings = [(b - a).total_seconds() for (a, first), (b, second) in zip(times, times[1:]) if first != second]
        # The log knows whole seconds.
        expect(swings and min(swings) >= cool_down - 1, f"directions were reversed after {swings} s")
        detail = farm.ask(f"stories/{story}")
        expect(all(one["state"] == "finished" and one["failures"] == 0 for one in detail["segments"]), "lost work")
        drained = [one for one in farm.news if one.get("story") == story and one["text"] == "recalled: drained"]
        expect(not drained, "a worker that denoised was told to go")
        say(f"autoscaled from 0 to {most} jobs of 2 workers in {grown:.1f} s, {len(detail['segments'])} segments done "
            f"after {done:.1f} s, back to 0 jobs {gone:.1f} s later; {len(changes)} changes, each with its reason, "
            f"directions reversed after {min(swings):.0f} s at the least (cool-down {cool_down} s)")


def main() -> None:
    processes.adopt()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="storyfarm-slurm-"))
    folder.chmod(0o755)
    drill = None
    is_whole = False
    try:
        (folder / "scratch").mkdir()
        drill = Drill(folder)
        drill.farm = Farm(drill.cluster.folder / "farm", PROGRAMS)
        say(f"Slurm with {len(NODES)} nodes is up after {drill.cluster.start():.1f} s")
        drill.refusals()
        drill.sick_node()
        drill.story(drill.render_quietly())
        drill.clear()
        drill.autoscale()
        is_whole = True
    except AssertionError as failure:
        print(f"ops/test-slurm: {failure}", file=sys.stderr)
        if drill:
            with contextlib.suppress(Exception):
                print(drill.cluster.last_words(), file=sys.stderr)
    finally:
        # A second signal must not keep this from being tidied up.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        started = len(processes.descendants())
        left = processes.end_all()
        if is_whole or not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    say(f"{started} processes ended, {len(left)} left")
    if left or not is_whole:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
