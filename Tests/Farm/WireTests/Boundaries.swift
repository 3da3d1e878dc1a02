import Farm
import Wire

private typealias Heaviest = HeaviestMessages

/// One limit: a message exactly at it, and messages just beyond it.
struct Boundary: Sendable, CustomStringConvertible {
    /// Where both sides must find the fault.
    let message: String
    let field: String
    let at: Message
    let beyond: [Message]

    var description: String { "\(message).\(field)" }

    init(message: String, field: String, at: Message, beyond: [Message]) {
        self.message = message
        self.field = field
        self.at = at
        self.beyond = beyond
    }

    /// - Parameter make: builds the message around one value of the field.
    init<Value>(_ place: String, at: Value, beyond: Value..., make: (Value) -> Message) {
        let parts = place.split(separator: ".").map(String.init)
        message = parts[0]
        field = parts[1]
        self.at = make(at)
        self.beyond = beyond.map(make)
    }
}

extension Boundary {
    static let all: [Boundary] = session + leases + reports + transfers + nodes + varied

    private static func text(_ count: Int) -> String { Heaviest.text(count) }
    private static func text(over limit: Int) -> String { Heaviest.text(limit + 1) }

    private static let session: [Boundary] = [
        Boundary("Segment.number", at: 10_000, beyond: 0, 10_001) {
            .boundaryStored(
                .init(
                    stream: .init(
                        segment: .init(story: .init(rawValue: 1), number: $0), generation: .init(rawValue: 1)), step: 0)
            )
        },
        Boundary("Hello.node", at: text(256), beyond: "", text(257), text(255) + "é") { hello(node: $0) },
        Boundary("Hello.process", at: 1, beyond: 0) { hello(process: $0) },
        Boundary("Hello.build", at: text(256), beyond: "", text(257)) { hello(build: $0) },
        Boundary("Hello.encoder", at: text(256), beyond: "", text(257)) { hello(encoder: $0) },
        Boundary("Hello.held", at: 8, beyond: 9) { hello(held: $0) },
        Boundary("Device.uuid", at: text(256), beyond: "", text(257)) { hello(uuid: $0) },
        Boundary("DeviceKind.accelerator", at: text(256), beyond: "", text(257)) { hello(accelerator: $0) },
        Boundary("DeviceKind.threads", at: 4096, beyond: 0, 4097) { hello(threads: $0) },
        Boundary("Held.step", at: 1000, beyond: 1001) { step in
            var held = Heaviest.held
            held.step = step
            return .heartbeat(.init(number: 1, steps: 1, held: [held], freeBytes: 0))
        },
        Boundary("Held.activity_us", at: .zero, beyond: WireLimits.duration + .microseconds(1)) { time in
            var held = Heaviest.held
            held.activityTime = time
            return .heartbeat(.init(number: 1, steps: 1, held: [held], freeBytes: 0))
        },
        Boundary("Heartbeat.held", at: 8, beyond: 9) {
            .heartbeat(.init(number: 1, steps: 1, held: Array(repeating: Heaviest.held, count: $0), freeBytes: 0))
        },
        Boundary("Welcome.data_endpoint", at: text(512), beyond: "", text(513)) { welcome(endpoint: $0) },
        Boundary("Welcome.initial_credit", at: 1, beyond: 0) { welcome(credit: $0) },
        Boundary("Offer.models", at: 24, beyond: 25) { .offer(.init(models: Array(repeating: model(), count: $0))) },
        Boundary("Model.name", at: text(256), beyond: "", text(257)) { .offer(.init(models: [model(name: $0)])) },
        Boundary("Model.settings", at: text(32_768), beyond: text(32_769)) {
            .offer(.init(models: [model(settings: $0)]))
        },
        Boundary("Drain.grace_us", at: .seconds(366 * 86_400), beyond: .seconds(366 * 86_400 + 1)) {
            .drain(.init(reason: .known(.scale), grace: $0))
        },
        Boundary("Drain.reason", at: .known(.operator), beyond: .unknown(0)) {
            .drain(.init(reason: $0, grace: .zero))
        },
    ]

    private static let leases: [Boundary] = [
        Boundary("Recipe.model", at: text(256), beyond: "", text(257)) { probe(model: $0) },
        Boundary("Recipe.settings", at: text(32_768), beyond: "", text(32_769)) { probe(settings: $0) },
        Boundary("Recipe.scene", at: text(8192), beyond: text(8193)) { probe(scene: $0) },
        Boundary("Recipe.action", at: text(8192), beyond: text(8193)) { probe(action: $0) },
        Boundary("DenoisingJob.steps", at: 2, beyond: 1, 1001) { grant(steps: $0) },
        Boundary("DenoisingJob.checkpoint_every", at: 1000, beyond: 1001) { grant(checkpointEvery: $0) },
        Boundary("DenoisingJob.preview_every", at: 1000, beyond: 1001) { grant(previewEvery: $0) },
        Boundary("DenoisingJob.resume", at: 64, beyond: 65) { grant(steps: 64, resume: $0) },
        Boundary("Predecessor.endpoint", at: text(512), beyond: "", text(513)) { grant(endpoint: $0) },
        Boundary("Predecessor.server_key", at: text(40), beyond: text(39), text(41)) { grant(key: $0) },
        Boundary("Predecessor.scene", at: text(8192), beyond: text(8193)) { grant(scene: $0) },
    ]

