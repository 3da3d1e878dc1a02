/// Which boundaries of its predecessor an attempt has read.
public struct Consumed: Hashable, Sendable {
    /// By the generations they were of; none where nothing was read.
    public let spans: [GenerationSpan]
    /// Running over the records read, in order.
    public let digest: Digest

    /// - Parameter spans: in rising order of their first steps.
    public init(spans: [GenerationSpan], digest: Digest) {
        self.spans = spans
        self.digest = digest
    }
}

/// From a step on, a stream's records are of this generation; below it, of the one before.
public struct GenerationSpan: Hashable, Sendable {
    public let generation: Generation
    public let fromStep: Int

    public init(generation: Generation, fromStep: Int) {
        self.generation = generation
        self.fromStep = fromStep
    }
}
