import Synchronization

/// The browsers that are let in, each by the token that somebody brought for it.
///
/// A session is no more than its token: whatever lets the token in or keeps it out counts for every request. Sessions
/// live in memory and end with the coordinator.
final class SessionStore: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        let token: String
        let until: Instant
    }

    private struct Entries {
        var tickets: [String: Entry] = [:]
        var sessions: [String: Entry] = [:]
    }

    private let entries = Mutex(Entries())

    static let sessionTime = Duration.seconds(12 * 3_600)
    /// From `storyfarm dashboard` to the browser.
    static let ticketTime = Duration.seconds(120)
    static let sessionsMax = 1_000
    static let ticketsMax = 100

    /// Opens one session for the token, once, within ``ticketTime``.
    func ticket(for token: String, at now: Instant = .now) -> String {
        let ticket = AccessToken().text
        entries.withLock { entries in
            Self.add(
                Entry(token: token, until: now + Self.ticketTime), as: ticket, to: &entries.tickets,
                max: Self.ticketsMax, at: now)
        }
        return ticket
    }

    /// The token of a ticket, which is used up.
    func redeem(_ ticket: String, at now: Instant = .now) -> String? {
        entries.withLock { entries in
            guard let entry = entries.tickets.removeValue(forKey: ticket), entry.until > now else { return nil }
            return entry.token
        }
    }

    func open(for token: String, at now: Instant = .now) -> String {
        let session = AccessToken().text
        entries.withLock { entries in
            Self.add(
                Entry(token: token, until: now + Self.sessionTime), as: session, to: &entries.sessions,
                max: Self.sessionsMax, at: now)
        }
        return session
    }

    func token(of session: String, at now: Instant = .now) -> String? {
        entries.withLock { entries in
            guard let entry = entries.sessions[session], entry.until > now else { return nil }
            return entry.token
        }
    }

    func close(_ session: String) { entries.withLock { $0.sessions[session] = nil } }

    /// Where there are too many, what is over goes; where all are still good, of the token that has most the one that
    /// would end first: who opens many loses their own.
    private static func add(
        _ entry: Entry, as name: String, to entries: inout [String: Entry], max limit: Int, at now: Instant
    ) {
        entries[name] = entry
        guard entries.count > limit else { return }
        entries = entries.filter { $0.value.until > now }
        guard entries.count > limit else { return }
        let counts = Dictionary(grouping: entries.values, by: \.token).mapValues(\.count)
        func rank(_ entry: Entry) -> (Int, Instant) { (-counts[entry.token, default: 0], entry.until) }
        if let first = entries.min(by: { rank($0.value) < rank($1.value) }) { entries[first.key] = nil }
    }
}
