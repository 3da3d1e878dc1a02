"""A real Slurm on one machine, for as long as a test takes: four nodes with two GPUs each that are files."""

import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import time

import processes

NODES = ["n1", "n2", "n3", "n4"]
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol"]

CONFIGURATION = """
ClusterName=storyfarm
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# A requeued job waits until credentials of its earlier run have expired.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort={port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdSpoolDir={folder}/spool-%n
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,nohold_on_prolog_fail
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=30
SlurmctldTimeout=10
SlurmdTimeout=10
ReturnToService=2
Prolog={folder}/prolog
GresTypes=gpu
# The machine has other processors than its nodes say.
SlurmdParameters=config_overrides
NodeName=n[1-4] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=2 RealMemory=4000 Gres=gpu:2
NodeName=n5 NodeHostname={host} NodeAddr=127.0.0.1 Port={bare} CPUs=2 RealMemory=4000 State=DOWN
PartitionName=DEFAULT DefMemPerCPU=100 MaxTime=INFINITE State=UP
PartitionName=farm Nodes=n[1-4] Default=YES PriorityTier=1 GraceTime=60
PartitionName=urgent Nodes=n[1-4] PriorityTier=10 PreemptMode=OFF
PartitionName=bare Nodes=n5
"""

# NVIDIA's program, as far as it is asked here.
NVIDIA = """#!/bin/bash
node=$SLURMD_NODENAME
case $1 in
    --list-gpus) for gpu in 0 1; do echo "GPU $gpu: made of files (UUID: GPU-$node-$gpu)"; done ;;
    --query-gpu=uuid,*) for gpu in 0 1; do echo "GPU-$node-$gpu, made of files, 1024"; done ;;
    --query-gpu=index,ecc*) echo "0, 0"; [ -e {folder}/sick-$node ] && echo "1, 7" || echo "1, 0" ;;
    *) exit 1 ;;
esac
"""

PROLOG = """#!/bin/bash
PATH={folder}/bin:$PATH STORYFARM_SITE=/dev/null STORYFARM_GPUS=2 STORYFARM_SCRATCH_MIB=1 exec {health}
"""


class Cluster:
    def __init__(self, folder: pathlib.Path, scripts: pathlib.Path) -> None:
        self.folder = folder
        self.daemons: dict[str, subprocess.Popen] = {}
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        if missing:
            raise SystemExit(f"ops/test-slurm: {', '.join(missing)} not found: ops/setup --test installs them")
        (folder / "bin").mkdir(parents=True)
        (folder / "state").mkdir()
        self.write("bin/nvidia-smi", NVIDIA.replace("{folder}", str(folder)), 0o755)
        self.write("prolog", PROLOG.format(folder=folder, health=scripts / "health"), 0o755)
        for node in NODES:
            for gpu in range(2):
                # Slurm wants devices.
                (folder / f"gpu-{node}-{gpu}").symlink_to("/dev/null")
        self.write("gres.conf", "".join(
            f"NodeName={node} Name=gpu File={folder}/gpu-{node}-[0-1]\n" for node in NODES))  # fmt: skip
        port = free_ports(6)
        self.write("slurm.conf", CONFIGURATION.format(
            folder=folder, host=socket.gethostname().split(".")[0], user=getpass.getuser(), port=port,
            first=port + 1, last=port + 4, bare=port + 5))  # fmt: skip
        self.environment = {
            **os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder}/bin:{os.environ['PATH']}"
        }  # fmt: skip

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(mode)

    # MARK: Daemons

    def start(self, seconds: float = 30) -> float:
        """Returns the seconds until all nodes were idle."""
        begin = time.monotonic()
        (self.folder / "munge.key").write_bytes(os.urandom(1024))
        (self.folder / "munge.key").chmod(0o400)
        self.daemon("munged", "--foreground", "--force", *(f"--{option}={self.folder}/munge.{ending}" for option, ending in [
            ("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"),
        ]))  # fmt: skip
        self.wait(lambda: (self.folder / "munge.socket").exists(), "munged listens", seconds)
        self.daemon("slurmctld", "-D")
        for node in NODES:
            self.start_node(node)
        self.wait(lambda: self.states() == {node: "idle" for node in NODES}, "all nodes are idle", seconds)
        return time.monotonic() - begin

    def start_node(self, node: str) -> None:
        self.daemon("slurmd", "-D", "-N", node)

    def daemon(self, program: str, *arguments: str) -> None:
        name = f"{program}-{arguments[-1]}" if program == "slurmd" else program
        with open(self.folder / f"{name}.out", "ab") as log:
            self.daemons[name] = subprocess.Popen(
                [shutil.which(program), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment)  # fmt: skip

    def kill_node(self, node: str) -> None:
        """As when its power fails: first what could still say something, then all that runs on it."""
        daemon = self.daemons.pop(f"slurmd-{node}")
        mine = processes.descendants()
        jobs = {line.split()[0] for line in self.ask("squeue", "-h", f"--nodelist={node}", "--format=%A").splitlines()}
        stewards = [one for one in mine if processes.command(one).startswith("slurmstepd: [")
                    and processes.command(one).split("[")[1].split(".")[0] in jobs]
        processes.kill([daemon.pid, *stewards])
        processes.kill([one for one in mine if processes.has(one, f"SLURMD_NODENAME={node}")])

    # MARK: What is asked

    def run(self, *command: str, seconds: float = 20, **variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, env={**self.environment, **variables}, capture_output=True, text=True, timeout=seconds,
            stdin=subprocess.DEVNULL, cwd=self.folder)  # fmt: skip

    def ask(self, *command: str, **variables: str) -> str:
        outcome = self.run(*command, **variables)
        if outcome.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {outcome.stderr.strip() or outcome.returncode}")
        return outcome.stdout.strip()

    def submit(self, *arguments: str, **variables: str) -> str:
        return self.ask("sbatch", "--parsable", *arguments, **variables).split(";")[0]

    def states(self) -> dict[str, str]:
        lines = self.run("sinfo", "-h", "-N", "--partition=farm", "--format=%N %T").stdout.split("\n")
        return dict(line.split() for line in lines if line)

    def jobs(self, name: str | None = None) -> dict[str, tuple[str, str]]:
        """State and node of each job that has not ended."""
        options = [f"--name={name}"] if name else []
        lines = self.ask("squeue", "-h", "-r", "--format=%A|%t|%N", *options).splitlines()
        return {job: (state, node) for job, state, node in (line.split("|") for line in lines)}

    def wait(self, condition, what: str, seconds: float = 30):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:.0f} s in vain: {what}\n{self.last_words()}")
            time.sleep(0.05)
        return value

    def last_words(self) -> str:
        words = [self.run("squeue", "--long").stdout, self.run("sinfo", "-N", "--long").stdout]
        for log in [*sorted(self.folder.glob("*.out")), self.folder / "slurmctld.log", *self.folder.glob("farm/*.log")]:
            if log.exists() and (lines := log.read_text(errors="replace").splitlines()):
                words.append(f"{log.name}:\n" + "\n".join(lines[-6:]))
        return "\n".join(words)


def free_ports(count: int) -> int:
    """The first of so many in a row that nobody listens on."""
    for first in range(20_000 + os.getpid() % 10_000, 60_000, count):
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].bind(("", port))
            return first
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise SystemExit("ops/test-slurm: no free ports")
