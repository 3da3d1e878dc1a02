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

extension [GenerationSpan] {
    /// The generation that a stream's record of a step is of; nil below the first span.
    public func owner(of step: Int) -> Generation? { last { $0.fromStep <= step }?.generation }

    /// A stream begins a generation at a step: those that began there or later are gone with their records.
    mutating func open(_ generation: Generation, from step: Int) {
        removeAll { $0.fromStep >= step }
        append(GenerationSpan(generation: generation, fromStep: step))
    }
}
