public import Media
public import Mochi
public import Script
public import Torch

/// Decodes a segment's latents and writes the video a latent frame at a time; all frames are in memory only where they
/// are wanted as a tensor.
public struct SegmentVideo: Sendable {
    public let model: MochiModel
    public let video: ResolvedSettings.Video
    public let form: DecodeForm
    /// The MP4; nil for none.
    public let output: String?
    /// The tensor's file; nil for none.
    public let saveFrames: String?
    public let metadata: VideoMetadata

    private static let stillWidth = 192

    public init(
        model: MochiModel, video: ResolvedSettings.Video, form: DecodeForm, output: String?, saveFrames: String?,
        metadata: VideoMetadata
    ) {
        (self.model, self.video, self.form) = (model, video, form)
        (self.output, self.saveFrames, self.metadata) = (output, saveFrames, metadata)
    }

    /// - Parameters:
    ///   - count: of evenly spaced frames to be given back, small.
    ///   - onFrames: is told how many frames are done; what it throws ends the work.
    /// - Throws: `MochiError`, `MediaError`, `CancellationError` where the task is cancelled.
    public func write(
        _ latents: Tensor, stills count: Int = 0, onFrames: (Int) throws -> Void = { _ in }
    ) throws -> [RGBFrame] {
        var stills: [RGBFrame] = []
        let frames = saveFrames == nil ? nil : try Tensor.empty([video.frames, 3, video.height, video.width])
        func keep(_ next: Tensor, from first: Int) throws {
            try frames?.narrowed(0, first..<(first + next.extent(0))).copy(from: next)
            try onFrames(first + next.extent(0))
        }
        if let path = output {
            let size = PixelSize(width: video.width, height: video.height)
            var encoder = try VideoEncoder(
                to: path, settings: VideoSettings(size: size, frameRate: FrameRate(video.framesPerSecond)),
                metadata: metadata)
            try decode(latents) { next, first in
                for (index, frame) in try next.rgbFrames().enumerated() {
                    try encoder.append(frame)
                    guard stills.count < count, (first + index) * count / video.frames == stills.count else { continue }
                    stills.append(try frame.scaled(toWidth: min(frame.width, Self.stillWidth)))
                }
                try keep(next, from: first)
            }
            try encoder.finish()
        } else {
            try decode(latents, consume: keep)
        }
        if let path = saveFrames, let frames { try Tensor.save(["frames": frames], to: path) }
        return stills
    }

    /// - Parameter consume: takes the next frames, on the CPU, and the number of the first of them.
    private func decode(_ latents: Tensor, consume: (Tensor, Int) throws -> Void) throws {
        var done = 0
        try model.decode(latents, form: form) { frames in
            try Task.checkCancellation()
            guard try frames.isFinite() else { throw MochiError.notFinite(NotFinite("frame \(done) or one after it")) }
            let onHost = try frames.moved(to: .cpu)
            try consume(onHost, done)
            done += onHost.extent(0)
        }
    }
}
