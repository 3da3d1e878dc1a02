import Foundation

func format(_ value: Double) -> String { String(format: "%.2f", value) }

private func percentile(_ values: [Double], _ share: Double) -> Double {
    values.sorted()[Int(Double(values.count - 1) * share)]
}

private func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

/// The coordinator, the process that writes, and the one that reads, each stream's first boundary behind them.
private struct RelayRun {
    private let folder: RunFolder
    let coordinator, writer, reader: Child

    init(streams: Int, steps: Int, intervalMs: Int, isPlain: Bool = false, reader kind: Role.Name = .reader) throws {
        folder = try RunFolder()
        let head = Role(
            .coordinator, in: folder.path, isPlain: isPlain, streams: streams, steps: steps, intervalMs: intervalMs)
        try head.makeKeys()
        coordinator = try Child(head)
        let endpoint = try coordinator.line("bound")
        writer = try Child(head.peer(.writer, at: endpoint))
        _ = try writer.line("leased")
        reader = try Child(head.peer(kind, at: endpoint))
    }

    func end() { for child in [writer, reader, coordinator] { child.end() } }
}

/// The same of plain libzmq; what is written goes from the start.
private struct RivalRun {
    private let folder: RunFolder
    private let relay, writer: Child
    let reader: Child

    init(streams: Int, steps: Int, intervalMs: Int, isPlain: Bool = false) throws {
        folder = try RunFolder()
        let head = Role(
            .plainRelay, in: folder.path, isPlain: isPlain, streams: streams, steps: steps, intervalMs: intervalMs)
        try head.makeKeys()
        relay = try Child(head)
        let endpoint = try relay.line("bound")
        reader = try Child(head.peer(.plainReader, at: endpoint))
        _ = try reader.line("ready")
        writer = try Child(head.peer(.plainWriter, at: endpoint))
    }

    func end() { for child in [writer, reader, relay] { child.end() } }
}

// MARK: Hand-off

private let interval = 50

func measureHandOff(streams: [Int]) throws {
    for count in streams {
        let steps = count > 8 ? 100 : 400
        let (rival, times) = (try handOffsOfRival(count, steps), try handOffs(count, steps))
        let (middle, late) = (percentile(times, 0.5), percentile(times, 0.99))
        let holds = middle <= 2 && (late <= 5 || count != 8)
        print(
            "hand-off, \(count) streams: p50 \(format(middle)) ms (bar <= 2), p99 \(format(late)) ms"
                + "\(count == 8 ? " (bar <= 5)" : ""), longest \(format(times.max() ?? 0)) ms, \(times.count) of them"
                + "\(holds ? "" : "  MISSED"); plain libzmq p50 \(format(percentile(rival, 0.5))) ms, p99 "
                + "\(format(percentile(rival, 0.99))) ms")
    }
}

/// In milliseconds.
private func handOffs(_ streams: Int, _ steps: Int) throws -> [Double] {
    let run = try RelayRun(streams: streams, steps: steps, intervalMs: interval)
    defer { run.end() }
    _ = try run.reader.line("ready")
    try run.writer.say("go")
    return try times(of: run.reader)
}

private func handOffsOfRival(_ streams: Int, _ steps: Int) throws -> [Double] {
    let run = try RivalRun(streams: streams, steps: steps, intervalMs: interval)
    defer { run.end() }
    return try times(of: run.reader)
}

private func times(of reader: Child) throws -> [Double] {
    try reader.line("times").split(separator: " ").compactMap { Double($0) }
}

// MARK: Throughput

func measureRelay(streams: Int, rounds: Int) throws {
    let steps = min(1000, 6400 / streams)
    for isPlain in [true, false] {
        var (ours, rival): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds {
            rival.append(try rateOfRival(streams, steps, isPlain))
            ours.append(try rateOfCoordinator(streams, steps, isPlain))
        }
        let ratio = median(zip(ours, rival).map { $0 / $1 })
        print(
            "relay, \(isPlain ? "plain" : "CURVE"), \(streams) streams: \(Int(median(ours))) boundaries/s, "
                + "plain libzmq \(Int(median(rival)))/s: ratio \(format(ratio)) (bar >= 0.6)"
                + (ratio >= 0.6 ? "" : "  MISSED"))
    }
}

private func rateOfCoordinator(_ streams: Int, _ steps: Int, _ isPlain: Bool) throws -> Double {
    let run = try RelayRun(streams: streams, steps: steps, intervalMs: 0, isPlain: isPlain)
    defer { run.end() }
    _ = try run.reader.line("ready")
    try run.writer.say("go")
    _ = try run.reader.line("times")
    let seconds = Double(try run.reader.line("seconds")) ?? 0
    return Double(streams * (steps - 1) - 1) / seconds
}

private func rateOfRival(_ streams: Int, _ steps: Int, _ isPlain: Bool) throws -> Double {
    let run = try RivalRun(streams: streams, steps: steps, intervalMs: 0, isPlain: isPlain)
    defer { run.end() }
    return Double(streams * steps - 1) / (Double(try run.reader.line("seconds")) ?? 0)
}

// MARK: Storm

func measureStorm(connections: Int, rounds: Int) throws {
    var (ours, rival): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
        rival.append(try storm(connections, on: .plainGreeter))
        ours.append(try storm(connections, on: .coordinator))
    }
    let ratio = median(zip(ours, rival).map { $0 / $1 })
    print(
        "\(connections) control connections, CURVE, of four processes: \(format(median(ours))) s, plain libzmq "
            + "\(format(median(rival))) s: ratio \(format(ratio)) (bar <= 1.5)\(ratio <= 1.5 ? "" : "  MISSED")")
}

/// Seconds until the last of the connections was answered.
private func storm(_ connections: Int, on server: Role.Name) throws -> Double {
    let folder = try RunFolder()
    try Role(server, in: folder.path, streams: 0).makeKeys()
    let head = try Child(Role(server, in: folder.path, streams: 0))
    let endpoint = try head.line("bound")
    let stormers = try (0..<4).map { _ in
        try Child(Role(.stormer, in: folder.path, endpoint: endpoint, streams: connections / 4))
    }
    defer { for child in stormers + [head] { child.end() } }
    for stormer in stormers { _ = try stormer.line("ready") }
    for stormer in stormers { try stormer.say("go") }
    let times = try stormers.map { try Double($0.line("answered")) ?? 0 }
    if server == .coordinator {
        try head.say("?")
        // Fewer where the machine is so busy that heartbeats come three seconds late.
        print("the farm has \(try head.line("workers")) workers, \(format(times.max() ?? 0)) s")
    }
    return times.max() ?? 0
}

// MARK: A reader that takes nothing

func measureStalled(readers: Int) throws {
    let steps = 200
    let run = try RelayRun(streams: readers, steps: steps, intervalMs: 50, reader: .stalledReader)
    defer { run.end() }
    _ = try run.reader.line("stalled")
    let before = run.coordinator.residentBytes
    try run.writer.say("go")
    var largest = 0
    for _ in 0..<100 {
        Pace.wait(until: monotonicNanoseconds() + 100_000_000)
        largest = max(largest, run.coordinator.residentBytes)
    }
    let each = Double(largest - before) / Double(readers) / 1e6
    print(
        "a reader that takes nothing costs the coordinator \(format(each)) MB (bar <= 8)"
            + "\(each <= 8 ? "" : "  MISSED"), \(readers) of them, \(largest / 1_000_000) MB resident")
}
