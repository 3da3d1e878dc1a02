/// What was seen of a segment: all that the measures are made of.
///
/// Symbols: `F` frames of the segment, numbered f = 0…F-1; `P` width of the joint space of texts and images.
public struct SegmentFootage: Equatable, Sendable {
    /// Vectors of the segment's texts, of length 1.
    public struct Prompts: Equatable, Sendable {
        public let scene, action: [Double]
        /// Of the text "scene. action".
        public let joined: [Double]

        /// Of any lengths but 0.
        public init(scene: [Double], action: [Double], joined: [Double]) {
            (self.scene, self.action, self.joined) = (scene.normalized, action.normalized, joined.normalized)
        }
    }

    public let prompts: Prompts
    /// c(f): each frame's vector, `F` of length 1.
    public private(set) var vectors: [[Double]] = []
    /// From the last frame of the segment before to frame 0; nil in the first segment.
    public private(set) var entry: FrameChange?
    /// d(f): from frame f to frame f + 1, `F - 1` of them.
    public private(set) var changes: [FrameChange] = []

    public init(_ prompts: Prompts) { self.prompts = prompts }

    /// Takes the next frame.
    ///
    /// - Parameters:
    ///   - vector: of the frame in the same space as the prompts', of any length but 0.
    ///   - change: from the frame before, which is the segment before's last one for frame 0; nil for a story's first.
    public mutating func append(_ vector: [Double], change: FrameChange?) {
        vectors.append(vector.normalized)
        if vectors.count == 1 {
            entry = change
        } else if let change {
            changes.append(change)
        }
    }

    /// How frame 1 and all after it move: d(1)…d(F-2).
    ///
    /// Frame 0 is left out because blending may only have moved the seam to behind it.
    var inside: [FrameChange] { Array(changes.dropFirst()) }
}

extension [Double] {
    /// The same direction at length 1; a vector of zeros stays as it is.
    var normalized: [Double] {
        let length = dot(self).squareRoot()
        return length > 0 ? map { $0 / length } : self
    }

    func dot(_ other: [Double]) -> Double {
        precondition(count == other.count, "vectors of \(count) and \(other.count) numbers")
        return zip(self, other).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// nil of nothing.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
