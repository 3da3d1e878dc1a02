public import Farm
import HostFacts
public import Wire

/// What a worker computes with: a model on one device, or something that pretends to be one.
///
/// An attempt is begun, then taken step by step; whatever is asked for between two steps is of the state on entering
/// the next one. Engines block their own threads.
public protocol Engine: Actor {
    /// What a result depends on.
    nonisolated var device: WorkerDevice { get }
    /// What it can render with.
    nonisolated var models: [Message.Model] { get }
    nonisolated var isSimulated: Bool { get }
    /// Of the device, now.
    nonisolated var memory: DeviceMemory { get }

    /// Loads the first of the models, so that whoever begins with it does not wait.
    func warmUp() throws

    /// Loads what is needed, encodes the prompts and makes the state: noise, or that of a checkpoint.
    ///
    /// - Parameter checkpoint: a file of ``save(_:to:)``; nil for the beginning.
    func begin(_ work: SegmentWork, checkpoint: String?) throws

    /// The boundary of the state, for the successor: fp32, finite.
    ///
    /// - Parameter step: that the state enters.
    func boundary(of attempt: AttemptID, entering step: Int) throws -> [UInt8]

    /// Takes a step, blended with the predecessor's boundary where there is one.
    func step(_ attempt: AttemptID, with boundary: [UInt8]?) async throws -> StepReport

    /// Writes everything that the remaining steps depend on.
    func save(_ attempt: AttemptID, to path: String) throws

    /// Writes the finished latents: safetensors, `latents` `[1, C, T, h, w]` fp32.
    func saveLatents(of attempt: AttemptID, to path: String) throws

    /// What the segment is going to be: JPEG; nil where there is nothing to see yet.
    func picture(of attempt: AttemptID) throws -> Picture?

    /// Lets go of an attempt.
    func forget(_ attempt: AttemptID)

    /// Decodes finished latents and encodes the segment's MP4; does not hold up the steps of another segment.
    ///
    /// - Parameter keepsGoing: is asked now and then; false stops it with `CancellationError`.
    /// - Returns: the number of frames.
    nonisolated func deliver(
        _ work: SegmentWork, latents: String, to path: String, keepsGoing: @escaping @Sendable () -> Bool
    ) async throws -> Int
}

/// The memory of a device: of a CPU, the machine's.
public struct DeviceMemory: Hashable, Sendable {
    /// That anybody may still take.
    public var freeBytes: Int
    /// That this process holds.
    public var usedBytes: Int

    public init(freeBytes: Int, usedBytes: Int) { (self.freeBytes, self.usedBytes) = (freeBytes, usedBytes) }

    /// What a CPU computes in.
    public static var host: DeviceMemory {
        DeviceMemory(freeBytes: HostMemory.availableBytes, usedBytes: HostMemory.residentBytes)
    }
}

/// A picture for people.
public struct Picture: Sendable {
    public let jpeg: [UInt8]
    public let width, height: Int

    public init(jpeg: [UInt8], width: Int, height: Int) { (self.jpeg, self.width, self.height) = (jpeg, width, height) }
}

/// What a step did.
public struct StepReport: Sendable {
    /// Waits not counted.
    public var time: Duration
    /// Weight of the scene prompt.
    public var sceneWeight: Double
    /// Standard deviation of latent frame 0 after the blend.
    public var frameZeroDeviation: Double
    /// A similarity was not finite and counted as 0.
    public var isSimilarityDropped: Bool

    public init(
        time: Duration, sceneWeight: Double = 0, frameZeroDeviation: Double = 0, isSimilarityDropped: Bool = false
    ) {
        (self.time, self.sceneWeight) = (time, sceneWeight)
        (self.frameZeroDeviation, self.isSimilarityDropped) = (frameZeroDeviation, isSimilarityDropped)
    }
}
