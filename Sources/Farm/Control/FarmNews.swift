/// Something that happened, for whoever watches.
public struct FarmNews: Codable, Hashable, Sendable {
    /// Rises by one; a listener that comes back says the last one it has.
    public var sequence: UInt64
    /// Seconds since 1970.
    public var time: Double
    public var kind: Kind
    public var story: UInt64?
    public var segment: Int?
    /// 32 hexadecimal digits.
    public var worker: String?
    /// For people.
    public var text: String
    /// Of a step: how many are finished.
    public var step: Int?
    public var steps: Int?
    /// Of a step: how long it took, waits not counted.
    public var seconds: Double?
    /// Of a failure: its class, as crash, hang, deviceFault, or workerLost, workerExited, deviceSetAside, probeFailed.
    public var cause: String?

    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// News were dropped: whoever listens asks for the whole again.
        case gap
        /// A story's or a segment's state changed; `text` is the state.
        case story
        case segment
        /// A step was finished.
        case step
        /// A segment has another picture of what it is going to be.
        case preview
        /// The MP4 has more segments.
        case film
        case workerJoined
        case workerLost
        /// Something a person should know: a failure, a recall, a device set aside.
        case notice
    }

    public init(
        sequence: UInt64, time: Double, kind: Kind, story: UInt64? = nil, segment: Int? = nil, worker: String? = nil,
        text: String, step: Int? = nil, steps: Int? = nil, seconds: Double? = nil, cause: String? = nil
    ) {
        (self.sequence, self.time, self.kind, self.story) = (sequence, time, kind, story)
        (self.segment, self.worker, self.text) = (segment, worker, text)
        (self.step, self.steps, self.seconds, self.cause) = (step, steps, seconds, cause)
    }
}
