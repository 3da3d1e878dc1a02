# What the batch scripts of this folder share; sourced by them, and run by `check` on a node.
# Every variable is described in README.md.

say() { printf '%s job %s: %s\n' "$(date +%FT%T)" "${SLURM_JOB_ID:-}" "$*"; }

# One line that says what to do, and a status as StoryFarm's programs have: 2 wrong input, 3 coordinator not reached.
refuse() {
    local status=$1
    shift
    say "$*" >&2
    exit "$status"
}

# What scancel and scontrol call this job: one task of an array has the array's number, which alone means all of them.
job() {
    if [ "${SLURM_ARRAY_JOB_ID:-}" = "$SLURM_JOB_ID" ]; then
        echo "${SLURM_JOB_ID}_$SLURM_ARRAY_TASK_ID"
    else
        echo "$SLURM_JOB_ID"
    fi
}

program() { echo "${STORYFARM_BIN:+$STORYFARM_BIN/}$1"; }

# Anything that is wrong before something is started.
#   storyfarm_check PROGRAM
storyfarm_check() {
    local variable program gpus=${SLURM_JOB_GPUS:-${CUDA_VISIBLE_DEVICES:-}}
    for variable in STORYFARM_COORDINATOR STORYFARM_KEYS STORYFARM_SERVER_KEY; do
        [ -n "${!variable:-}" ] || refuse 2 "$variable is not set: export it before sbatch (Cluster/slurm/README.md)"
    done
    program=$(program "$1")
    command -v "$program" > /dev/null ||
        refuse 2 "$program is not on $(hostname -s): set STORYFARM_BIN to a folder with it that all nodes see"
    [ -r "$STORYFARM_KEYS" ] ||
        refuse 2 "$STORYFARM_KEYS can't be read on $(hostname -s): put the key where all nodes see it, with mode 0600"
    if [ "${STORYFARM_CPU:-}" != 1 ]; then
        [ -n "$gpus" ] && [ "$gpus" != NoDevFiles ] ||
            refuse 2 "this job has no GPU: submit it with --gpus-per-node=N, or with STORYFARM_CPU=1 for the CPU"
        timeout 30 nvidia-smi --list-gpus 2> /dev/null | grep -q GPU ||
            refuse 1 "Slurm gave GPU $gpus, but nvidia-smi sees none on $(hostname -s): drain the node and look"
    fi
    storyfarm_reach
}

# From the node, not from where the job was submitted: firewalls stand between.
storyfarm_reach() {
    [[ $STORYFARM_COORDINATOR =~ ^tcp://(.+):([0-9]+)$ ]] ||
        refuse 2 "STORYFARM_COORDINATOR is $STORYFARM_COORDINATOR, expected an address such as tcp://10.0.0.1:7000"
    local host=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
    host=${host#[} host=${host%]}
    timeout 10 bash -c 'exec 3<> "/dev/tcp/$0/$1"' "$host" "$port" 2> /dev/null ||
        refuse 3 "the coordinator at $STORYFARM_COORDINATOR is not reached from ${SLURMD_NODENAME:-$(hostname -s)}:" \
            "is it running, with --control on an address of this network, and its port open for the nodes?"
}

# Runs a command as a step on every node of the allocation, until it ends, Slurm wants the nodes back, or somebody says
# that the job is to leave for good (scancel --batch --signal=USR1, as storyfarm autoscale does).
#
# A step hears SIGTERM from Slurm at the beginning of a preemption's grace time, before the time limit (--signal) and
# when the job is cancelled or requeued; its workers then give back what they hold at their next step. Slurm counts a
# job as done whose steps end within the grace time, so whoever is to come again asks for that itself.
storyfarm_run() {
    local status leaving= told=0 step restarts=${SLURM_RESTART_COUNT:-0}
    trap 'leaving=asked; say "is asked to leave"' USR1
    # Slurm tells the steps, too, and decides what becomes of the job.
    trap 'leaving=told' TERM
    say "start $((restarts + 1)) on ${SLURM_JOB_NODELIST:-}, GPUs ${SLURM_JOB_GPUS:-none}"
    # Since Slurm 22.05 a step no longer takes this over from its job.
    [ -z "${SLURM_CPUS_PER_TASK:-}" ] || export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK
    srun --ntasks-per-node=1 --kill-on-bad-exit=0 --mpi=none "$@" &
    step=$!
    # Signals end a wait, not the step.
    while kill -0 "$step" 2> /dev/null; do
        if [ "$leaving" != asked ]; then
            wait "$step"
        else
            # Through Slurm: a srun that hears SIGTERM itself kills its step. Again and again: one that is only just
            # being started hears nothing.
            [ $((told++ % 10)) != 0 ] || scancel --signal=TERM "$(job)"
            sleep 1
        fi
    done
    wait "$step"
    status=$?
    case $leaving:$status in
        asked:*) say "has left"; exit 0 ;;
        told:*) say "has left, as Slurm wanted"; exit "$status" ;;
        :0) say "was drained by the farm"; exit 0 ;;
        :143) storyfarm_requeue "has given the nodes back" ;;
        # The same would happen again.
        :2 | :3) say "is not started again (status $status)"; exit "$status" ;;
        *)
            [ "$restarts" -lt "${STORYFARM_RESTARTS:-3}" ] ||
                { say "has failed (status $status) after $restarts restarts, STORYFARM_RESTARTS allows no more" >&2
                  exit "$status"; }
            storyfarm_requeue "has failed (status $status)"
            ;;
    esac
}

storyfarm_requeue() {
    say "$1 and is requeued"
    scontrol requeue "$(job)" ||
        refuse 1 "can't be requeued: submit it with --requeue, and see JobRequeue in slurm.conf"
    exit 0
}
