import Farm
import Foundation
import Transport
import Wire

/// A worker's connections, as the coordinator sees them; it computes nothing.
final class BenchWorker: Sendable {
    private let secret = Secret.random()
    private let control: Link
    private let thread: SocketThread
    private let security: SocketOptions.Security

    init(_ role: Role, on threads: (control: SocketThread, data: SocketThread)) throws {
        security = try role.security
        control = try threads.control.connect(.dealer, to: role.endpoint, .control(security))
        thread = threads.data
    }

    static func hello(_ secret: Secret, number: Int) -> Message {
        let kind = DeviceKind(
            accelerator: "none", cpuLevel: "none", libtorch: "none", precision: "none", threads: 1, attention: "none")
        return .hello(
            .init(
                secret: secret, node: "bench", process: Int(getpid()), build: "bench", encoder: "bench",
                device: WorkerDevice(uuid: "bench:\(getpid()):\(number)", memoryBytes: 1 << 30, kind: kind), held: [],
                isSimulated: true))
    }

    static let offer = Message.offer(
        .init(models: [
            .init(
                name: "embedded", digest: Digest(words: InlineArray { UInt64($0) }), settings: "", weightBytes: 1)
        ]))

    static func heartbeat(_ held: [Held]) -> Message {
        .heartbeat(.init(number: 1, steps: 0, held: held, freeBytes: 1 << 30))
    }

    /// Joins, waits for a lease and opens the data connection.
    func lease(number: Int) async throws -> Lease {
        try await say(Self.hello(secret, number: number))
        try await say(Self.offer)
        var dataEndpoint = ""
        for await multipart in control.messages {
            switch try decode(multipart, on: .control) {
            case .welcome(let welcome): dataEndpoint = welcome.dataEndpoint
            case .leaseGrant(let grant):
                let data = try thread.connect(.dealer, to: dataEndpoint, .bulk(security))
                try await data.send(Multipart([Frame(Message.attach(.init(secret: secret)).encoded())]))
                Task { for await _ in control.messages {} }
                return Lease(grant: grant, data: data)
            default: break
            }
        }
        throw BenchError("the coordinator is gone")
    }

    private func say(_ message: Message) async throws { try await control.send(Multipart([Frame(message.encoded())])) }

    /// Says that it lives.
    func beat(_ lease: Lease) {
        let held = Held(
            attempt: lease.grant.attempt, phase: .denoising, activity: .stepping, step: 0, activityTime: .zero)
        guard let bytes = try? Self.heartbeat([held]).encoded() else { return }
        control.post(Multipart([Frame(bytes)])) { _ in }
    }

    /// A worker's segment, and its way to the boundaries.
    struct Lease: Sendable {
        let grant: Message.LeaseGrant
        let data: Link

        var source: StreamID? {
            if case .denoising(let job) = grant.job { job.predecessor?.stream } else { nil }
        }
    }

    /// As many workers as there are streams, each with a lease, and heartbeats from then on.
    static func leases(_ role: Role) async throws -> [Lease] {
        let context = try Context(ioThreads: 1)
        let threads = (try SocketThread(in: context, name: "control"), try SocketThread(in: context, name: "data"))
        let workers = try (0..<role.streams).map { _ in try BenchWorker(role, on: threads) }
        let leases = try await withThrowingTaskGroup { group in
            for (number, worker) in workers.enumerated() {
                group.addTask { (number, try await worker.lease(number: number)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        Thread {
            let pace = Pace(every: .seconds(1))
            while true {
                pace.wait()
                for (number, lease) in leases { workers[number].beat(lease) }
            }
        }.start()
        return leases.values.sorted { $0.grant.attempt.segment < $1.grant.attempt.segment }
    }
}

func decode(_ multipart: Multipart, on channel: Route.Channel) throws -> Message {
    try multipart.frames[0].withSpan { (bytes) throws(WireError) in
        try Message(
            arriving: bytes, rawFrames: multipart.frames.dropFirst().map(\.count), from: [.coordinator], on: channel)
    }
}

/// The monotonic clock that all processes of a machine share, in nanoseconds.
func monotonicNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Waits on a thread of its own until a moment comes.
final class Pace {
    private let interval: Int
    private var next: Int

    init(every interval: Duration) {
        self.interval = Int(interval / .nanoseconds(1))
        next = monotonicNanoseconds() + self.interval
    }

    /// Until the next multiple of the interval.
    func wait() {
        Self.wait(until: next)
        next += interval
    }

    static func wait(until nanoseconds: Int) {
        var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
