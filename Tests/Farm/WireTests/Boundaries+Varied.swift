import Farm
import Wire

private typealias Heaviest = HeaviestMessages

extension Boundary {
    /// - Parameter path: the value to vary in a message that is otherwise in order.
    init<Body, Value>(
        _ place: String, _ body: Body, _ path: WritableKeyPath<Body, Value>, at: Value, beyond: Value...,
        as wrap: (Body) -> Message
    ) {
        func make(_ value: Value) -> Message {
            var varied = body
            varied[keyPath: path] = value
            return wrap(varied)
        }
        let parts = place.split(separator: ".").map(String.init)
        self.init(message: parts[0], field: parts[1], at: make(at), beyond: beyond.map(make))
    }

    private static let name = Heaviest.name
    private static let longName = Heaviest.name + "x"
    private static let longest = WireLimits.duration
    private static let tooLong = WireLimits.duration + .seconds(1)

    static let varied: [Boundary] = times + steps + names + codes

    private static let times: [Boundary] = [
        Boundary("Denoised.stepping_us", denoised, \.steppingTime, at: longest, beyond: tooLong) { .denoised($0) },
        Boundary("Denoised.waited_us", denoised, \.waitTime, at: longest, beyond: tooLong) { .denoised($0) },
        Boundary("Delivered.decoding_us", video, \.decodingTime, at: longest, beyond: tooLong) { .delivered($0) },
        Boundary("Delivered.encoding_us", video, \.encodingTime, at: longest, beyond: tooLong) { .delivered($0) },
        Boundary("Progress.step_us", step, \.stepTime, at: longest, beyond: tooLong) { .progress($0) },
        Boundary("Progress.waited_us", step, \.waitTime, at: longest, beyond: tooLong) { .progress($0) },
        Boundary("Welcome.heartbeat_us", accepted, \.heartbeatInterval, at: longest, beyond: tooLong) { .welcome($0) },
        Boundary("Welcome.silence_us", accepted, \.silenceLimit, at: longest, beyond: tooLong) { .welcome($0) },
    ]

    private static let steps: [Boundary] = [
        Boundary("BoundaryRecord.step", record, \.step, at: 1000, beyond: 1001) { .boundaryRecord($0) },
        Boundary("BoundaryStored.step", stored, \.step, at: 1000, beyond: 1001) { .boundaryStored($0) },
        Boundary("Release.step", released, \.step, at: 1000, beyond: 1001) { .release($0) },
        Boundary("Preview.height", step, \.preview!.height, at: 4096, beyond: 0, 4097) { .progress($0) },
        Boundary("Chunk.offset", chunk, \.offset, at: 0, beyond: 4 << 30 + 1) { .chunk($0) },
        Boundary("WorkerExit.process", report, \.exits[0].process, at: 1, beyond: 0) { .nodeReport($0) },
    ]

    private static let names: [Boundary] = [
        Boundary("NodeHello.node", agent, \.node, at: name, beyond: "", longName) { .nodeHello($0) },
        Boundary("NodeHello.build", agent, \.build, at: name, beyond: "", longName) { .nodeHello($0) },
        Boundary("NodeWorker.device", report, \.workers[0].device, at: name, beyond: "", longName) { .nodeReport($0) },
        Boundary("WorkerExit.device", report, \.exits[0].device, at: name, beyond: "", longName) { .nodeReport($0) },
        Boundary("Welcome.build", accepted, \.build, at: name, beyond: "", longName) { .welcome($0) },
        Boundary("Recipe.encoder", recipe(), \.encoder, at: name, beyond: longName) {
            .probe(.init(number: 1, recipe: $0))
        },
        Boundary("Predecessor.action", predecessor, \.action, at: "", beyond: Heaviest.text(8193)) { predecessor in
            let job = Message.DenoisingJob(steps: 64, checkpointEvery: 8, previewEvery: 0, predecessor: predecessor)
            return .leaseGrant(.init(attempt: Heaviest.attempt, recipe: recipe(), job: .denoising(job)))
        },
        Boundary("DeviceKind.cpu_level", device, \.kind, at: kind(), beyond: kind(cpuLevel: longName), as: hello),
        Boundary("DeviceKind.libtorch", device, \.kind, at: kind(), beyond: kind(libtorch: longName), as: hello),
        Boundary("DeviceKind.precision", device, \.kind, at: kind(), beyond: kind(precision: longName), as: hello),
        Boundary("DeviceKind.attention", device, \.kind, at: kind(), beyond: kind(attention: ""), as: hello),
    ]

    private static let codes: [Boundary] = [
        Boundary("Bye.reason", bye, \.reason, at: .unknown(99), beyond: .unknown(0)) { .bye($0) },
        Boundary("Refused.reason", refused, \.reason, at: .unknown(99), beyond: .unknown(0)) { .refused($0) },
        Boundary("Recall.reason", recalled, \.reason, at: .unknown(99), beyond: .unknown(0)) { .recall($0) },
        Boundary("Release.reason", released, \.reason, at: .unknown(99), beyond: .unknown(0)) { .release($0) },
        Boundary("Preview.format", step, \.preview!.format, at: .unknown(99), beyond: .unknown(0)) { .progress($0) },
        Boundary("TransferAborted.reason", aborted, \.reason, at: .unknown(99), beyond: .unknown(0)) {
            .transferAborted($0)
        },
        Boundary("NodeWorker.state", report, \.workers[0].state, at: .unknown(99), beyond: .unknown(0)) {
            .nodeReport($0)
        },
    ]

    /// Below zero, which their fields cannot even hold.
    static let negative: [Boundary] = [
        Boundary("Device.memory_bytes", device, \.memoryBytes, at: 0, beyond: -1, as: hello),
        Boundary("Failed.needed_bytes", failed, \.neededBytes, at: 0, beyond: -1) { .failed($0) },
        Boundary("Failed.available_bytes", failed, \.availableBytes, at: 0, beyond: -1) { .failed($0) },
        Boundary("Model.weight_bytes", model(), \.weightBytes, at: 0, beyond: -1) { .offer(.init(models: [$0])) },
        Boundary("NodeHello.memory_bytes", agent, \.memoryBytes, at: 0, beyond: -1) { .nodeHello($0) },
        Boundary("NodeReport.free_disk_bytes", report, \.freeDiskBytes, at: 0, beyond: -1) { .nodeReport($0) },
        Boundary("NodeReport.free_memory_bytes", report, \.freeMemoryBytes, at: 0, beyond: -1) { .nodeReport($0) },
        Boundary("WorkerExit.code", report, \.exits[0].code, at: 0, beyond: -1, 1 << 32) { .nodeReport($0) },
        Boundary("Heartbeat.free_bytes", beat, \.freeBytes, at: 0, beyond: -1) { .heartbeat($0) },
        Boundary("Progress.step", step, \.step, at: 0, beyond: -1) { .progress($0) },
        Boundary("Chunk.offset", chunk, \.offset, at: 0, beyond: -1, .min) { .chunk($0) },
        Boundary("Chunk.bytes", chunk, \.bytes, at: 1, beyond: -1, .min) { .chunk($0) },
        Boundary("Progress.step_us", step, \.stepTime, at: .zero, beyond: .microseconds(-1)) { .progress($0) },
    ]
}
