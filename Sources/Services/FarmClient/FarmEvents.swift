import AsyncHTTPClient
public import Control
import NIOCore
import NIOHTTP1

extension FarmClient {
    /// What happens from now on, after the remembered news behind `sequence`.
    ///
    /// Returns when the farm listens for this client, so that nothing that a later question could have seen is missed.
    /// - Parameters:
    ///   - sequence: the number of the last news that the caller has; nil for what comes from now on.
    ///   - pause: between two tries to come back.
    ///   - patience: for how long the coordinator may be out of reach before that is an error.
    public func events(
        after sequence: UInt64? = nil, pause: Duration = .seconds(1), patience: Duration = .seconds(60)
    ) async throws(FarmClientError) -> FarmEvents {
        let stream = try await eventStream(after: sequence)
        return FarmEvents(client: self, first: stream, last: sequence, pause: pause, patience: patience)
    }

    func eventStream(after sequence: UInt64?) async throws(FarmClientError) -> HTTPClientResponse.Body {
        let address = sequence.map { "events?after=\($0)" } ?? "events"
        return try await response(to: .GET, address, headers: [("Accept", "text/event-stream")]).body
    }
}

/// A farm's news as they happen; comes back by itself when the connection is lost.
///
/// It ends only with an error: the coordinator stays out of reach, or the task is cancelled. Read it once.
public struct FarmEvents: AsyncSequence, Sendable {
    let client: FarmClient
    let first: HTTPClientResponse.Body
    let last: UInt64?
    let pause: Duration
    let patience: Duration

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    public struct Iterator: AsyncIteratorProtocol {
        private let events: FarmEvents
        private var stream: HTTPClientResponse.Body.AsyncIterator?
        private var reader = EventReader()
        private var last: UInt64?
        private var ready: ArraySlice<FarmNews> = []

        init(_ events: FarmEvents) {
            self.events = events
            stream = events.first.makeAsyncIterator()
            last = events.last
        }

        public mutating func next() async throws(FarmClientError) -> FarmNews? {
            try await next(isolation: nil)
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(FarmClientError) -> FarmNews? {
            while ready.isEmpty {
                do {
                    guard let bytes = try await stream?.next(isolation: actor) else {
                        try await reconnect(isolation: actor)
                        continue
                    }
                    ready = try reader.read(bytes.readableBytesView)[...]
                } catch let error as FarmClientError {
                    throw error
                } catch {
                    let failure = FarmClient.failure(error, at: "events")
                    if case .cancelled = failure { throw failure }
                    try await reconnect(isolation: actor)
                }
            }
            let news = ready.removeFirst()
            last = news.sequence
            return news
        }

        /// Until the coordinator is there again; what it still remembers follows what is known here.
        private mutating func reconnect(isolation actor: isolated (any Actor)?) async throws(FarmClientError) {
            (stream, reader) = (nil, EventReader())
            let clock = ContinuousClock()
            let start = clock.now
            while true {
                do throws(FarmClientError) {
                    stream = try await events.client.eventStream(after: last).makeAsyncIterator()
                    return
                } catch {
                    guard case .notReached = error, clock.now - start < events.patience else { throw error }
                }
                do { try await clock.sleep(for: events.pause) } catch { throw .cancelled }
            }
        }
    }
}
