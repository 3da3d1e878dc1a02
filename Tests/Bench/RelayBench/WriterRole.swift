import Farm
import Foundation
import Transport
import Wire

/// Writes the boundaries of the stories' first segments: the first at once, the others when it is told to.
func runWriters(_ role: Role) async throws {
    let leases = try await BenchWorker.leases(role)
    let payload = Payload()
    try await withThrowingTaskGroup { group in
        for lease in leases {
            group.addTask {
                try await lease.data.send(payload.message(of: lease.grant.attempt, step: 0))
                for await multipart in lease.data.messages {
                    if case .boundaryStored = try decode(multipart, on: .data) { return }
                }
            }
        }
        try await group.waitForAll()
    }
    for lease in leases { Task { for await _ in lease.data.messages {} } }
    say("leased")
    let (orders, order) = AsyncStream.makeStream(of: String.self)
    listen { order.yield($0) }
    for await _ in orders { break }
    if role.intervalMs > 0 {
        Thread { paced(leases, payload, role) }.start()
    } else {
        // All the same, and made before: what a writer computes is not the coordinator's.
        let frame = payload.frame
        let checksum = frame.withUnsafeBytes { Checksum.of($0) }
        for lease in leases {
            Task {
                for step in 1..<role.steps {
                    let message = try Payload.message(of: lease.grant.attempt, step: step, frame, checksum)
                    try await lease.data.send(message)
                }
            }
        }
    }
    for await _ in orders {}
}

/// One boundary of every stream in each interval; when, differs from stream to stream.
private func paced(_ leases: [BenchWorker.Lease], _ payload: Payload, _ role: Role) {
    let interval = role.intervalMs * 1_000_000
    var generator = SplitMix(state: 7)
    let start = monotonicNanoseconds() + interval
    let phases = leases.map { (lease: $0, phase: Int.random(in: 0..<interval, using: &generator)) }
    for step in 1..<role.steps {
        for (lease, phase) in phases.sorted(by: { $0.phase < $1.phase }) {
            Pace.wait(until: start + step * interval + phase)
            guard let message = try? payload.message(of: lease.grant.attempt, step: step) else { return }
            lease.data.post(message) { if case .failure(let error) = $0 { say("not sent: \(error)") } }
        }
    }
}

/// Finite numbers, of which the first four say when they were made.
struct Payload: Sendable {
    /// Twelve channels of 60 by 106 numbers: of 848x480 pixels.
    static let bytes = 12 * 60 * 106 * 4
    private let numbers: [Float]

    init() {
        var generator = SplitMix(state: 1)
        numbers = (0..<(Self.bytes / 4)).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    func message(of attempt: AttemptID, step: Int) throws -> Multipart {
        let frame = frame
        return try Self.message(of: attempt, step: step, frame, frame.withUnsafeBytes { Checksum.of($0) })
    }

    /// Made now.
    var frame: Frame {
        Frame(count: Self.bytes) { buffer in
            numbers.withUnsafeBytes { buffer.copyMemory(from: $0) }
            let now = monotonicNanoseconds()
            for index in 0..<4 {
                buffer.storeBytes(of: Float(now >> (16 * index) & 0xFFFF), toByteOffset: 4 * index, as: Float.self)
            }
        }
    }

    static func message(of attempt: AttemptID, step: Int, _ frame: Frame, _ checksum: UInt64) throws -> Multipart {
        let header = Message.boundaryAppend(
            .init(attempt: attempt, step: step, bytes: frame.count, checksum: checksum))
        return Multipart([Frame(try header.encoded()), frame])
    }

    /// When a payload was made.
    static func time(of frame: Frame) -> Int {
        frame.withUnsafeBytes { bytes in
            (0..<4).reduce(0) { $0 | Int(bytes.load(fromByteOffset: 4 * $1, as: Float.self)) << (16 * $1) }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
