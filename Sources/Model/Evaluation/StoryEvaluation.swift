/// The measures of a story's video, as ``Evaluation`` writes them down.
///
/// A measure is nil where the video has too few frames or segments for it.
public struct StoryEvaluation: Equatable, Sendable, Codable {
    public struct Segment: Equatable, Sendable, Codable {
        public let clipAdd: Double?
        public let clipCombined: Double?
        public let frameConsistency: Double?
        public let motion: Double?
        public let movingArea: Double?
    }

    /// Between a segment and the one before it.
    public struct Border: Equatable, Sendable, Codable {
        public let lastToFirst: Double
        public let firstToSecond: Double
        /// Infinite where nothing moves inside the segments but the border does.
        public let seam: Double
        public let segmentConsistency: Double
        public let borderConsistency: Double
    }

    /// Means over segments, or over borders.
    public struct Story: Equatable, Sendable, Codable {
        public let clipAdd: Double?
        public let clipCombined: Double?
        public let frameConsistency: Double?
        public let segmentConsistency: Double?
        public let borderConsistency: Double?
        public let seam: Double?
        public let motion: Double?
        public let movingArea: Double?
    }

    public let story: Story
    public let segments: [Segment]
    /// The first one is the second segment's.
    public let borders: [Border]

    public init(_ footage: [SegmentFootage]) {
        let segments = footage.map(Segment.init)
        let inside = footage.flatMap { $0.inside.map(\.mean) }.mean ?? 0
        let borders = zip(footage, footage.dropFirst()).map { Border(after: $0, before: $1, inside: inside) }
        func mean(_ key: KeyPath<Segment, Double?>) -> Double? { segments.compactMap { $0[keyPath: key] }.mean }
        story = Story(
            clipAdd: mean(\.clipAdd), clipCombined: mean(\.clipCombined), frameConsistency: mean(\.frameConsistency),
            segmentConsistency: borders.map(\.segmentConsistency).mean,
            borderConsistency: borders.map(\.borderConsistency).mean, seam: borders.map(\.seam).mean,
            motion: mean(\.motion), movingArea: mean(\.movingArea))
        (self.segments, self.borders) = (segments, borders)
    }
}

extension StoryEvaluation.Segment {
    init(_ footage: SegmentFootage) {
        let (vectors, prompts) = (footage.vectors, footage.prompts)
        clipAdd = vectors.map { ($0.dot(prompts.scene) + $0.dot(prompts.action)) / 2 }.mean
        clipCombined = vectors.map { $0.dot(prompts.joined) }.mean
        frameConsistency = zip(vectors, vectors.dropFirst()).map { $0.dot($1) }.mean
        motion = footage.inside.map(\.mean).mean
        movingArea = footage.inside.map(\.area).mean
    }
}

extension StoryEvaluation.Border {
    /// - Parameter inside: the mean change from frame to frame within the story's segments, from frame 1 on.
    init(after first: SegmentFootage, before second: SegmentFootage, inside: Double) {
        precondition(!first.vectors.isEmpty && !second.vectors.isEmpty, "a segment without frames")
        lastToFirst = second.entry?.mean ?? 0
        firstToSecond = second.changes.first?.mean ?? 0
        seam = Self.ratio(lastToFirst + firstToSecond, 2 * inside)
        segmentConsistency = Self.middle(of: first).dot(Self.middle(of: second))
        borderConsistency = first.vectors[first.vectors.count - 1].dot(second.vectors[0])
    }

    /// 1 where nothing moves at all: such a border is no more visible than the rest.
    private static func ratio(_ border: Double, _ inside: Double) -> Double {
        border == 0 && inside == 0 ? 1 : border / inside
    }

    /// The direction of the mean of a segment's vectors.
    private static func middle(of footage: SegmentFootage) -> [Double] {
        footage.vectors.dropFirst().reduce(footage.vectors[0]) { sum, next in zip(sum, next).map(+) }.normalized
    }
}
