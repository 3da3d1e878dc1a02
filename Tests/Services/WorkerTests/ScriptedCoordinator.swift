import Farm
import Foundation
import Logging
import Script
import Testing
import Transport
import Wire

@testable import Worker

/// A coordinator that says what a test tells it, over plain sockets; nothing of the coordinator's own code is in it.
///
/// By itself it only says that boundaries are stored. What nobody waits for is dropped.
actor ScriptedCoordinator {
    struct Ended: Error {}

    private let control: Link
    private var data: Link
    /// Where it listened for data before; still open.
    private var leftOpen: [Link] = []
    private var peers: [Route.Channel: PeerID] = [:]
    private let context: Context
    private let threads: [SocketThread]

    init() throws {
        context = try Context()
        threads = try [SocketThread(in: context, name: "control"), SocketThread(in: context, name: "data")]
        control = try threads[0].bind(.router, to: "tcp://127.0.0.1:*", .control(.plain))
        data = try threads[1].bind(.router, to: "tcp://127.0.0.1:*", .bulk(.plain))
    }

    /// Runs a worker's session while `body` runs; `scratch` is its folder.
    nonisolated func withSession(_ body: (_ scratch: String) async throws -> Void) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "sf-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let thread = try SocketThread(in: context, name: "worker")
        let link = try thread.connect(.dealer, to: control.endpoint, .control(.plain))
        let keys = try CurveKeyPair.generate()
        let session = WorkerSession(
            WorkerConfiguration(
                coordinator: control.endpoint, serverKey: keys.publicKey, keys: keys, node: "node", scratch: scratch),
            engine: StandInEngine(model: "embedded", settings: "", stepTime: .zero, node: "node"), control: link,
            encoder: "x264", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, readiness: { _ in }
        ) { endpoint throws(SocketError) in
            try thread.connect(.dealer, to: endpoint, .bulk(.plain))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await session.run() }
            // Its run ends with its connection.
            defer { link.beginClosing() }
            try await welcome()
            try await body(scratch)
        }
    }

    private func welcome() async throws {
        try await hear(.control) { if case .hello = $0 { true } else { nil } }
        try await attach()
    }

    /// Listens for data elsewhere and says so; where it listened before nobody notices.
    func moveData() async throws {
        leftOpen.append(data)
        data = try threads[1].bind(.router, to: "tcp://127.0.0.1:*", .bulk(.plain))
        try await attach()
    }

    private func attach() async throws {
        let answer = Message.welcome(
            .init(
                peer: WorkerID(high: 0, low: 1), epoch: 1, heartbeatInterval: WorkerMachine.heartbeat,
                silenceLimit: WorkerMachine.silence, dataEndpoint: data.endpoint, build: "scripted",
                initialCredit: WireLimits.chunkBytes))
        try await say(answer, on: .control)
        try await hear(.data) { if case .attach = $0 { true } else { nil } }
        try await say(answer, on: .data)
    }

    func say(_ message: Message, on channel: Route.Channel = .control) async throws {
        let link = channel == .control ? control : data
        try await link.send(Multipart([Frame(message.encoded())], to: peers[channel]))
    }

    @discardableResult
    func hear<Answer>(_ channel: Route.Channel, _ fits: (Message) -> Answer?) async throws -> Answer {
        let link = channel == .control ? control : data
        var messages = link.messages.makeAsyncIterator()
        while let multipart = await messages.next() {
            peers[channel] = multipart.peer
            let raw = multipart.frames.dropFirst().map(\.count)
            let message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: raw, from: [.worker], on: channel)
            }
            if case .boundaryAppend(let append) = message {
                try await say(.boundaryStored(.init(stream: append.attempt.stream, step: append.step)), on: .data)
            }
            if let answer = fits(message) { return answer }
        }
        throw Ended()
    }

    /// A lease of a story's only segment.
    static func grant(_ job: Message.LeaseGrant.Job) throws -> Message.LeaseGrant {
        let script = """
            video: { width: 96, height: 64, frames: 7, fps: 12 }
            sampling: { steps: 2 }
            segments: [{ scene: a park, action: a corgi walks }]

            """
        let story = try ScriptDocument(parsing: Array(script.utf8), file: "story.yaml").resolved(with: .builtIn)
        return .init(
            attempt: AttemptID(
                segment: SegmentID(story: StoryID(rawValue: 1), number: 1), lease: Lease(epoch: 1, number: 1),
                generation: Generation(rawValue: 1)),
            recipe: .init(
                model: "embedded", modelDigest: digest, settings: story.settings.json, scene: "a park",
                action: "a corgi walks", encoder: "", noiseSeed: 1), job: job)
    }

    static let digest = Digest([UInt8](repeating: 1, count: 32))!
}
