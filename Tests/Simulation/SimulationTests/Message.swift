import Farm

/// What travels between a worker and the coordinator.
enum Message: Hashable {
    // From a worker.
    case hello(WorkerDescription, [Held])
    case offer([ModelOffer])
    case heartbeat([Held])
    case stepped(AttemptID, step: Int, Duration)
    case report(WorkerReport)
    case append(AttemptID, step: Int, Boundary)
    case read(AttemptID, StreamID, from: Int, window: Int)
    case bye

    // From the coordinator.
    case welcome
    case grant(Grant, StoryTerms)
    case recall(AttemptID, RecallReason, saves: Bool)
    case answer(AttemptID, FarmReport, ReportOutcome)
    case drain
    case stored(SegmentID, step: Int)
    case wanted(SegmentID, from: Int)
    case record(AttemptID, StreamID, step: Int, Boundary)
    case superseded(AttemptID)
}

extension Message {
    /// Whether it travels on the data connection.
    var isData: Bool {
        switch self {
        case .append, .read, .stored, .record, .wanted, .superseded: true
        case .hello, .offer, .heartbeat, .stepped, .report, .bye, .welcome, .grant, .recall, .answer, .drain: false
        }
    }

    /// Whether it may be lost alone, overtake others, or come again late: all but what makes a connection one.
    var isOrdinary: Bool {
        switch self {
        case .hello, .offer, .welcome, .bye: false
        default: true
        }
    }
}
