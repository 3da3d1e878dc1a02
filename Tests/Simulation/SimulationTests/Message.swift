import Farm

/// What travels between a worker and the coordinator, without its bytes.
enum Message: Hashable {
    // From a worker.
    case hello(WorkerDescription, [Held])
    case offer([ModelOffer])
    case heartbeat([Held])
    case stepped(AttemptID, step: Int, Duration)
    case report(WorkerReport)
    case append(AttemptID, step: Int, checksum: UInt64)
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
    case record(AttemptID, StreamID, step: Int, checksum: UInt64)
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

    /// Whether a late copy is a fault that the farm must bear; a second introduction would be another connection.
    var mayComeTwice: Bool {
        switch self {
        case .hello, .offer, .welcome, .bye, .heartbeat: false
        default: true
        }
    }
}
