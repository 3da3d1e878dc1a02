import Foundation
import Script

/// The arithmetic of denoising, for an estimate before anything was measured.
struct DenoisingWork {
    /// Of the transformer.
    let layers, width: Int

    /// Mochi-1's, as published.
    static let mochi = DenoisingWork(layers: 48, width: 3072)

    /// What an H100 is assumed to do in bf16: 6 s for a step of Mochi-1 at 848×480 and 163 frames.
    static let operationsPerSecond = 556e12

    private struct Configuration: Decodable {
        let numLayers, numAttentionHeads, attentionHeadDim: Int
    }

    /// - Parameter file: a model folder's `transformer/config.json`; nil where it can't be read as one.
    init?(_ file: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let data = FileManager.default.contents(atPath: file),
            let read = try? decoder.decode(Configuration.self, from: data)
        else { return nil }
        self.init(layers: read.numLayers, width: read.numAttentionHeads * read.attentionHeadDim)
    }

    init(layers: Int, width: Int) { (self.layers, self.width) = (layers, width) }

    /// Floating-point operations of a step with guidance: products with weights (4 of attention and 8 of the gated
    /// layers, in squares of the width) and of attention, for each of the two branches.
    func operations(of video: ResolvedSettings.Video) -> Double {
        // A token is 2×2 latents; a latent is 6 frames of 8×8 pixels, the first frame's one alone.
        let tokens = Double((video.frames - 1) / 6 + 1) * Double(video.width / 16) * Double(video.height / 16)
        let (layers, width) = (Double(layers), Double(width))
        let weights = 2 * 12 * layers * width * width * tokens
        let attention = 4 * layers * width * tokens * tokens
        return 2 * (weights + attention)
    }

    /// Of an H100.
    func seconds(of story: ResolvedStory) -> Double {
        let steps = Double(story.segments.count * story.settings.sampling.steps)
        return steps * operations(of: story.settings.video) / Self.operationsPerSecond
    }
}
