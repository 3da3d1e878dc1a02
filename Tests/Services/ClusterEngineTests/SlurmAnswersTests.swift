import Testing

@testable import ClusterEngine

/// Goal: what Slurm's programs print is understood, and what is wrong with a wish is said with what to do.
@Suite struct SlurmAnswersTests {
    @Test func jobsAreListedByAgeWithTheirStage() {
        let text = """
            21|21|PD|Resources
            9|9|R|None
            10|10|CG|None
            11|11|PD|launch failed requeued held
            12|12|CF|None
            nonsense
            13|13|S|None
            14|13_2|PD|JobHoldMaxRequeue
            15|15|CG|JobHeldAdmin
            """
        #expect(
            SlurmQueue.jobs(in: text) == [
                EngineJob(id: "9", stage: .running), EngineJob(id: "10", stage: .leaving),
                EngineJob(
                    id: "11", stage: .held,
                    note: "is held (launch failed requeued held): scontrol release 11"),
                EngineJob(id: "12", stage: .pending), EngineJob(id: "13", stage: .pending),
                EngineJob(
                    id: "14", address: "13_2", stage: .held,
                    note: "is held (JobHoldMaxRequeue): scontrol release 13_2"),
                EngineJob(id: "15", stage: .leaving, note: "is held (JobHeldAdmin): scontrol release 15"),
                EngineJob(id: "21", stage: .pending),
            ])
    }

    @Test(arguments: [
        ("(null)", 0), ("gpu:2", 2), ("gpu:h100:8(S:0-1)", 8), ("gpu:a100:4(S:0,1),nic:2", 4),
        ("gpu:h100:4,gpu:a100:2", 6), ("nic:2", 0), ("gpu", 1), ("", 0),
    ])
    func gpusAreCountedWhateverTheyAreCalled(resources: String, count: Int) {
        #expect(SlurmPartition.gpus(in: resources[...]) == count)
    }

    private let partitions = SlurmPartition.list(
        "gpu*|up|gpu:2\ngpu*|up|gpu:h100:4(S:0)\nbare|up|(null)\nold|inact|gpu:8\n")

    private func problem(_ partition: String?, gpus: Int) -> String? {
        do {
            try SlurmPartition.check(
                partitions, SlurmEngine.Job(script: "", name: "", partition: partition, gpus: gpus))
            return nil
        } catch {
            return error.description
        }
    }

    @Test func nodesOfOnePartitionMayDiffer() {
        #expect(partitions.map(\.name) == ["gpu", "bare", "old"])
        #expect(partitions.map(\.gpus) == [4, 0, 8])
        #expect(problem(nil, gpus: 4) == nil && problem("gpu", gpus: 1) == nil && problem("bare", gpus: 0) == nil)
    }

    @Test func aWrongPartitionIsNamedWithThoseThatThereAre() {
        #expect(problem("gqu", gpus: 1) == "there is no partition gqu: --partition can be gpu, bare, old")
        #expect(problem("old", gpus: 1)?.hasPrefix("partition old takes no jobs: scontrol update") == true)
        #expect(
            problem("bare", gpus: 1)
                == "nodes of partition bare have no GPUs, and a job wants 1: those of gpu have")
        #expect(
            problem("gpu", gpus: 9)
                == "nodes of partition gpu have at most 4 GPUs, and a job wants 9: "
                + "--gpus-per-job 0 is for workers on the CPU")
    }

    @Test(
        arguments: [
            ("gpu7-job4711", "4711"), ("a-job1-job22", "22"), ("gpu7", nil), ("gpu7-job", nil), ("gpu7-jobs12", nil),
            ("gpu7-job12a", nil),
        ] as [(String, String?)])
    func aNodesNameSaysItsJob(name: String, job: String?) { #expect(JobName.job(ofNode: name) == job) }
}
