/// A story in a list.
public struct StoryOverview: Codable, Hashable, Sendable {
    public var id: UInt64
    public var title: String
    public var submitter: String
    /// One of ``states``.
    public var state: String
    public var isPaused: Bool
    public var priority: Int
    public var segments: Int
    public var finishedSegments: Int
    /// From the first on: what the MP4 has.
    public var playableSegments: Int
    /// Why nothing happens, or what went wrong.
    public var note: String?
    /// Seconds since 1970.
    public var submitted: Double?
    public var ended: Double?

    /// In the order in which a story goes through them; the last three are ends.
    public static let states = ["queued", "rendering", "assembling", "finished", "failed", "cancelled"]
    /// Nothing goes on any more, until a person wants it to.
    public var hasEnded: Bool { Self.states.suffix(3).contains(state) }

    public init(
        id: UInt64, title: String, submitter: String, state: String, isPaused: Bool, priority: Int, segments: Int,
        finishedSegments: Int, playableSegments: Int, note: String? = nil, submitted: Double? = nil,
        ended: Double? = nil
    ) {
        (self.id, self.title, self.submitter, self.state) = (id, title, submitter, state)
        (self.isPaused, self.priority, self.segments) = (isPaused, priority, segments)
        (self.finishedSegments, self.playableSegments) = (finishedSegments, playableSegments)
        (self.note, self.submitted, self.ended) = (note, submitted, ended)
    }
}

/// Which stories of a list are wanted.
public struct StoryPage: Hashable, Sendable {
    /// Only older ones.
    public var before: UInt64?
    public var limit: Int
    /// Only those in one of these states; nil for all.
    public var states: Set<String>?
    public var submitter: String?
    /// Only those whose title contains this; case does not matter.
    public var text: String?

    public init(
        before: UInt64? = nil, limit: Int = 50, states: Set<String>? = nil, submitter: String? = nil,
        text: String? = nil
    ) {
        (self.before, self.limit, self.states, self.submitter) = (before, limit, states, submitter)
        self.text = text
    }
}

/// A story with all its segments.
public struct StoryDetail: Codable, Hashable, Sendable {
    public var overview: StoryOverview
    /// Rises with every revision.
    public var revision: Int
    public var model: String
    /// With every value given, as JSON; what `storyfarm-worker segment --story` renders again.
    public var script: String
    /// Denoising steps of a segment.
    public var steps: Int
    /// Whether what the script left open may still change: no worker has offered the model yet, and what its makers
    /// recommend holds once one does.
    public var awaitsDefaults: Bool
    /// What the first lease pinned; nil before.
    public var pin: Pin?
    public var segments: [Segment]
    /// Until the whole story is denoised, as it goes now; nil while nothing is known.
    public var secondsLeft: Double?

    /// What all segments of a story have in common, so that they are of one make.
    public struct Pin: Codable, Hashable, Sendable {
        /// SHA-256 of the model, in hexadecimal.
        public var model: String
        /// As "cpu AVX512 libtorch 2.13 bf16 1 thread".
        public var device: String
        public var encoder: String
        public var isSimulated: Bool

        public init(model: String, device: String, encoder: String, isSimulated: Bool) {
            (self.model, self.device, self.encoder, self.isSimulated) = (model, device, encoder, isSimulated)
        }
    }

    public struct Segment: Codable, Hashable, Sendable {
        /// 1…N.
        public var number: Int
        /// blocked, ready, denoising, denoised, delivering, finished, failed or cancelled.
        public var state: String
        public var scene: String
        public var action: String
        /// Steps finished.
        public var step: Int
        /// Who works on it.
        public var worker: String?
        /// What the worker does: loading, waiting, stepping, …
        public var activity: String?
        /// Of its last steps.
        public var secondsPerStep: Double?
        /// In a row, since the last checkpoint.
        public var failures: Int
        public var note: String?
        /// Whether there is a picture of what it is going to be.
        public var hasPreview: Bool

        public init(
            number: Int, state: String, scene: String, action: String, step: Int, worker: String? = nil,
            activity: String? = nil, secondsPerStep: Double? = nil, failures: Int = 0, note: String? = nil,
            hasPreview: Bool = false
        ) {
            (self.number, self.state, self.scene, self.action) = (number, state, scene, action)
            (self.step, self.worker, self.activity) = (step, worker, activity)
            (self.secondsPerStep, self.failures, self.note) = (secondsPerStep, failures, note)
            self.hasPreview = hasPreview
        }
    }

    public init(
        overview: StoryOverview, revision: Int, model: String, script: String, steps: Int,
        awaitsDefaults: Bool = false, pin: Pin? = nil, segments: [Segment], secondsLeft: Double? = nil
    ) {
        (self.overview, self.revision, self.model, self.script) = (overview, revision, model, script)
        (self.steps, self.awaitsDefaults, self.pin) = (steps, awaitsDefaults, pin)
        (self.segments, self.secondsLeft) = (segments, secondsLeft)
    }
}

/// A small picture of a finished segment.
public struct Thumbnail: Hashable, Sendable {
    public var jpeg: [UInt8]
    /// Names the video that it shows.
    public var version: String

    public init(jpeg: [UInt8], version: String) { (self.jpeg, self.version) = (jpeg, version) }
}

/// A video on the coordinator's disk.
public struct StoredVideo: Hashable, Sendable {
    public var path: String
    public var byteCount: Int
    /// Names these bytes: the same as long as nothing changes.
    public var version: String
    /// That it shows.
    public var segments: Int
    public var isWholeStory: Bool

    public init(path: String, byteCount: Int, version: String, segments: Int, isWholeStory: Bool) {
        (self.path, self.byteCount, self.version) = (path, byteCount, version)
        (self.segments, self.isWholeStory) = (segments, isWholeStory)
    }
}