    private static let reports: [Boundary] = [
        Boundary("Progress.step", at: 1000, beyond: 1001) { progress(step: $0) },
        Boundary("Progress.scene_weight", at: 1, beyond: 1.0001, -0.0001, .nan, .infinity) { progress(weight: $0) },
        Boundary("Progress.noise_deviation", at: 1000, beyond: 1001, -1, .nan, -.infinity) { progress(noise: $0) },
        Boundary("Preview.bytes", at: 524_288, beyond: 0, 524_289) { progress(preview: $0) },
        Boundary("Preview.width", at: 4096, beyond: 0, 4097) { progress(width: $0) },
        Boundary("GenerationSpan.from_step", at: 1000, beyond: 1001) { checkpoint(spans: [$0]) },
        Boundary("Consumed.spans", at: [0, 1, 7], beyond: [0, 0], [7, 1]) { checkpoint(spans: $0) },
        Boundary("Checkpoint.step", at: 1000, beyond: 1001) { checkpoint(step: $0) },
        Boundary("Artifact.bytes", at: 4 << 30, beyond: 0, 4 << 30 + 1) { checkpoint(bytes: $0) },
        Boundary("Delivered.frames", at: 1 << 20, beyond: 0, 1 << 20 + 1) { delivered(frames: $0) },
        Boundary("Delivered.encoder", at: text(256), beyond: "", text(257)) { delivered(encoder: $0) },
        Boundary("Failed.step", at: 1000, beyond: 1001) {
            .failed(
                .init(
                    attempt: Heaviest.attempt, phase: .denoising, failureClass: .hang, detail: "", step: $0,
                    neededBytes: 0, availableBytes: 0))
        },
        Boundary("Verdict.step", at: 1000, beyond: 1001) {
            .verdict(.init(attempt: Heaviest.attempt, report: .checkpoint, outcome: .stale, step: $0, detail: ""))
        },
    ]

    private static let transfers: [Boundary] = [
        Boundary("BoundaryAppend.step", at: 1000, beyond: 1001) { append(step: $0) },
        Boundary("BoundaryAppend.bytes", at: 2 << 20, beyond: 0, 2 << 20 + 1) { append(bytes: $0) },
        Boundary("BoundaryRecord.bytes", at: 2 << 20, beyond: 0, 2 << 20 + 1) {
            .boundaryRecord(
                .init(reader: Heaviest.attempt, stream: Heaviest.stream, step: 1, bytes: $0, checksum: 1))
        },
        Boundary("BoundaryRead.from_step", at: 1000, beyond: 1001) { read(fromStep: $0) },
        Boundary("BoundaryRead.window", at: 1001, beyond: 0, 1002) { read(window: $0) },
        Boundary("BoundarySuperseded.from_step", at: 1000, beyond: 1001) {
            .boundarySuperseded(.init(reader: Heaviest.attempt, stream: Heaviest.stream, fromStep: $0))
        },
        Boundary("BoundaryWanted.from_step", at: 1000, beyond: 1001) {
            .boundaryWanted(.init(attempt: Heaviest.attempt, fromStep: $0))
        },
        Boundary("Chunk.total", at: 4 << 30, beyond: 0, 4 << 30 + 1) { chunk(total: $0, bytes: 1) },
        Boundary("Chunk.bytes", at: 524_288, beyond: 0, 524_289) { chunk(total: 1 << 30, bytes: $0) },
        Boundary("Chunk.bytes", at: 10, beyond: 12, 13) { chunk(offset: 89, total: 100, bytes: $0) },
        Boundary("Chunk.digest", at: Heaviest.digest, beyond: nil) {
            chunk(offset: 90, total: 100, bytes: 10, digest: $0)
        },
        Boundary("Chunk.digest", at: nil, beyond: Heaviest.digest) {
            chunk(offset: 80, total: 100, bytes: 10, digest: $0)
        },
        Boundary("Credit.bytes", at: 4 << 30, beyond: 0, 4 << 30 + 1) { .credit(.init(transfer: 1, bytes: $0)) },
        Boundary("Fetch.credit", at: 4 << 30, beyond: 0, 4 << 30 + 1) {
            .fetch(.init(attempt: Heaviest.attempt, transfer: 1, kind: .latents, credit: $0))
        },
        Boundary("Deposit.kind", at: .video, beyond: .checkpoint) {
            .deposit(.init(attempt: Heaviest.attempt, transfer: 1, kind: $0, artifact: Heaviest.artifact))
        },
    ]

    private static let nodes: [Boundary] = [
        Boundary("NodeHello.capacity", at: 256, beyond: 257) { nodeHello(capacity: $0) },
        Boundary("NodeHello.devices", at: 256, beyond: 257) { nodeHello(devices: $0) },
        Boundary("NodeHello.proposed", at: 256, beyond: 257) { nodeHello(proposed: $0) },
        Boundary("Want.workers", at: 256, beyond: 257) { want(workers: $0) },
        Boundary("Want.spares", at: 256, beyond: 257) { want(spares: $0) },
        Boundary("Spare.process", at: 1, beyond: 0) { want(process: $0) },
        Boundary("NodeReport.workers", at: 256, beyond: 257) { nodeReport(workers: $0) },
        Boundary("NodeReport.exits", at: 256, beyond: 257) { nodeReport(exits: $0) },
        Boundary("NodeWorker.process", at: 1, beyond: 0) { nodeReport(process: $0) },
    ]
}
