/// How a model's latents relate to the frames of a video.
public struct VideoGeometry: Equatable, Sendable {
    /// Channels of a latent, `C`.
    public let channels: Int
    /// Frames that every latent frame but the first stands for.
    public let framesPerLatent: Int
    /// Pixels along each side of a latent.
    public let pixelsPerLatent: Int
    /// Latents along each side of a token.
    public let patch: Int

    public init(channels: Int, framesPerLatent: Int, pixelsPerLatent: Int, patch: Int) {
        self.channels = channels
        self.framesPerLatent = framesPerLatent
        self.pixelsPerLatent = pixelsPerLatent
        self.patch = patch
    }

    init(_ transformer: TransformerConfiguration, _ autoencoder: VAEConfiguration) {
        self.init(
            channels: transformer.channels, framesPerLatent: autoencoder.framesPerLatent,
            pixelsPerLatent: autoencoder.pixelsPerLatent, patch: transformer.patchSize)
    }

    /// Pixels along one side at most: what players and encoders take.
    public static let sideLimit = 4096
    /// Frames at most: far beyond the 163 that Mochi-1 was trained with.
    public static let frameLimit = 1537

    /// Pixels of all frames at most, four times a published video of 163 frames: beyond, whole machines are too small.
    public static let pixelLimit = 1 << 28

    /// The latents of a video, `[1, C, T, h, w]` with `frames = (T-1)·framesPerLatent + 1`.
    ///
    /// - Throws: `VideoSizeError` naming the nearest sizes that the model has.
    public func latentShape(width: Int, height: Int, frames: Int) throws(VideoSizeError) -> [Int] {
        let step = pixelsPerLatent * patch
        for (name, value) in [("width", width), ("height", height)] {
            guard value > 0, value % step == 0, value <= Self.sideLimit else {
                throw VideoSizeError(
                    dimension: name, value: value, rule: "a multiple of \(step) up to \(Self.sideLimit)",
                    nearest: Self.nearest(to: value, step: step, offset: 0, limit: Self.sideLimit))
            }
        }
        guard frames > 0, (frames - 1) % framesPerLatent == 0, frames <= Self.frameLimit else {
            throw VideoSizeError(
                dimension: "frames", value: frames,
                rule: "\(framesPerLatent)k + 1 up to \(Self.frameLimit)",
                nearest: Self.nearest(to: frames, step: framesPerLatent, offset: 1, limit: Self.frameLimit))
        }
        guard width * height * frames <= Self.pixelLimit else {
            throw VideoSizeError(
                dimension: "width × height × frames", value: width * height * frames,
                rule: "at most \(Self.pixelLimit) pixels", nearest: [])
        }
        return [
            1, channels, (frames - 1) / framesPerLatent + 1, height / pixelsPerLatent, width / pixelsPerLatent,
        ]
    }

    /// The allowed values below and above.
    private static func nearest(to value: Int, step: Int, offset: Int, limit: Int) -> [Int] {
        let clamped = min(max(value, 0), limit)
        let below = (clamped - offset + step) / step * step + offset - step  // Rounded down also below the offset.
        return [below, below + step].filter { $0 > 0 && $0 <= limit && $0 != value }
    }
}

/// A video of a size that the model can't make.
public struct VideoSizeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// "width", "height" or "frames".
    public let dimension: String
    public let value: Int
    /// What is allowed, in words.
    public let rule: String
    /// The allowed values next to it.
    public let nearest: [Int]

    public var description: String {
        let hint = nearest.map(String.init).joined(separator: " or ")
        return "\(dimension) is \(value), expected \(rule)" + (hint.isEmpty ? "" : ": \(hint)")
    }
}
