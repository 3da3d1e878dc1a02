/// What `squeue` says of jobs.
enum SlurmQueue {
    /// Number, the same as that of an array's task (`36_2`), state and reason.
    static let format = "%A|%i|%t|%r"

    static func jobs(in text: String) -> [EngineJob] {
        let jobs = text.split(whereSeparator: \.isNewline).compactMap { line -> (number: Int, job: EngineJob)? in
            let parts = line.split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 4, let number = Int(parts[0]) else { return nil }
            let (address, stage, reason) = (String(parts[1]), stage(parts[2]), parts[3])
            // As "JobHeldUser", "launch failed requeued held", "JobHoldMaxRequeue".
            let isHeld = ["held", "Held", "Hold"].contains { reason.contains($0) }
            let note = isHeld ? "is held (\(reason)): scontrol release \(address)" : nil
            return (
                number,
                EngineJob(
                    id: "\(number)", address: address, stage: isHeld && stage == .pending ? .held : stage, note: note)
            )
        }
        // Slurm numbers upwards: by age.
        return jobs.sorted { $0.number < $1.number }.map(\.job)
    }

    /// By `squeue`'s short names of states.
    private static func stage(_ state: Substring) -> EngineJob.Stage {
        switch state {
        case "R": .running
        // Completing, staged out, signalled, stopped; and what has ended and is still shown.
        case "CG", "SO", "SI", "ST", "CD", "CA", "F", "TO", "NF", "OOM", "DL", "BF": .leaving
        // Pending, configuring, requeued, suspended, and whatever else may run later on.
        default: .pending
        }
    }
}

/// What `sinfo` says of partitions.
struct SlurmPartition: Hashable {
    let name: String
    let isDefault: Bool
    let isUp: Bool
    /// Of those of its nodes that have most.
    let gpus: Int

    /// Name, availability and generic resources; one line for nodes that are alike.
    static let format = "%P|%a|%G"

    static func list(_ text: String) -> [SlurmPartition] {
        var partitions: [SlurmPartition] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isDefault = parts[0].hasSuffix("*")
            let name = String(isDefault ? parts[0].dropLast() : parts[0])
            let known = partitions.firstIndex { $0.name == name }.map { partitions.remove(at: $0) }
            partitions.append(
                SlurmPartition(
                    name: name, isDefault: isDefault, isUp: parts[1] == "up",
                    gpus: max(known?.gpus ?? 0, gpus(in: parts[2]))))
        }
        return partitions
    }

    /// As "gpu:h100:8(S:0-1),nic:2".
    static func gpus(in resources: Substring) -> Int {
        // What stands in brackets may have commas of its own.
        var (depth, plain) = (0, "")
        for character in resources {
            if character == "(" { depth += 1 }
            if depth == 0 { plain.append(character) }
            if character == ")" { depth -= 1 }
        }
        return plain.split(separator: ",").reduce(0) { sum, resource in
            let words = resource.split(separator: ":")
            return words.first == "gpu" ? sum + (words.last.flatMap { Int($0) } ?? 1) : sum
        }
    }

    /// - Throws: what is wrong with the partition that a job is for, and what could be used instead.
    static func check(_ partitions: [SlurmPartition], _ job: SlurmEngine.Job) throws(EngineError) {
        let names = partitions.map(\.name).joined(separator: ", ")
        let chosen = partitions.first { partition in job.partition.map { $0 == partition.name } ?? partition.isDefault }
        guard let partition = chosen else {
            let wish = job.partition.map { "there is no partition \($0)" } ?? "Slurm has no default partition"
            throw .refused("\(wish): --partition can be \(names.isEmpty ? "none, for there is none" : names)")
        }
        guard partition.isUp else {
            throw .refused(
                "partition \(partition.name) takes no jobs: "
                    + "scontrol update PartitionName=\(partition.name) State=UP, or another --partition")
        }
        guard job.gpus > 0, partition.gpus < job.gpus else { return }
        let others = partitions.filter { $0.gpus >= job.gpus && $0.isUp }.map(\.name).joined(separator: ", ")
        let remedy = others.isEmpty ? "--gpus-per-job 0 is for workers on the CPU" : "those of \(others) have"
        let most = partition.gpus == 0 ? "no GPUs" : "at most \(partition.gpus) GPUs"
        throw .refused("nodes of partition \(partition.name) have \(most), and a job wants \(job.gpus): \(remedy)")
    }
}
