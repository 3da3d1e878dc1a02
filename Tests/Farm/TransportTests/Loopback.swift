import Testing

@testable import Transport

/// A context with one thread for the listening side and one for the connecting side.
struct Loopback: Sendable {
    let context: Context
    let listening: SocketThread
    let connecting: SocketThread

    init() throws {
        context = try Context()
        listening = try SocketThread(in: context, name: "listening")
        connecting = try SocketThread(in: context, name: "connecting")
    }

    func router(
        at endpoint: String = "tcp://127.0.0.1:*", _ options: SocketOptions = .control(.plain)
    ) throws -> Link {
        try listening.bind(.router, to: endpoint, options)
    }

    func dealer(to router: Link, _ options: SocketOptions = .control(.plain)) throws -> Link {
        try connecting.connect(.dealer, to: router.endpoint, options)
    }

    /// Ends everything and shows that this does not hang.
    func close() async throws {
        try await within {
            await connecting.close()
            await listening.close()
            await context.terminate()
        }
    }
}

extension Link {
    /// Takes the next message.
    func next() async throws -> Multipart {
        try await within {
            var iterator = self.messages.makeAsyncIterator()
            return try #require(await iterator.next())
        }
    }

    /// Takes connection events up to the first that fits.
    @discardableResult
    func event(where fits: @escaping @Sendable (ConnectionEvent) -> Bool) async throws -> ConnectionEvent {
        try await within {
            var iterator = self.connectionEvents.makeAsyncIterator()
            while let event = await iterator.next() {
                if fits(event) { return event }
            }
            throw LinkEnded()
        }
    }

    @discardableResult
    func event(_ kind: ConnectionEvent.Kind) async throws -> ConnectionEvent {
        try await event { $0.kind == kind }
    }

    /// Sends one text frame, in time.
    func send(_ text: String, to peer: PeerID? = nil) async throws {
        try await within { try await self.send(Multipart([Frame(text.utf8)], to: peer)) }
    }
}

struct LinkEnded: Error {}

extension Multipart {
    /// Its first frame as text.
    var text: String { String(decoding: frames[0].bytes, as: UTF8.self) }
}

/// What sending a message comes to, as a value to compare.
func outcome(of send: @Sendable () async throws(SendError) -> Void) async -> SendError? {
    do {
        try await send()
        return nil
    } catch {
        return error
    }
}
