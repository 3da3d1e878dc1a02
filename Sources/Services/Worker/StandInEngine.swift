import Crypto
public import Farm
import Foundation
import HostFacts
import Media
import Safetensors
import Script
import ThreadExecutor
public import Wire

/// Speaks the whole protocol with latents of the real size and computes nothing: for load tests of the farm.
///
/// Its state is a chain of hashes over the noise's seed, the steps and the boundaries consumed, so that a wrong,
/// skipped or mixed boundary changes everything after it. Whatever it makes says that it is simulated: files in their
/// metadata, videos in every frame.
public actor StandInEngine: Engine {
    public nonisolated let device: WorkerDevice
    public nonisolated let models: [Message.Model]
    public nonisolated let isSimulated = true
    public nonisolated var memory: DeviceMemory { .host }

    private struct Running {
        let work: SegmentWork
        var step: Int
        var state: [UInt8]
    }

    private let stepTime: Duration
    private let deliverer: Deliverer
    private let executor = ThreadExecutor(name: "engine")
    private var running: [AttemptID: Running] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private static let marker = "storyfarm.simulated"

    /// - Parameters:
    ///   - model: the name of the model that it pretends to have.
    ///   - stepTime: that a step takes; a thread of its own sleeps.
    ///   - deliveryTime: that decoding takes, besides what it takes to encode nothing in particular.
    public init(model: String, settings: String, stepTime: Duration, deliveryTime: Duration = .zero, node: String) {
        self.stepTime = stepTime
        deliverer = Deliverer(time: deliveryTime)
        models = [
            Message.Model(
                name: model, digest: Self.digest(Array("simulated \(model)".utf8)), settings: settings, weightBytes: 1)
        ]
        device = WorkerDevice(
            uuid: "simulated:\(node):\(HostProcess.id)", memoryBytes: HostMemory.totalBytes,
            kind: DeviceKind(
                accelerator: "simulated", cpuLevel: "none", libtorch: "none", precision: "none", threads: 1,
                attention: "none"))
    }

    private static func digest(_ bytes: [UInt8]) -> Farm.Digest {
        guard let digest = Farm.Digest(Array(SHA256.hash(data: bytes))) else { preconditionFailure("a short SHA-256") }
        return digest
    }

    // MARK: A segment

    public func warmUp() throws {}

    public func begin(_ work: SegmentWork, checkpoint: String?) throws {
        if let checkpoint {
            let metadata = try SafetensorsFile(path: checkpoint).header.metadata
            guard let step = metadata["step"].flatMap({ Int($0) }),
                let state = metadata["state"].flatMap({ Data(base64Encoded: $0) })
            else { throw SafetensorsError(file: checkpoint, key: "state", reason: .missingKey) }
            running[work.attempt] = Running(work: work, step: step, state: [UInt8](state))
        } else {
            let start = "\(work.recipe.noiseSeed) \(work.attempt.segment.number)"
            running[work.attempt] = Running(work: work, step: 0, state: Self.digest(Array(start.utf8)).bytes)
        }
    }

    private func current(_ attempt: AttemptID) throws -> Running {
        guard let current = running[attempt] else { throw Courier.Failure.cancelled }
        return current
    }

    public func boundary(of attempt: AttemptID, entering step: Int) throws -> [UInt8] {
        let current = try current(attempt)
        precondition(current.step == step, "the state enters step \(current.step), not \(step)")
        let shape = Self.latentShape(of: current.work)
        return Self.noise(of: current.state, count: shape[1] * shape[3] * shape[4])
    }

    public func step(_ attempt: AttemptID, with boundary: [UInt8]?) throws -> StepReport {
        // As a device would hold it, and as exactly: the pool's timers may be late by a tenth.
        Self.hold(for: stepTime)
        var current = try current(attempt)
        var hash = SHA256()
        hash.update(data: current.state)
        hash.update(data: Array("step \(current.step)".utf8))
        if let boundary { hash.update(data: boundary) }
        current.state = Array(hash.finalize())
        current.step += 1
        running[attempt] = current
        return StepReport(time: stepTime)
    }

    fileprivate static func hold(for time: Duration) {
        let (seconds, attoseconds) = time.components
        var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var left = timespec()
        while clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &left) == EINTR { rest = left }
    }

    public func save(_ attempt: AttemptID, to path: String) throws { try write(current(attempt), to: path) }

    public func saveLatents(of attempt: AttemptID, to path: String) throws { try write(current(attempt), to: path) }

    private func write(_ current: Running, to path: String) throws {
        let shape = Self.latentShape(of: current.work)
        let bytes = Self.noise(of: current.state, count: shape.reduce(1, *))
        let metadata = [
            Self.marker: "true", "step": "\(current.step)", "state": Data(current.state).base64EncodedString(),
        ]
        try bytes.withUnsafeBytes { bytes in
            try SafetensorsWriter.write(
                [.init(key: "latents", elementType: .float32, shape: shape, bytes: bytes)], metadata: metadata,
                to: path, isDurable: false)
        }
    }

    public func picture(of attempt: AttemptID) throws -> Picture? { nil }

    public func forget(_ attempt: AttemptID) { running[attempt] = nil }

    /// As Mochi-1's: an eighth of the pixels, a sixth of the frames, twelve channels.
    private static func latentShape(of work: SegmentWork) -> [Int] {
        let video = work.settings.video
        return [1, 12, (video.frames - 1) / 6 + 1, max(1, video.height / 8), max(1, video.width / 8)]
    }

    /// Finite numbers of 32 bits that a state decides.
    private static func noise(of state: [UInt8], count: Int) -> [UInt8] {
        var word = state.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return [UInt8](unsafeUninitializedCapacity: 4 * count) { buffer, initialized in
            let numbers = UnsafeMutableRawBufferPointer(buffer)
            for index in 0..<count {
                // splitmix64, see InitialNoise.
                word &+= 0x9E37_79B9_7F4A_7C15
                var mixed = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                let value = Float(mixed >> 40) / Float(1 << 23) - 1
                numbers.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
            }
            initialized = 4 * count
        }
    }

    // MARK: Delivery

    public nonisolated func deliver(
        _ work: SegmentWork, latents: String, to path: String, keepsGoing: @escaping @Sendable () -> Bool
    ) async throws -> Int {
        try await deliverer.deliver(work, latents: latents, to: path, keepsGoing: keepsGoing)
    }

    /// Encodes on a thread of its own, as real engines do: on the pool's, a video would hold up what the session says.
    private actor Deliverer {
        private let time: Duration
        private let executor = ThreadExecutor(name: "delivery", priority: .low)

        init(time: Duration) { self.time = time }

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func deliver(
            _ work: SegmentWork, latents: String, to path: String, keepsGoing: @Sendable () -> Bool
        ) throws -> Int {
            let state = try SafetensorsFile(path: latents).header.metadata["state"] ?? ""
            let video = work.settings.video
            var encoder = try VideoEncoder(
                to: path,
                settings: VideoSettings(
                    size: PixelSize(width: video.width, height: video.height),
                    frameRate: FrameRate(video.framesPerSecond), preset: .ultrafast),
                metadata: VideoMetadata(title: "SIMULATED", comment: "nothing was rendered; state \(state)"))
            let colour = StandInEngine.digest(Array(state.utf8)).bytes[0]
            for frame in 0..<video.frames {
                guard keepsGoing() else { throw CancellationError() }
                StandInEngine.hold(for: time / video.frames)
                try encoder.append(
                    SimulatedPicture.frame(width: video.width, height: video.height, seed: colour, shift: frame))
            }
            try encoder.finish()
            return video.frames
        }
    }
}
