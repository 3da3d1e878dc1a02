/// A refusal as it goes over HTTP: `application/problem+json` of RFC 9457.
public struct Problem: Codable, Hashable, Sendable, Error {
    public static let mediaType = "application/problem+json"

    /// The HTTP status.
    public var status: Int
    /// For programs: one of ``Code``'s, or of a later version.
    public var code: String
    /// For people: what is wrong, in one line.
    public var detail: String
    /// Which value is wrong: a key of the body or of the query, a header, or a place in the script.
    public var field: String?
    public var limit: Limit?
    /// When to try again; goes as the header `Retry-After` too.
    public var retryAfterSeconds: Int?

    /// What was exceeded.
    public struct Limit: Codable, Hashable, Sendable {
        public var name: String
        public var value: Int

        public init(name: String, value: Int) { (self.name, self.value) = (name, value) }
    }

    public enum Code: String, CaseIterable, Sendable {
        case notFound, invalid, conflict, limit, unavailable
        /// No token, or another one.
        case unauthorized
        /// From a place that may not ask, or with a token that does not allow it.
        case forbidden
        /// The farm's own fault.
        case `internal`
    }

    public init(
        status: Int, code: Code, detail: String, field: String? = nil, limit: Limit? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        (self.status, self.code, self.detail) = (status, code.rawValue, detail)
        (self.field, self.limit, self.retryAfterSeconds) = (field, limit, retryAfterSeconds)
    }

    public init(_ error: ControlError) {
        switch error {
        case .notFound: self.init(status: 404, code: .notFound, detail: "\(error)")
        case .invalid(let field, let reason): self.init(status: 400, code: .invalid, detail: reason, field: field)
        case .forbidden(let reason): self.init(status: 403, code: .forbidden, detail: reason)
        case .conflict(let reason): self.init(status: 409, code: .conflict, detail: reason)
        case .taken(let field, let reason): self.init(status: 409, code: .conflict, detail: reason, field: field)
        case .limit(let name, let value, let reason):
            // Room comes when a story ends or is deleted; nobody knows when.
            self.init(
                status: 429, code: .limit, detail: reason, limit: Limit(name: name, value: value),
                retryAfterSeconds: 60)
        case .unavailable(let reason): self.init(status: 503, code: .unavailable, detail: reason)
        }
    }

    /// What the farm said; nil where it was not the farm that refused.
    public var controlError: ControlError? {
        switch Code(rawValue: code) {
        case .notFound:
            // As `ControlError` wrote it.
            .notFound(what: detail.hasPrefix("there is no ") ? String(detail.dropFirst(12)) : detail)
        case .invalid: .invalid(field: field ?? "", reason: detail)
        case .forbidden: .forbidden(reason: detail)
        case .conflict: field.map { .taken(field: $0, reason: detail) } ?? .conflict(reason: detail)
        case .limit: .limit(name: limit?.name ?? "", value: limit?.value ?? 0, reason: detail)
        case .unavailable: .unavailable(reason: detail)
        case .unauthorized, .internal, nil: nil
        }
    }
}
