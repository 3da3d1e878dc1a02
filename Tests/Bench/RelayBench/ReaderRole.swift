import Farm
import Foundation
import Transport
import Wire

/// Reads the boundaries of the stories' first segments as their successors' workers do.
///
/// Says "ready" when every stream's first record is there, then the milliseconds of every other record's way, and the
/// seconds from the first of them to the last.
func runReaders(_ role: Role) async throws {
    listen { _ in }
    let leases = try await BenchWorker.leases(role)
    let (arrivals, arrived) = AsyncStream.makeStream(of: Arrival.self)
    // A plain reader, to which saturated ones are compared, looks at lengths only.
    let isChecking = role.intervalMs > 0
    for lease in leases { Task { try await read(lease, upTo: role.steps, isChecking, arrived) } }
    var (first, last) = (0, 0)
    var times: [Int] = []
    var begun = 0
    for await arrival in arrivals {
        if arrival.step == 0 {
            begun += 1
            if begun == leases.count { say("ready") }
            continue
        }
        if times.isEmpty { first = arrival.time }
        last = arrival.time
        times.append(arrival.time - arrival.sent)
        if times.count == leases.count * (role.steps - 1) { break }
    }
    say("times " + times.map { "\(Double($0) / 1e6)" }.joined(separator: " "))
    say("seconds \(Double(last - first) / 1e9)")
    for await _ in arrivals {}
}

private struct Arrival: Sendable {
    let step, sent, time: Int
}

private func read(
    _ lease: BenchWorker.Lease, upTo steps: Int, _ isChecking: Bool, _ arrived: AsyncStream<Arrival>.Continuation
) async throws {
    var (next, asked) = (0, 0)
    try await ask(lease, from: next, window: WorkerMachine.window)
    asked = next + WorkerMachine.window
    for await multipart in lease.data.messages {
        guard case .boundaryRecord(let record) = try decode(multipart, on: .data), record.step == next else { continue }
        let frame = multipart.frames[1]
        guard !isChecking || frame.withUnsafeBytes({ Checksum.of($0) }) == record.checksum else {
            throw BenchError("a torn record")
        }
        arrived.yield(Arrival(step: record.step, sent: Payload.time(of: frame), time: monotonicNanoseconds()))
        next += 1
        // As a worker does.
        guard next == asked - WorkerMachine.window / 2, asked < steps else { continue }
        try await ask(lease, from: asked, window: WorkerMachine.window / 2)
        asked += WorkerMachine.window / 2
    }
}

private func ask(_ lease: BenchWorker.Lease, from step: Int, window: Int) async throws {
    guard let source = lease.source else { throw BenchError("a reader was given a first segment") }
    let message = Message.boundaryRead(
        .init(reader: lease.grant.attempt, stream: source, fromStep: step, window: window))
    try await lease.data.send(Multipart([Frame(message.encoded())]))
}

/// Asks for everything and takes nothing.
func runStalledReaders(_ role: Role) async throws {
    let leases = try await BenchWorker.leases(role)
    for lease in leases { try await ask(lease, from: 0, window: role.steps) }
    say("stalled")
    let (orders, order) = AsyncStream.makeStream(of: String.self)
    listen { order.yield($0) }
    for await _ in orders {}
    withExtendedLifetime(leases) {}
}
