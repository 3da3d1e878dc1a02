/// A story as the farm knows it.
public struct StoryRecord: Hashable, Sendable {
    public let id: StoryID
    /// They change only before the first lease, when what the story left open is settled.
    public internal(set) var terms: StoryTerms
    public internal(set) var priority: Int
    public internal(set) var state: StoryState
    public internal(set) var isPaused: Bool
    public internal(set) var pin: Pin?
    /// Rises with every revision; an MP4 is of one of them.
    public internal(set) var revision: Int
    /// Segments that anything ever happened to, from the first on; those after it are blocked.
    public internal(set) var touched: [SegmentRecord]
    /// Segments that the MP4 has already.
    public internal(set) var assembled: Int
    /// Why nothing happens, for people; nil where something does.
    public internal(set) var note: String?

    // What follows is made of the above, or of time.

    /// Numbers of the segments that wait for a worker, rising.
    var ready: [Int] = []
    /// Segments with a denoising lease.
    var denoisingCount = 0
    /// From the first segment on, all whose latents are accepted.
    var denoisedCount = 0
    var finishedCount = 0
    var place: QueuePlace?
    /// In microseconds, the last few, of all its segments.
    var stepTimes: [Int64] = []

    public init(
        id: StoryID, terms: StoryTerms, priority: Int, state: StoryState = .queued, isPaused: Bool = false,
        pin: Pin? = nil, revision: Int = 1, touched: [SegmentRecord] = [], assembled: Int = 0, note: String? = nil
    ) {
        self.id = id
        self.terms = terms
        self.priority = priority
        self.state = state
        self.isPaused = isPaused
        self.pin = pin
        self.revision = revision
        self.touched = touched
        self.assembled = assembled
        self.note = note
    }

    /// - Parameter number: 1…N.
    public func segment(_ number: Int) -> SegmentRecord {
        precondition(1...terms.segmentCount ~= number, "segment \(number) of \(terms.segmentCount)")
        return number <= touched.count ? touched[number - 1] : .untouched
    }

    /// The lowest segment whose latents are not accepted; N + 1 where all are.
    public var lowest: Int { denoisedCount + 1 }

    /// The lowest one waits for a worker while a later one holds one.
    var isLowestWanted: Bool { denoisingCount > 0 && ready.first == lowest }

    /// A segment that lies while a later one, which blends with what comes of it, holds a worker.
    var gap: Int? {
        guard denoisingCount > 0, terms.handoff != .none, let first = ready.first,
            touched.dropFirst(first).reversed().contains(where: { $0.holding?.phase == .denoising })
        else { return nil }
        return first
    }

    var isStarted: Bool { state != .queued }

    /// Whether its segments may be leased.
    var isRunnable: Bool { (state == .queued || state == .rendering) && !isPaused }

    /// The median of the last step times; nil before the first.
    public var usualStep: Duration? {
        stepTimes.isEmpty ? nil : .microseconds(stepTimes.sorted()[stepTimes.count / 2])
    }

    mutating func remember(stepTime: Duration) {
        if stepTimes.count == FarmLimits.stepsRemembered { stepTimes.removeFirst() }
        stepTimes.append(stepTime.microseconds)
    }

    /// Changes a segment, and what is counted of it.
    mutating func change(_ number: Int, _ body: (inout SegmentRecord) -> Void) {
        while touched.count < number { touched.append(.untouched) }
        let before = touched[number - 1].summary
        body(&touched[number - 1])
        recount(number, before: before, after: touched[number - 1].summary)
    }

    /// Counts from scratch: of a story that was just read from the ledger.
    mutating func recount() {
        (ready, denoisingCount, denoisedCount, finishedCount) = ([], 0, 0, 0)
        for number in touched.indices.map({ $0 + 1 }) {
            recount(number, before: SegmentRecord.untouched.summary, after: touched[number - 1].summary)
        }
    }

    private mutating func recount(_ number: Int, before: SegmentRecord.Summary, after: SegmentRecord.Summary) {
        guard before != after else { return }
        denoisingCount += (after.isDenoising ? 1 : 0) - (before.isDenoising ? 1 : 0)
        finishedCount += (after.isFinished ? 1 : 0) - (before.isFinished ? 1 : 0)
        if after.isReady != before.isReady {
            let position = ready.firstIndex { $0 >= number } ?? ready.count
            if after.isReady { ready.insert(number, at: position) } else { ready.remove(at: position) }
        }
        if before.isDenoised, !after.isDenoised { denoisedCount = min(denoisedCount, number - 1) }
        while denoisedCount < touched.count, touched[denoisedCount].isDenoised { denoisedCount += 1 }
    }
}

extension SegmentRecord {
    /// What a story counts of a segment.
    struct Summary: Equatable {
        let isReady, isDenoising, isDenoised, isFinished: Bool
    }

    var summary: Summary {
        Summary(
            isReady: state == .ready, isDenoising: holding?.phase == .denoising, isDenoised: isDenoised,
            isFinished: state == .finished)
    }
}
