import Farm
import Wire

private typealias Heaviest = HeaviestMessages

/// Messages in order, of which the table of limits varies one value at a time.
extension Boundary {
    static let denoised = Message.Denoised(
        attempt: Heaviest.attempt, consumed: .init(spans: [], digest: Heaviest.digest), transfer: 1,
        latents: Heaviest.artifact, steppingTime: .zero, waitTime: .zero)

    static let video = Message.Delivered(
        attempt: Heaviest.attempt, transfer: 1, video: Heaviest.artifact, latentsDigest: Heaviest.digest, encoder: "e",
        frames: 1, decodingTime: .zero, encodingTime: .zero)

    static let step = Message.Progress(
        attempt: Heaviest.attempt, step: 1, stepTime: .zero, waitTime: .zero, sceneWeight: 0, noiseDeviation: 0,
        similarityDropped: false, preview: .init(bytes: 1, format: .known(.png), width: 1, height: 1))

    static let failed = Message.Failed(
        attempt: Heaviest.attempt, phase: .denoising, failureClass: .outOfMemory, detail: "", step: 0, neededBytes: 0,
        availableBytes: 0)

    static let released = Message.Release(
        attempt: Heaviest.attempt, phase: .denoising, reason: .known(.recalled), step: 0)

    static let recalled = Message.Recall(attempt: Heaviest.attempt, reason: .known(.waited), checkpoint: true)

    static let record = Message.BoundaryRecord(
        reader: Heaviest.attempt, stream: Heaviest.stream, step: 0, bytes: 1, checksum: 0)
    static let stored = Message.BoundaryStored(stream: Heaviest.stream, step: 0)

    static let chunk = Message.Chunk(
        attempt: Heaviest.attempt, transfer: 1, kind: .video, offset: 0, total: 100, bytes: 1)

    static let aborted = Message.TransferAborted(transfer: 1, reason: .known(.stale), detail: "")

    static let predecessor = Message.Predecessor(
        endpoint: "e", serverKey: "", stream: Heaviest.stream, scene: "", action: "")

    static let accepted = Message.Welcome(
        peer: WorkerID(high: 1, low: 2), epoch: 1, heartbeatInterval: .seconds(1), silenceLimit: .seconds(60),
        dataEndpoint: "e", build: "b", initialCredit: 1)

    static let refused = Message.Refused(reason: .known(.full), detail: "", lowestVersion: 1, highestVersion: 1)
    static let bye = Message.Bye(reason: .known(.stopped), detail: "")
    static let beat = Message.Heartbeat(number: 1, steps: 0, held: [], freeBytes: 0)

    static let agent = Message.NodeHello(
        secret: Heaviest.secret, node: "n", build: "b", devices: [], capacity: 1, memoryBytes: 0, proposed: 1)

    static let report = Message.NodeReport(
        number: 1, revision: 0, workers: [.init(process: 1, device: "d", state: .known(.running))],
        exits: [.init(process: 2, device: "d", cause: .exited, code: 0, detail: "")], freeMemoryBytes: 0,
        freeDiskBytes: 0)

    static let device = WorkerDevice(uuid: "u", memoryBytes: 0, kind: kind())

    static func kind(
        cpuLevel: String = "l", libtorch: String = "t", precision: String = "fp32", attention: String = "a"
    ) -> DeviceKind {
        DeviceKind(
            accelerator: "cpu", cpuLevel: cpuLevel, libtorch: libtorch, precision: precision, threads: 1,
            attention: attention)
    }

    static func hello(on device: WorkerDevice) -> Message {
        .hello(
            .init(
                secret: Heaviest.secret, node: "n", process: 1, build: "b", encoder: "e", device: device, held: []))
    }
}
