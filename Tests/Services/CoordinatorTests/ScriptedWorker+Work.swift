import Crypto
import Farm
import Foundation
import Media
import Storage
import Transport
import Wire

extension ScriptedWorker {
    // MARK: Whole segments

    /// Takes whatever it is given, until its task is cancelled or the connection ends.
    func work() async throws {
        while true {
            let grant = try await grant()
            switch grant.job {
            case .denoising(let job): try await denoise(grant, job)
            case .delivering: try await deliver(grant)
            }
        }
    }

    /// Denoises from its first step on and reports; the report must be accepted.
    func denoise(_ grant: Message.LeaseGrant, _ job: Message.DenoisingJob) async throws {
        var consumed = ReadRecords()
        forgetRead(by: grant.attempt.segment)
        let isFinal = grant.recipe.settings.contains(#""handoff": "final""#)
        for step in 0...job.steps {
            try await append(grant, step)
            guard let source = job.predecessor?.stream, step < (isFinal ? 1 : job.steps) else { continue }
            consumed.add(try await record(of: source, isFinal ? job.steps : step, for: grant.attempt))
        }
        try await report(grant, consumed.consumed)
        try await require(verdict(on: grant.attempt, .denoised) == .accepted)
        letGo(grant.attempt)
    }

    func deliver(_ grant: Message.LeaseGrant) async throws {
        guard case .delivering(let job) = grant.job else { throw Ended() }
        let (video, transfer) = try await upload(Self.video(), .video, grant.attempt)
        try await say(
            .delivered(
                .init(
                    attempt: grant.attempt, transfer: transfer, video: video, latentsDigest: job.latents.digest,
                    encoder: "x264", frames: 7, decodingTime: .zero, encodingTime: .zero)), on: .data)
        try await require(verdict(on: grant.attempt, .delivered) == .accepted)
        letGo(grant.attempt)
    }

    private func require(_ condition: Bool) throws { if !condition { throw Ended() } }

    // MARK: Boundaries

    /// What a segment's boundary of a step is: its prompts and the step, as numbers.
    static func boundary(_ recipe: Message.Recipe, _ step: Int) -> [UInt8] {
        let text = "\(recipe.scene), \(recipe.action), \(recipe.noiseSeed), \(step)"
        return text.utf8.flatMap { byte in withUnsafeBytes(of: Float(byte)) { Array($0) } }
    }

    /// Sends a boundary and waits until it is stored.
    func append(_ grant: Message.LeaseGrant, _ step: Int, payload: [UInt8]? = nil) async throws {
        let frame = Frame(payload ?? Self.boundary(grant.recipe, step))
        try await say(append(grant.attempt, step, frame), [frame], on: .data)
        try await hear(.data) { message in
            if case .boundaryStored(let stored) = message, stored.stream == grant.attempt.stream, stored.step == step {
                true
            } else {
                nil
            }
        }
    }

    func append(_ attempt: AttemptID, _ step: Int, _ frame: Frame) -> Message {
        let checksum = frame.withUnsafeBytes { Checksum.of($0) }
        return .boundaryAppend(.init(attempt: attempt, step: step, bytes: frame.count, checksum: checksum))
    }

    /// A record of a predecessor, asked for as workers do, eight at a time.
    func record(of stream: StreamID, _ step: Int, for reader: AttemptID) async throws -> Message.BoundaryRecord {
        if read[reader.segment, default: [:]].count.isMultiple(of: WorkerMachine.window) {
            try await say(
                .boundaryRead(.init(reader: reader, stream: stream, fromStep: step, window: WorkerMachine.window)),
                on: .data)
        }
        let (record, bytes) = try await hear(.data) { message, raw -> (Message.BoundaryRecord, [UInt8])? in
            if case .boundaryRecord(let record) = message, record.reader == reader, record.step == step {
                (record, raw[0].bytes)
            } else {
                nil
            }
        }
        note(bytes, readBy: reader.segment, at: step)
        return record
    }

    // MARK: Files

    /// Uploads finished latents and says so.
    func report(_ grant: Message.LeaseGrant, _ consumed: Consumed) async throws {
        let (latents, transfer) = try await upload(Self.latents(grant.recipe), .latents, grant.attempt)
        try await say(denoised(grant.attempt, latents, transfer, consumed), on: .data)
    }

    func denoised(_ attempt: AttemptID, _ file: Artifact, _ transfer: UInt64, _ consumed: Consumed) -> Message {
        .denoised(
            .init(
                attempt: attempt, consumed: consumed, transfer: transfer, latents: file, steppingTime: .zero,
                waitTime: .zero))
    }

    /// Sends a small file in one chunk and waits until it is durable.
    func upload(
        _ bytes: [UInt8], _ kind: Message.TransferKind, _ attempt: AttemptID
    ) async throws -> (Artifact, UInt64) {
        let (number, file) = (nextTransfer(), Artifact(bytes: bytes.count, digest: Self.digest(of: bytes)))
        try await say(
            .chunk(
                .init(
                    attempt: attempt, transfer: number, kind: kind, offset: 0, total: bytes.count,
                    bytes: bytes.count, digest: file.digest)), [Frame(bytes)], on: .data)
        let isThere = try await hear(.data) { message -> Bool? in
            switch message {
            case .credit(let credit) where credit.transfer == number: true
            case .transferAborted(let abort) where abort.transfer == number: false
            default: nil
            }
        }
        guard isThere else { throw Ended() }
        return (file, number)
    }

    static func digest(of bytes: [UInt8]) -> Farm.Digest {
        guard let digest = Farm.Digest(Array(SHA256.hash(data: bytes))) else { preconditionFailure("a short SHA-256") }
        return digest
    }

    /// Four numbers in safetensors.
    static func latents(_ recipe: Message.Recipe) -> [UInt8] {
        let text = #"{"latents":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#
        let header = (text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)).utf8
        let numbers = digest(of: boundary(recipe, 0)).bytes.prefix(4).flatMap { byte in
            withUnsafeBytes(of: Float(byte)) { Array($0) }
        }
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + Array(header) + numbers
    }

    /// Seven frames of one colour.
    private static func video() throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString).mp4")
        defer { try? FileManager.default.removeItem(at: file) }
        var encoder = try VideoEncoder(
            to: file.path,
            settings: VideoSettings(
                size: PixelSize(width: 96, height: 64), frameRate: FrameRate(12), preset: .ultrafast))
        let frame = RGBFrame(width: 96, height: 64, pixels: [UInt8](repeating: 99, count: 3 * 96 * 64))
        for _ in 0..<7 { try encoder.append(frame) }
        try encoder.finish()
        return [UInt8](try Data(contentsOf: file))
    }
}

/// What an attempt has read.
struct ReadRecords {
    private var spans: [GenerationSpan] = []
    private var digest = RunningDigest()

    mutating func add(_ record: Message.BoundaryRecord) {
        digest.add(step: UInt32(record.step), checksum: record.checksum)
        guard spans.last?.generation != record.stream.generation else { return }
        spans.append(GenerationSpan(generation: record.stream.generation, fromStep: record.step))
    }

    var consumed: Consumed { Consumed(spans: spans, digest: digest.value) }
}
