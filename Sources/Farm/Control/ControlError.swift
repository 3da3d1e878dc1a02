/// Why a farm does not do what it was asked for, in words for whoever asked.
public enum ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such thing; `what` names it, as "story 12".
    case notFound(what: String)
    /// What was given is wrong: the field, or the place in the script, and what was expected.
    case invalid(field: String, reason: String)
    /// Whoever asks may not do that.
    case forbidden(reason: String)
    /// It can't be done in the state that the thing is in.
    case conflict(reason: String)
    /// What was given in a field is something else's already.
    case taken(field: String, reason: String)
    /// A limit is reached: its name, its value, and what to do.
    case limit(name: String, value: Int, reason: String)
    /// The farm itself can't go on: a full disk, a ledger that does not answer.
    case unavailable(reason: String)

    public var description: String {
        switch self {
        case .notFound(let what): "there is no \(what)"
        case .invalid(let field, let reason): field.isEmpty ? reason : "\(field): \(reason)"
        case .forbidden(let reason), .conflict(let reason), .taken(_, let reason), .limit(_, _, let reason),
            .unavailable(let reason):
            reason
        }
    }
}
