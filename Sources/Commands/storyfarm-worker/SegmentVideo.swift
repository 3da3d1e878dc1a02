import Console
import DurableFile
import Foundation
import Media
import Mochi
import Script
import Torch

/// Decodes a segment's latents and writes the video a latent frame at a time; all frames are in memory only where they
/// are wanted as a tensor.
struct SegmentVideo {
    let model: MochiModel
    let video: ResolvedSettings.Video
    let form: DecodeForm
    /// The MP4; nil for none.
    let output: String?
    /// The tensor's file; nil for none.
    let saveFrames: String?
    let metadata: VideoMetadata
    var showsProgress = true

    private static let stillWidth = 192

    /// - Parameter count: of evenly spaced frames to be given back, small.
    func write(_ latents: Tensor, stills count: Int = 0) throws -> [RGBFrame] {
        var stills: [RGBFrame] = []
        let size = PixelSize(width: video.width, height: video.height)
        let frames = saveFrames == nil ? nil : try Tensor.empty([video.frames, 3, video.height, video.width])
        func keep(_ next: Tensor, from first: Int) throws {
            try frames?.narrowed(0, first..<(first + next.extent(0))).copy(from: next)
        }
        if let path = output {
            let rate = FrameRate(video.framesPerSecond)
            var encoder = try VideoEncoder(
                to: path, settings: VideoSettings(size: size, frameRate: rate), metadata: metadata)
            try decode(latents) { next, first in
                for (index, frame) in try next.rgbFrames().enumerated() {
                    try encoder.append(frame)
                    guard stills.count < count, (first + index) * count / video.frames == stills.count else { continue }
                    stills.append(try frame.scaled(toWidth: min(frame.width, Self.stillWidth)))
                }
                try keep(next, from: first)
            }
            try encoder.finish()
            if showsProgress { print("\(path): \(video.frames) frames of \(size) at \(rate) fps") }
        } else {
            try decode(latents, consume: keep)
        }
        if let path = saveFrames, let frames {
            try Tensor.save(["frames": frames], to: path)
            print("\(path): frames \(frames.shape)")
        }
        return stills
    }

    /// - Parameter consume: takes the next frames, on the CPU, and the number of the first of them.
    private func decode(_ latents: Tensor, consume: (Tensor, Int) throws -> Void) throws {
        var bar = showsProgress ? ProgressBar(ProgressLine("decoding", total: video.frames)) : nil
        defer { bar?.close() }
        var done = 0
        try model.decode(latents, form: form) { frames in
            try Task.checkCancellation()
            guard try frames.isFinite() else { throw MochiError.notFinite(NotFinite("frame \(done) or one after it")) }
            let onHost = try frames.moved(to: .cpu)
            try consume(onHost, done)
            done += onHost.extent(0)
            bar?.show(done)
        }
    }
}

/// Pictures of what the video is going to be, while it is denoised: first, middle and last latent frame as stills.
struct SegmentPreviews {
    let folder: String
    let model: MochiModel

    /// Pictures of an earlier run would mix with this one's.
    func prepare(isContinued: Bool) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard !isContinued else { return }
        for name in try files.contentsOfDirectory(atPath: folder) where name.wholeMatch(of: /step-\d{4}\.jpg/) != nil {
            try files.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// - Parameter estimate: the finished latents as this step sees them, `[1, C, T, h, w]`.
    func write(_ estimate: Tensor, step: Int) throws {
        let last = estimate.extent(2) - 1
        let picked = Array(Set([0, last / 2, last])).sorted()
        let frames = try Tensor.concatenated(picked.map { try estimate.selected(2, $0) }, dimension: 0)
        let row = try model.stills(frames).moved(to: .cpu).rgbFrames()
        let jpeg = try StillImage.encode(ContactSheet(rows: [row]).frame(), as: .jpeg)
        let number = String(format: "%04d", step)
        try PartialFile.write(jpeg, to: "\(folder)/step-\(number).jpg")
    }
}

extension Tensor {
    /// Frames `[f, 3, H, W]` in 0…1 on the CPU as pictures.
    func rgbFrames() throws -> [RGBFrame] {
        let (height, width) = (extent(2), extent(3))
        return try (0..<extent(0)).map { index in
            let planar: [Float] = try selected(0, index).array()
            return RGBFrame(width: width, height: height, planar: planar.span)
        }
    }
}
