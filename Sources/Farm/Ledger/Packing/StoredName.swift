import Farm

/// A word of the farm's as it stands in a column: readable in any SQLite shell, and independent of the order of cases.
///
/// The migrations have the same words in their CHECK constraints: another word is another migration.
protocol StoredName: Sendable {
    static var storedCases: [Self] { get }
    var storedName: String { get }
}

extension StoredName {
    init(storedName: String) throws {
        guard let found = Self.storedCases.first(where: { $0.storedName == storedName }) else {
            throw Damage("'\(storedName)' is no \(Self.self)")
        }
        self = found
    }
}

extension StoredName where Self: CaseIterable, AllCases == [Self] {
    static var storedCases: [Self] { allCases }
}

extension SegmentState: StoredName {
    var storedName: String {
        switch self {
        case .blocked: "blocked"
        case .ready: "ready"
        case .denoising: "denoising"
        case .denoised: "denoised"
        case .delivering: "delivering"
        case .finished: "finished"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}

extension StoryState: StoredName {
    var storedName: String {
        switch self {
        case .queued: "queued"
        case .rendering: "rendering"
        case .assembling: "assembling"
        case .finished: "finished"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}

extension LeasePhase: StoredName {
    var storedName: String {
        switch self {
        case .denoising: "denoising"
        case .delivering: "delivering"
        }
    }
}

extension StoryTerms.Handoff: StoredName {
    static let storedCases: [Self] = [.none, .stream, .final]

    var storedName: String {
        switch self {
        case .none: "none"
        case .stream: "stream"
        case .final: "final"
        }
    }
}
