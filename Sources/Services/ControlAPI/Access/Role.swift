/// What a token lets its bearer do; each role may do what those before it may.
public enum Role: String, Codable, Comparable, CaseIterable, Sendable {
    /// Looks at everything, changes nothing.
    case viewer
    /// Hands in stories, and commands those of its own subject.
    case submitter
    /// Everything: workers, nodes, priorities, other people's stories.
    case `operator`

    public static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .submitter: 1
        case .operator: 2
        }
    }
}

/// Who asks, as the token of the request says.
struct Caller: Hashable, Sendable {
    /// Whose stories are theirs.
    let subject: String
    let role: Role
    /// Of the token that the farm's own user reads from the connection file.
    var isOwner = false
}
