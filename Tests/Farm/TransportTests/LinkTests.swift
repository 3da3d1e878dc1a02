import Synchronization
import Testing

@testable import Transport

/// Goal: nothing waits for ever, nothing is lost between task and socket, and a slow consumer bounds the memory.
struct LinkTests {
    @Test func messagesOfOneSenderKeepTheirOrder() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.control(.plain)
        options.heartbeatInterval = nil  // The consumer is slow on a loaded machine, and must be allowed to.
        let router = try loopback.router(options)
        let dealer = try loopback.dealer(to: router, options)
        let count = 3000
        let failures = Counter()
        let sent = Signal()
        for number in 0..<count / 3 {
            dealer.post(Multipart([Frame("\(number)".utf8)])) { outcome in
                if case .failure = outcome { failures.increment() }
                if number == count / 3 - 1 { sent.set() }
            }
        }
        let sender = Task {
            for number in count / 3..<count { try await dealer.send(Multipart([Frame("\(number)".utf8)])) }
        }
        for number in 0..<count {
            let text = try await router.next().text
            try #require(text == "\(number)")
        }
        try await within { await sent.wait() }
        try await within { try await sender.value }
        #expect(failures.value == 0)
        try await loopback.close()
    }

    /// Two links stall alike; once the heartbeats of one have cut it, the other still has everything.
    @Test func aStalledConsumerOfBulkLosesNothing() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.bulk(.plain)
        (options.inboxCapacity, options.sendHighWater, options.receiveHighWater) = (4, 2, 2)
        let patient = try loopback.router(options)
        let patientDealer = try loopback.dealer(to: patient, options)
        (options.heartbeatInterval, options.heartbeatTimeout) = (.milliseconds(50), .milliseconds(100))
        let hasty = try loopback.router(options)
        let hastyDealer = try loopback.dealer(to: hasty, options)
        let count = 400
        @Sendable func flood(_ dealer: Link) async throws {
            for number in 0..<count {
                let bytes = Array("\(number) ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 100_000)
                try await dealer.send(Multipart([Frame(bytes)]))
            }
        }
        let patientSender = Task { try await flood(patientDealer) }
        let hastySender = Task { try? await flood(hastyDealer) }
        try await hasty.event(.disconnected)
        hastySender.cancel()
        for number in 0..<count {
            let text = try await patient.next().text
            try #require(text.prefix { $0 != " " } == "\(number)")
        }
        try await within { try await patientSender.value }
        try await loopback.close()
    }

    @Test func aSlowConsumerBoundsWhatIsInFlight() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.bulk(.plain)
        options.inboxCapacity = 4
        options.sendHighWater = 2
        options.receiveHighWater = 2
        let router = try loopback.router(at: "inproc://slow", options)
        let dealer = try loopback.dealer(to: router, options)
        let count = 300
        let sent = Counter()
        let message = Multipart([Frame(Array(repeating: 1, count: 128 << 10))])
        let sender = Task {
            for _ in 0..<count {
                try await dealer.send(message)
                sent.increment()
            }
        }
        try await within { while router.core.messages.backlog < 4 { await Task.yield() } }
        // Inbox, both high-water marks, the window, and one for each side's thread.
        let bound = 4 + 2 + 2 + options.sendWindow + 2
        for consumed in 0..<count {
            #expect(sent.value - consumed <= bound)
            _ = try await router.next()
        }
        try await within { try await sender.value }
        try await loopback.close()
    }

    @Test func aDealerWaitsUntilSomebodyListens() async throws {
        let loopback = try Loopback()
        let place = "inproc://later"
        let dealer = try loopback.connecting.connect(.dealer, to: place, .control(.plain))
        let sender = Task { try await dealer.send(Multipart([Frame("early".utf8)])) }
        let router = try loopback.router(at: place)
        #expect(try await router.next().text == "early")
        try await within { try await sender.value }
        try await loopback.close()
    }

    @Test func aCancelledSendIsWithdrawn() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, .control(.plain))
        let sender = Task {
            await outcome { () async throws(SendError) in
                try await dealer.send(Multipart([Frame("withdrawn".utf8)]))
            }
        }
        sender.cancel()
        #expect(try await within { await sender.value } == .cancelled)
        let router = try loopback.listening.bind(.router, to: silent.release(), .control(.plain))
        try await dealer.send("kept")
        #expect(try await router.next().text == "kept")
        try await loopback.close()
    }

    @Test func aCancelledReceiveLosesNothing() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        let receiver = Task {
            var iterator = router.messages.makeAsyncIterator()
            return await iterator.next()
        }
        receiver.cancel()
        #expect(try await within { await receiver.value?.text } == nil)
        try await dealer.send("kept")
        #expect(try await router.next().text == "kept")
        try await loopback.close()
    }

    @Test func closingFailsWaitingSendsAndEndsWaitingReceives() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, .control(.plain))
        let sender = Task {
            await outcome { () async throws(SendError) in
                try await dealer.send(Multipart([Frame([1])]))
            }
        }
        let receiver = Task {
            var iterator = dealer.messages.makeAsyncIterator()
            return await iterator.next()
        }
        try await within { await dealer.close() }
        #expect(try await within { await sender.value } == .closed)
        #expect(try await within { await receiver.value?.text } == nil)
        #expect(
            await outcome { () async throws(SendError) in
                try await dealer.send(Multipart([Frame([1])]))
            } == .closed)
        try await loopback.close()
    }

    @Test func whatWasAcceptedEarlyIsStillSentWhenTheLinkCloses() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.bulk(.plain)
        options.sendWindow = 100
        let router = try loopback.router(options)
        let dealer = try loopback.dealer(to: router, options)
        let count = 100
        for number in 0..<count { try await dealer.send("\(number)") }
        let closing = Task { await dealer.close() }
        for number in 0..<count { #expect(try await router.next().text == "\(number)") }
        try await within { await closing.value }
        try await loopback.close()
    }

    @Test func closingALinkThatReachesNobodyTakesTheLingerTimeAtMost() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        var options = SocketOptions.bulk(.plain)
        options.linger = .milliseconds(50)
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, options)
        try await dealer.send("never")
        try await within(.seconds(10)) { await dealer.close() }
        try await loopback.close()
    }

    @Test func oneMoreThanTheQueueHoldsIsRefusedAtOnce() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        var options = SocketOptions.control(.plain)
        options.outboxCapacity = 4
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, options)
        let refusals = Counter()
        for _ in 0..<40 {
            dealer.post(Multipart([Frame([1])])) { outcome in
                if case .failure(.queueFull) = outcome { refusals.increment() }
            }
        }
        // One more may be in the owning thread's hands.
        #expect((35...36).contains(refusals.value))
        try await loopback.close()
    }

    @Test func aLinkWithoutReferencesIsClosed() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        var dealer: Link? = try loopback.dealer(to: router)
        try await dealer?.send("hello")
        let peer = try await router.next().peer
        dealer = nil
        #expect(try await router.event(.disconnected).peer == peer)
        try await loopback.close()
    }

    @Test func terminatingTheContextEndsLinksEvenWhileTheyAreStalled() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.control(.plain)
        options.inboxCapacity = 1
        let router = try loopback.router(options)
        let dealer = try loopback.dealer(to: router)
        for _ in 0..<3 { try await dealer.send("unread") }
        try await within { while router.core.messages.backlog == 0 { await Task.yield() } }
        try await within { await loopback.context.terminate() }
        #expect(
            await outcome { () async throws(SendError) in
                try await dealer.send(Multipart([Frame([1])]))
            } == .closed)
        #expect(throws: SocketError.self) { try loopback.router() }
        try await loopback.close()
    }

    @Test func errorsNameTheOperationAndTheEndpoint() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let error = #expect(throws: SocketError.self) { try loopback.router(at: router.endpoint) }
        #expect(error?.isAddressInUse == true)
        #expect(error?.description == "bind \(router.endpoint): address already in use")
        let other = #expect(throws: SocketError.self) { try loopback.router(at: "nonsense") }
        #expect(other?.description == "bind nonsense: invalid argument")
        try await loopback.close()
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increment() {
        count.add(1, ordering: .sequentiallyConsistent)
    }
}
