import Farm
import Wire

/// The largest message of each kind that has lists or long texts, everything at its limit.
enum HeaviestMessages {
    static var all: [Message] { [offer, leaseGrant, hello, heartbeat, nodeHello, nodeReport, denoised] }

    static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    static var name: String { text(WireLimits.nameBytes) }

    static var digest: Digest {
        guard let digest = Digest(0..<32) else { preconditionFailure("32 bytes are a digest") }
        return digest
    }

    static var secret: Secret {
        guard let secret = Secret(1...32) else { preconditionFailure("32 bytes are a secret") }
        return secret
    }

    static var segment: SegmentID {
        SegmentID(story: StoryID(rawValue: .max), number: UInt32(WireLimits.segments))
    }

    static var attempt: AttemptID {
        AttemptID(
            segment: segment, lease: Lease(epoch: .max, number: .max), generation: Generation(rawValue: .max))
    }

    static var stream: StreamID { attempt.stream }

    static var artifact: Artifact { Artifact(bytes: WireLimits.transferBytes, digest: digest) }

    static var device: WorkerDevice {
        WorkerDevice(
            uuid: name, memoryBytes: .max,
            kind: DeviceKind(
                accelerator: name, cpuLevel: name, libtorch: name, precision: name, threads: WireLimits.threads,
                attention: name))
    }

    static var held: Held {
        Held(
            attempt: attempt, phase: .denoising, activity: .stepping, step: WireLimits.steps,
            activityTime: WireLimits.duration)
    }

    static var offer: Message {
        let model = Message.Model(
            name: name, digest: digest, settings: text(WireLimits.settingsBytes), weightBytes: .max)
        return .offer(.init(models: Array(repeating: model, count: WireLimits.models)))
    }

    static var leaseGrant: Message {
        let prompt = text(WireLimits.promptBytes)
        return .leaseGrant(
            .init(
                attempt: attempt,
                recipe: .init(
                    model: name, modelDigest: digest, settings: text(WireLimits.settingsBytes), scene: prompt,
                    action: prompt, encoder: name, noiseSeed: .max),
                job: .denoising(
                    .init(
                        steps: WireLimits.steps, checkpointEvery: WireLimits.steps, previewEvery: WireLimits.steps,
                        predecessor: .init(
                            endpoint: text(WireLimits.endpointBytes), serverKey: text(WireLimits.keyBytes),
                            stream: stream, scene: prompt, action: prompt),
                        resume: .init(step: WireLimits.steps, checkpoint: artifact, consumed: consumed)))))
    }

    static var hello: Message {
        .hello(
            .init(
                secret: secret, node: name, process: Int(UInt32.max), build: name, encoder: name, device: device,
                held: Array(repeating: held, count: WireLimits.heldLeases)))
    }

    static var heartbeat: Message {
        .heartbeat(
            .init(
                number: .max, steps: .max, held: Array(repeating: held, count: WireLimits.heldLeases), freeBytes: .max))
    }

    static var nodeHello: Message {
        .nodeHello(
            .init(
                secret: secret, node: name, build: name,
                devices: Array(repeating: device, count: WireLimits.nodeWorkers), capacity: WireLimits.nodeWorkers,
                memoryBytes: .max, proposed: WireLimits.nodeWorkers))
    }

    static var nodeReport: Message {
        let worker = Message.NodeWorker(process: Int(UInt32.max), device: name, state: .unknown(-1))
        let exit = Message.WorkerExit(
            process: Int(UInt32.max), device: name, cause: .stopped, code: Int(UInt32.max),
            detail: Detail(text(WireLimits.detailBytes)))
        return .nodeReport(
            .init(
                number: .max, revision: .max, workers: Array(repeating: worker, count: WireLimits.nodeWorkers),
                exits: Array(repeating: exit, count: WireLimits.nodeExits), freeMemoryBytes: .max, freeDiskBytes: .max))
    }

    static var consumed: Consumed {
        let spans = (0...WireLimits.steps).map {
            GenerationSpan(generation: Generation(rawValue: .max), fromStep: $0)
        }
        return Consumed(spans: spans, digest: digest)
    }

    static var denoised: Message {
        .denoised(
            .init(
                attempt: attempt, consumed: consumed, transfer: .max, latents: artifact,
                steppingTime: WireLimits.duration, waitTime: WireLimits.duration))
    }
}
