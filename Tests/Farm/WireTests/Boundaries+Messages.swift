import Farm
import Wire

private typealias Heaviest = HeaviestMessages

/// Ordinary messages in which one value can be set.
extension Boundary {
    static func hello(
        node: String = "n", process: Int = 1, build: String = "b", encoder: String = "e", held: Int = 0,
        uuid: String = "u", accelerator: String = "cpu", threads: Int = 1
    ) -> Message {
        let kind = DeviceKind(
            accelerator: accelerator, cpuLevel: "l", libtorch: "t", precision: "fp32", threads: threads, attention: "a")
        return .hello(
            .init(
                secret: Heaviest.secret, node: node, process: process, build: build, encoder: encoder,
                device: .init(uuid: uuid, memoryBytes: 0, kind: kind),
                held: Array(repeating: Heaviest.held, count: held)))
    }

    static func welcome(endpoint: String = "e", credit: Int = 1) -> Message {
        .welcome(
            .init(
                peer: WorkerID(high: 1, low: 2), epoch: 1, heartbeatInterval: .seconds(1), silenceLimit: .seconds(60),
                dataEndpoint: endpoint, build: "b", initialCredit: credit))
    }

    static func model(name: String = "m", settings: String = "") -> Message.Model {
        Message.Model(name: name, digest: Heaviest.digest, settings: settings, weightBytes: 0)
    }

    static func recipe(
        model: String = "m", settings: String = "{}", scene: String = "", action: String = ""
    ) -> Message.Recipe {
        Message.Recipe(
            model: model, modelDigest: Heaviest.digest, settings: settings, scene: scene, action: action, encoder: "",
            noiseSeed: 7)
    }

    static func probe(
        model: String = "m", settings: String = "{}", scene: String = "", action: String = ""
    ) -> Message {
        .probe(.init(number: 1, recipe: recipe(model: model, settings: settings, scene: scene, action: action)))
    }

    static func grant(
        steps: Int = 64, checkpointEvery: Int = 8, previewEvery: Int = 0, resume: Int? = nil, endpoint: String = "e",
        key: String = "", scene: String = ""
    ) -> Message {
        let predecessor = Message.Predecessor(
            endpoint: endpoint, serverKey: key, stream: Heaviest.stream, scene: scene, action: "")
        let job = Message.DenoisingJob(
            steps: steps, checkpointEvery: checkpointEvery, previewEvery: previewEvery, predecessor: predecessor,
            resume: resume.map { .init(step: $0, checkpoint: Heaviest.artifact, consumed: Heaviest.consumed) })
        return .leaseGrant(.init(attempt: Heaviest.attempt, recipe: recipe(), job: .denoising(job)))
    }

    static func progress(
        step: Int = 1, weight: Float = 0.5, noise: Float = 1, preview: Int = 1, width: Int = 1
    ) -> Message {
        .progress(
            .init(
                attempt: Heaviest.attempt, step: step, stepTime: .zero, waitTime: .zero, sceneWeight: weight,
                noiseDeviation: noise, similarityDropped: false,
                preview: .init(bytes: preview, format: .known(.jpeg), width: width, height: 1)))
    }

    static func checkpoint(spans: [Int] = [], step: Int = 8, bytes: Int = 1) -> Message {
        let spans = spans.map { GenerationSpan(generation: Generation(rawValue: 1), fromStep: $0) }
        return .checkpoint(
            .init(
                attempt: Heaviest.attempt, step: step, consumed: .init(spans: spans, digest: Heaviest.digest),
                transfer: 1, artifact: .init(bytes: bytes, digest: Heaviest.digest)))
    }

    static func delivered(frames: Int = 25, encoder: String = "e") -> Message {
        .delivered(
            .init(
                attempt: Heaviest.attempt, transfer: 1, video: Heaviest.artifact, latentsDigest: Heaviest.digest,
                encoder: encoder, frames: frames, decodingTime: .zero, encodingTime: .zero))
    }

    static func append(step: Int = 1, bytes: Int = 1) -> Message {
        .boundaryAppend(.init(attempt: Heaviest.attempt, step: step, bytes: bytes, checksum: 1))
    }

    static func read(fromStep: Int = 0, window: Int = 8) -> Message {
        .boundaryRead(
            .init(reader: Heaviest.attempt, stream: Heaviest.stream, fromStep: fromStep, window: window))
    }

    static func chunk(offset: Int = 0, total: Int, bytes: Int, digest: Digest? = nil) -> Message {
        .chunk(
            .init(
                attempt: Heaviest.attempt, transfer: 1, kind: .video, offset: offset, total: total, bytes: bytes,
                digest: digest))
    }

    static func nodeHello(capacity: Int = 1, devices: Int = 1, proposed: Int = 1) -> Message {
        .nodeHello(
            .init(
                secret: Heaviest.secret, node: "n", build: "b",
                devices: Array(repeating: Heaviest.device, count: devices), capacity: capacity, memoryBytes: 0,
                proposed: proposed))
    }

    static func want(workers: Int = 1, spares: Int = 1, process: Int = 1) -> Message {
        .want(
            .init(revision: 1, workers: workers, spares: Array(repeating: .init(process: process), count: spares)))
    }

    static func nodeReport(workers: Int = 1, exits: Int = 0, process: Int = 1) -> Message {
        let worker = Message.NodeWorker(process: process, device: "u", state: .known(.running))
        let exit = Message.WorkerExit(process: 1, device: "u", cause: .exited, code: 0, detail: "")
        return .nodeReport(
            .init(
                number: 1, revision: 1, workers: Array(repeating: worker, count: workers),
                exits: Array(repeating: exit, count: exits), freeMemoryBytes: 0, freeDiskBytes: 0))
    }
}
