import Console
import Foundation
import Media
import Mochi
import Torch

/// Decodes a segment's latents and writes the video, a latent frame at a time, so that memory stays bounded.
struct SegmentVideo {
    let plan: SegmentPlan
    let model: MochiModel

    func write(_ latents: Tensor) throws {
        let command = plan.command
        var kept: [Tensor] = []
        if let path = command.output {
            let settings = VideoSettings(
                size: PixelSize(width: plan.width, height: plan.height), frameRate: plan.frameRate)
            let metadata = VideoMetadata(title: command.prompt, comment: "StoryFarm, seed \(command.seed)")
            var encoder = try VideoEncoder(to: path, settings: settings, metadata: metadata)
            try decode(latents) { frames in
                for frame in try frames.rgbFrames() { try encoder.append(frame) }
                if command.saveFrames != nil { kept.append(frames) }
            }
            try encoder.finish()
            print("\(path): \(plan.frames) frames of \(plan.width)×\(plan.height) at \(plan.frameRate) fps")
        } else {
            try decode(latents) { kept.append($0) }
        }
        if let path = command.saveFrames {
            let frames = try Tensor.concatenated(kept, dimension: 0)
            try Tensor.save(["frames": frames], to: path)
            print("\(path): frames \(frames.shape)")
        }
    }

    private func decode(_ latents: Tensor, consume: (Tensor) throws -> Void) throws {
        var bar = ProgressBar(ProgressLine("decoding", total: plan.frames))
        defer { bar.close() }
        var done = 0
        try model.decode(latents, form: plan.form) { frames in
            try Task.checkCancellation()
            guard try frames.isFinite() else { throw MochiError.notFinite(NotFinite("frame \(done) or one after it")) }
            let onHost = try frames.moved(to: .cpu)
            try consume(onHost)
            done += onHost.extent(0)
            bar.show(done)
        }
    }
}

/// Pictures of what the video is going to be, while it is denoised: first, middle and last latent frame as stills.
struct SegmentPreviews {
    let folder: String
    let model: MochiModel

    func prepare() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// - Parameter estimate: the finished latents as this step sees them, `[1, C, T, h, w]`.
    func write(_ estimate: Tensor, step: Int) throws {
        let last = estimate.extent(2) - 1
        let picked = Array(Set([0, last / 2, last])).sorted()
        let frames = try Tensor.concatenated(picked.map { try estimate.selected(2, $0) }, dimension: 0)
        let row = try model.stills(frames).moved(to: .cpu).rgbFrames()
        let jpeg = try StillImage.encode(ContactSheet(rows: [row]).frame(), as: .jpeg)
        let number = String(format: "%04d", step)
        try Data(jpeg).write(to: URL(filePath: "\(folder)/step-\(number).jpg"), options: .atomic)
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
