import CLIP
import Console
import Evaluation
import Media
import Storytelling
import Torch

/// A story's video, read once from beginning to end.
struct StoryFilm {
    let path: String
    let framesPerSegment: Int

    /// What each segment shows, beside what its prompts say.
    ///
    /// - Throws: `MediaError` where the video is damaged, `CLIPError`, `TorchError`.
    func footage(
        _ reader: consuming VideoReader, of segments: [PromptPair<String>], by clip: CLIP
    ) throws -> [SegmentFootage] {
        var reader = reader
        let count = framesPerSegment * segments.count
        var bar = ProgressBar(ProgressLine("looking", total: count))
        defer { bar.close() }
        var last: RGBFrame?
        var footage: [SegmentFootage] = []
        for segment in segments {
            func vector(_ text: String) throws -> [Double] { try clip.embed(text: text).doubles }
            var seen = SegmentFootage(
                .init(
                    scene: try vector(segment.scene), action: try vector(segment.action),
                    joined: try vector(segment.joined)))
            for _ in 0..<framesPerSegment {
                try Task.checkCancellation()
                guard let frame = try reader.next() else {
                    let found = footage.count * framesPerSegment + seen.vectors.count
                    throw WrongInput("\(path) is cut short: it announces \(count) frames and holds \(found)")
                }
                let change = last.map { FrameChange(from: $0.pixels, to: frame.pixels) }
                seen.append(try clip.embed(images: frame.tensor()).doubles, change: change)
                last = frame
                bar.show(footage.count * framesPerSegment + seen.vectors.count)
            }
            footage.append(seen)
        }
        return footage
    }
}

extension RGBFrame {
    /// An image as networks take it: `[1, 3, H, W]`, 0 to 1.
    fileprivate func tensor() throws -> Tensor {
        let bytes = try Tensor(pixels, shape: [1, height, width, 3])
        return try (bytes.converted(to: .float32) * (1 / 255.0)).permuted([0, 3, 1, 2])
    }
}

extension Tensor {
    fileprivate var doubles: [Double] {
        get throws { try converted(to: .float64).array() }
    }
}
