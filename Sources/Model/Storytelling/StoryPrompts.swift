public import CLIP
public import Mochi
import Synchronization
import Torch

/// A story's texts as model and CLIP see them: each is encoded once, however many segments and steps use it.
public final class StoryPrompts<Model: Backbone>: Sendable {
    private struct Caches {
        var prompts = BoundedCache<String, EncodedPrompt>(capacity: textsMax)
        var vectors = BoundedCache<String, Tensor>(capacity: textsMax)
    }

    /// Texts that are remembered: those of some dozens of segments.
    private static var textsMax: Int { 128 }

    private let model: Model
    private let clip: CLIP?
    private let caches = Mutex(Caches())

    /// - Parameter clip: nil where nothing is weighted or compared.
    public init(_ model: Model, clip: CLIP?) {
        self.model = model
        self.clip = clip
    }

    /// What a segment's steps are conditioned by.
    ///
    /// - Throws: `MochiError` for a text that the model can't take, `CLIPError`, `StorytellingError.needsCLIP`.
    public func conditioning(
        _ texts: PromptPair<String>, _ prompting: SegmentRecipe.Prompting
    ) throws -> SegmentConditioning {
        switch prompting {
        case .sceneOnly: return .fixed(try encoded(texts.scene))
        case .actionOnly: return .fixed(try encoded(texts.action))
        case .joined: return .fixed(try encoded(texts.joined))
        case .weighted(let weighting, let preview, let every, let mask):
            let prompts = try texts.map { try encoded($0) }
            return .weighted(
                weighting, try PromptMixture(prompts, mask: mask), try previewSimilarity(to: texts, mode: preview),
                every: every)
        }
    }

    /// What tells how well a preview fits these texts.
    public func previewSimilarity(to texts: PromptPair<String>, mode: PreviewMode) throws -> PreviewSimilarity {
        guard let clip else { throw StorytellingError.needsCLIP("weighting prompts") }
        return PreviewSimilarity(clip, mode: mode, prompts: try texts.map { try vector($0) })
    }

    /// The condition of the branch that guidance leads away from; without a text, none at all.
    public func negative(_ text: String) throws -> EncodedPrompt {
        text.isEmpty ? try model.unconditional() : try encoded(text)
    }

    /// g of a segment's blends with its predecessor.
    public func strength(
        of segment: PromptPair<String>, after previous: PromptPair<String>, recipe: SegmentRecipe
    ) throws -> Double {
        guard let blending = recipe.blending else { return 0 }
        guard let action = recipe.action else { return blending.gamma }
        let pair =
            switch action.pairing {
            case .within: (segment.scene, segment.action)
            case .across: (previous.action, segment.action)
            }
        return action.strength(
            gamma: blending.gamma, similarity: try similarity(pair.0, pair.1),
            scenes: action.gate == .none ? 1 : try similarity(previous.scene, segment.scene))
    }

    /// The cosine of two texts' CLIP vectors.
    public func similarity(_ a: String, _ b: String) throws -> Double {
        try (vector(a) * vector(b)).sum().item()
    }

    /// A text as the model takes it.
    public func encoded(_ text: String) throws(MochiError) -> EncodedPrompt {
        try caches.withLock { (caches) throws(MochiError) in
            try caches.prompts.value(for: text) { () throws(MochiError) in try model.encode(text) }
        }
    }

    private func vector(_ text: String) throws -> Tensor {
        guard let clip else { throw StorytellingError.needsCLIP("comparing prompts") }
        return try caches.withLock { caches in
            try caches.vectors.value(for: text) { try clip.embed(text: text) }
        }
    }
}

/// What the method needs and does not have.
public enum StorytellingError: Error, Equatable, Sendable, CustomStringConvertible {
    case needsCLIP(String)

    public var description: String {
        switch self {
        case .needsCLIP(let what):
            return "\(what) needs a CLIP in the model's folder (clip/): leave out weighting and sar, or add one"
        }
    }
}
