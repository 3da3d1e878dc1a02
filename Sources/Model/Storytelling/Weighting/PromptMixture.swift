public import Mochi
public import Torch

/// Which positions of a mixture count as text.
public enum MixtureMask: String, Sendable, CaseIterable {
    /// Those of the prompt with the larger weight, the scene's on ties, as in the paper.
    case dominant
    /// Those of either; where only one has text, it counts fully.
    case union
}

/// Mixes a scene's and an action's vectors: `E = α_scene E_scene + α_action E_action`.
///
/// How near the prompts are to a mixture follows from scalar products that are taken once, in double precision: a step
/// costs no pass over the vectors and does not wait for the device.
public struct PromptMixture: Sendable {
    private let prompts: PromptPair<EncodedPrompt>
    private let mask: MixtureMask
    private let products: PromptProducts

    /// - Precondition: both prompts have the same shape.
    public init(_ prompts: PromptPair<EncodedPrompt>, mask: MixtureMask) throws(TorchError) {
        precondition(prompts.scene.embeddings.shape == prompts.action.embeddings.shape, "prompts of different shapes")
        self.prompts = try prompts.map { (prompt) throws(TorchError) in try prompt.zeroedOutsideText() }
        self.mask = mask
        products = try PromptProducts(self.prompts)
    }

    /// The mixture of some weights.
    public func mixed(_ weights: PromptPair<Double>) throws(TorchError) -> EncodedPrompt {
        let (scene, action) = (prompts.scene, prompts.action)
        switch mask {
        case .dominant:
            let count = weights.scene >= weights.action ? scene.tokenCount : action.tokenCount
            return EncodedPrompt(embeddings: try sum(weights), tokenCount: count)
        case .union:
            let (common, longer) = (min(scene.tokenCount, action.tokenCount), prompts.longer)
            let embeddings = try sum(weights)
            let rest = common..<longer.tokenCount
            if !rest.isEmpty {
                try embeddings.narrowed(1, rest).copy(from: longer.embeddings.narrowed(1, rest))
            }
            return EncodedPrompt(embeddings: embeddings, tokenCount: longer.tokenCount)
        }
    }

    /// The cosine of each prompt with the mixture of some weights, over all positions.
    public func nearness(to weights: PromptPair<Double>) -> PromptPair<Double> {
        switch mask {
        case .dominant: return products.nearness(to: weights)
        case .union: return products.nearnessOfUnion(to: weights)
        }
    }

    private func sum(_ weights: PromptPair<Double>) throws(TorchError) -> Tensor {
        try (prompts.scene.embeddings * weights.scene).adding(prompts.action.embeddings, scaledBy: weights.action)
    }
}

/// Scalar products of two prompts' vectors, taken as one long vector each, zero outside their text.
struct PromptProducts: Equatable, Sendable {
    /// Of each with itself over the positions that both have.
    let common: PromptPair<Double>
    /// Of each with itself over the positions that only it has; 0 for the shorter one.
    let rest: PromptPair<Double>
    /// Of one with the other.
    let mutual: Double

    init(common: PromptPair<Double>, rest: PromptPair<Double>, mutual: Double) {
        (self.common, self.rest, self.mutual) = (common, rest, mutual)
    }

    init(_ prompts: PromptPair<EncodedPrompt>) throws(TorchError) {
        let shared = min(prompts.scene.tokenCount, prompts.action.tokenCount)
        let parts = try prompts.map { (prompt) throws(TorchError) in
            try prompt.embeddings.narrowed(1, 0..<shared).converted(to: .float64)
        }
        let rests = try prompts.map { (prompt) throws(TorchError) in
            try prompt.embeddings.narrowed(1, shared..<prompt.tokenCount).converted(to: .float64)
        }
        common = try parts.map { (part) throws(TorchError) in try Self.product(part, part) }
        rest = try rests.map { (part) throws(TorchError) in try Self.product(part, part) }
        mutual = try Self.product(parts.scene, parts.action)
    }

    /// Each position by itself, and then in order: one long sum is split among libtorch's threads, and their number
    /// would decide on its last digits.
    private static func product(_ a: Tensor, _ b: Tensor) throws(TorchError) -> Double {
        try (a * b).sum([-1]).array().reduce(0, +)
    }

    /// To `E = α_scene E_scene + α_action E_action`.
    func nearness(to weights: PromptPair<Double>) -> PromptPair<Double> {
        let (scene, action) = (common.scene + rest.scene, common.action + rest.action)
        return cosines(
            with: PromptPair(
                scene: weights.scene * scene + weights.action * mutual,
                action: weights.scene * mutual + weights.action * action),
            square: weights.scene * weights.scene * scene + weights.action * weights.action * action
                + 2 * weights.scene * weights.action * mutual)
    }

    /// To the same where both have text, and to the longer prompt itself beyond.
    func nearnessOfUnion(to weights: PromptPair<Double>) -> PromptPair<Double> {
        cosines(
            with: PromptPair(
                scene: weights.scene * common.scene + weights.action * mutual + rest.scene,
                action: weights.scene * mutual + weights.action * common.action + rest.action),
            square: weights.scene * weights.scene * common.scene + weights.action * weights.action * common.action
                + 2 * weights.scene * weights.action * mutual + rest.scene + rest.action)
    }

    /// A vector without length is near to nothing.
    private func cosines(with products: PromptPair<Double>, square: Double) -> PromptPair<Double> {
        func cosine(_ product: Double, _ own: Double) -> Double {
            let length = (own * square).squareRoot()
            return length > 0 ? product / length : 0
        }
        return PromptPair(
            scene: cosine(products.scene, common.scene + rest.scene),
            action: cosine(products.action, common.action + rest.action))
    }
}

extension PromptPair<EncodedPrompt> {
    fileprivate var longer: EncodedPrompt { scene.tokenCount >= action.tokenCount ? scene : action }
}

extension EncodedPrompt {
    /// What a text encoder says of padding means nothing and must not be mixed in.
    fileprivate func zeroedOutsideText() throws(TorchError) -> EncodedPrompt {
        let zeroed = try Tensor.zeros(embeddings.shape, device: embeddings.device)
        if tokenCount > 0 { try zeroed.narrowed(1, 0..<tokenCount).copy(from: features()) }
        return EncodedPrompt(embeddings: zeroed, tokenCount: tokenCount)
    }
}
