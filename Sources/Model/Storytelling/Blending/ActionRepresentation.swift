/// How strongly two segments are blended, by how alike what happens in them is: semantic action representation (SAR).
public struct ActionRepresentation: Equatable, Sendable {
    /// Which two texts are compared.
    public enum Pairing: String, Sendable, CaseIterable {
        /// The segment's own scene and action prompt: equation 6 to the letter.
        case within
        /// The action prompts of the two neighbours.
        case across
    }

    /// What else may hold a blend back.
    public enum Gate: String, Sendable, CaseIterable {
        case none
        /// How alike the two neighbours' scene prompts are: a strong blend would drag the old place into a new one.
        case scene
    }

    public var pairing: Pairing
    public var gate: Gate

    /// Cosines of unrelated texts hardly fall below this in CLIP's space; there the gate is shut.
    public static let gateFloor = 0.5

    public init(pairing: Pairing = .within, gate: Gate = .none) {
        (self.pairing, self.gate) = (pairing, gate)
    }

    /// `g = γ · clamp(1 - S_A, 0, 1)`, equation 7, times the gate.
    ///
    /// - Parameters:
    ///   - similarity: S_A, the cosine of the paired texts' vectors.
    ///   - scenes: the cosine of the scene prompts' vectors; counts only with the gate `scene`.
    public func strength(gamma: Double, similarity: Double, scenes: Double) -> Double {
        let open = gate == .none ? 1 : clamped((scenes - Self.gateFloor) / (1 - Self.gateFloor))
        return gamma * clamped(1 - similarity) * open
    }

    /// A number that is none blends nothing.
    private func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(max(value, 0), 1) }
}
