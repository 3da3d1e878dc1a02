// What a farm remembers of its past, for people who look at it: bounded, and lost with the coordinator's process.

/// How deep the queue was over time.
public struct QueueHistory: Codable, Hashable, Sendable {
    /// Between two samples.
    public var intervalSeconds: Double
    /// The oldest first.
    public var samples: [Sample]

    public struct Sample: Codable, Hashable, Sendable {
        /// Seconds since 1970.
        public var time: Double
        /// As in ``QueueReport``.
        public var segments: [String: Int]
        public var workers: [String: Int]
        public var backlogSeconds: Double

        public init(time: Double, segments: [String: Int], workers: [String: Int], backlogSeconds: Double) {
            (self.time, self.segments, self.workers) = (time, segments, workers)
            self.backlogSeconds = backlogSeconds
        }
    }

    public init(intervalSeconds: Double, samples: [Sample]) {
        (self.intervalSeconds, self.samples) = (intervalSeconds, samples)
    }
}

/// Who worked on a story's segments, and when.
public struct StoryTimeline: Codable, Hashable, Sendable {
    /// By their beginning.
    public var spans: [Span]

    /// One lease of one segment.
    public struct Span: Codable, Hashable, Sendable {
        public var segment: Int
        /// denoising or delivering.
        public var phase: String
        /// 32 hexadecimal digits.
        public var worker: String
        /// Its machine, where it was known.
        public var node: String?
        /// Seconds since 1970.
        public var begun: Double
        /// Nil while it goes on.
        public var ended: Double?
        /// The segment's state afterwards: what the lease has led to.
        public var outcome: String?

        public init(
            segment: Int, phase: String, worker: String, node: String? = nil, begun: Double, ended: Double? = nil,
            outcome: String? = nil
        ) {
            (self.segment, self.phase, self.worker, self.node) = (segment, phase, worker, node)
            (self.begun, self.ended, self.outcome) = (begun, ended, outcome)
        }
    }

    public init(spans: [Span]) { self.spans = spans }
}

/// What went wrong lately.
public struct FailureList: Codable, Hashable, Sendable {
    /// The newest first.
    public var failures: [Failure]

    public struct Failure: Codable, Hashable, Sendable {
        /// That of the news it came with.
        public var sequence: UInt64
        /// Seconds since 1970.
        public var time: Double
        /// The failure's class, as `FarmNews` has it.
        public var cause: String
        public var story: UInt64?
        public var segment: Int?
        /// 32 hexadecimal digits.
        public var worker: String?
        public var node: String?
        /// For people.
        public var text: String

        public init(
            sequence: UInt64, time: Double, cause: String, story: UInt64? = nil, segment: Int? = nil,
            worker: String? = nil, node: String? = nil, text: String
        ) {
            (self.sequence, self.time, self.cause, self.story) = (sequence, time, cause, story)
            (self.segment, self.worker, self.node, self.text) = (segment, worker, node, text)
        }
    }

    public init(failures: [Failure]) { self.failures = failures }
}

/// Who asks, and what it may.
public struct SessionReport: Codable, Hashable, Sendable {
    public var subject: String
    /// viewer, submitter or operator.
    public var role: String

    public init(subject: String, role: String) { (self.subject, self.role) = (subject, role) }
}

/// Lets one browser in, once and soon.
public struct SessionTicket: Codable, Hashable, Sendable {
    public var ticket: String

    public init(ticket: String) { self.ticket = ticket }
}
