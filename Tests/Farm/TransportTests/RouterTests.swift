import Testing

@testable import Transport

/// Goal: a router loses nothing silently, and a peer that misbehaves costs only itself.
struct RouterTests {
    @Test func aMultipartMessageMakesTheRoundTrip() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        try await dealer.send(Multipart([Frame("one".utf8), Frame([]), Frame("three".utf8)]))
        let request = try await router.next()
        #expect(request.frames.map(\.bytes) == [Array("one".utf8), [], Array("three".utf8)])
        #expect(request.userID == nil)
        try await router.send("answer", to: request.peer)
        let answer = try await dealer.next()
        #expect(answer.text == "answer")
        #expect(answer.peer == nil)
        try await loopback.close()
    }

    @Test func anUnknownPeerIsReportedAsUnroutable() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let nobody = Multipart([Frame([1])], to: PeerID(bytes: [0, 1, 2, 3, 4]))
        #expect(await outcome { () async throws(SendError) in try await router.send(nobody) } == .unroutable)
        let unaddressed = Multipart([Frame([1])])
        #expect(await outcome { () async throws(SendError) in try await router.send(unaddressed) } == .unroutable)
        try await loopback.close()
    }

    @Test func aPeerThatLeftIsReportedAndThenUnroutable() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        try await dealer.send("hello")
        let peer = try #require(try await router.next().peer)
        await dealer.close()
        let event = try await router.event(.disconnected)
        #expect(event.peer == peer)
        // libzmq removes the route in its own time, after the connection.
        try await within {
            while await outcome(of: { () async throws(SendError) in
                try await router.send(Multipart([Frame([1])], to: peer))
            }) != .unroutable { await Task.yield() }
        }
        try await loopback.close()
    }

    @Test func aFullPeerIsReportedAndWhatItTookArrives() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.bulk(.plain)
        options.inboxCapacity = 2
        let router = try loopback.router(options)
        let dealer = try loopback.dealer(to: router, options)
        try await dealer.send("hello")
        let peer = try await router.next().peer
        let block = [UInt8](repeating: 5, count: 256 << 10)
        let sent = try await within {
            var sent = 0
            while true {
                let message = Multipart([Frame("\(sent)".utf8), Frame(block)], to: peer)
                let failure = await outcome { () async throws(SendError) in try await router.send(message) }
                if failure == .peerFull { return sent }
                #expect(failure == nil)
                sent += 1
            }
        }
        #expect(sent > 0)
        for number in 0..<sent { #expect(try await dealer.next().text == "\(number)") }
        // Nothing was queued behind the report: there is room again.
        try await within {
            while await outcome(of: { () async throws(SendError) in
                try await router.send(Multipart([Frame("again".utf8)], to: peer))
            }) == .peerFull { await Task.yield() }
        }
        #expect(try await dealer.next().text == "again")
        try await loopback.close()
    }

    /// Also where other messages were sent before, so that windows begin anywhere between libzmq's acknowledgements.
    @Test func aReadersWindowAlwaysFindsRoom() async throws {
        let loopback = try Loopback()
        let router = try loopback.router(.bulk(.plain))
        let dealer = try loopback.dealer(to: router, .bulk(.plain))
        try await dealer.send("hello")
        let peer = try await router.next().peer
        try await router.send(Multipart([Frame("welcome".utf8)], to: peer))
        #expect(try await dealer.next().text == "welcome")
        let block = Frame([UInt8](repeating: 5, count: 256 << 10))
        for window in 0..<8 {
            for number in 0..<8 {
                let message = Multipart([Frame("\(window) \(number)".utf8), block], to: peer)
                try await within { try await router.send(message) }
            }
            for number in 0..<8 { #expect(try await dealer.next().text == "\(window) \(number)") }
        }
        try await loopback.close()
    }

    @Test func anOversizedFrameCostsItsSenderTheConnectionAndNobodyElse() async throws {
        let loopback = try Loopback()
        var options = SocketOptions.control(.plain)
        options.maxFrameBytes = 64 << 10
        let router = try loopback.router(options)
        let (good, bad) = (try loopback.dealer(to: router), try loopback.dealer(to: router))
        try await good.send("before")
        let goodPeer = try await router.next().peer
        try await bad.send("hello")
        let badPeer = try await router.next().peer
        try await within { try await bad.send(Multipart([Frame(Array(repeating: 1, count: 128 << 10))])) }
        try await bad.event(.disconnected)
        #expect(try await router.event(.disconnected).peer == badPeer)
        try await good.send("after")
        let message = try await router.next()
        #expect(message.text == "after")
        #expect(message.peer == goodPeer)
        try await loopback.close()
    }

    @Test func aMessageOverTheLinksOwnLimitsIsRefusedToItsSender() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        var options = SocketOptions.control(.plain)
        (options.maxFrames, options.maxFrameBytes, options.maxMessageBytes) = (3, 100, 150)
        let dealer = try loopback.dealer(to: router, options)
        for sizes in [[1, 1, 1, 1], [101], [80, 80]] {
            let message = Multipart(sizes.map { Frame(Array(repeating: 1, count: $0)) })
            await #expect(throws: SendError.tooLarge) { try await dealer.send(message) }
        }
        try await dealer.send("still there")
        #expect(try await router.next().text == "still there")
        try await loopback.close()
    }

    @Test(arguments: [Violation.tooManyFrames, .tooLarge])
    func aMessageOverTheLimitsIsReportedAndCutsItsSender(_ violation: Violation) async throws {
        let loopback = try Loopback()
        var options = SocketOptions.control(.plain)
        options.maxFrames = 4
        options.maxMessageBytes = 1000
        let router = try loopback.router(options)
        var lax = SocketOptions.control(.plain)
        lax.maxFrames = 100
        let (good, bad) = (try loopback.dealer(to: router), try loopback.dealer(to: router, lax))
        try await bad.send("hello")
        let badPeer = try await router.next().peer
        let (frames, bytes) = violation == .tooManyFrames ? (50, 10) : (3, 600)
        try await within {
            try await bad.send(Multipart((0..<frames).map { _ in Frame(Array(repeating: 1, count: bytes)) }))
        }
        #expect(try await router.event(.violation(violation)).peer == badPeer)
        #expect(try await router.event(.disconnected).peer == badPeer)
        try await bad.event(.disconnected)
        try await good.send("after")
        #expect(try await router.next().text == "after")
        try await loopback.close()
    }

    @Test(arguments: ["GET / HTTP/1.0\r\n\r\n", "\u{1}\u{0}\u{0}", String(repeating: "\u{7F}", count: 4096)])
    func bytesThatAreNoZeroMQDisturbNobody(_ text: String) async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        try await dealer.send("before")
        let peer = try await router.next().peer
        let stranger = try Stranger(connectedTo: router.endpoint)
        stranger.write(text)
        stranger.hangUp()
        try await router.event { $0.kind == .disconnected || $0.kind == .handshakeFailed(.closed) }
        try await dealer.send("after")
        let message = try await router.next()
        #expect(message.text == "after")
        #expect(message.peer == peer)
        try await loopback.close()
    }

    @Test func disconnectingAPeerClosesItsConnectionAndItMayComeBack() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let dealer = try loopback.dealer(to: router)
        try await dealer.send("hello")
        let peer = try #require(try await router.next().peer)
        router.disconnect(peer)
        try await dealer.event(.disconnected)
        #expect(try await router.event(.disconnected).peer == peer)
        try await dealer.event(.ready)
        try await dealer.send("again")
        #expect(try await router.next().peer != peer)
        try await loopback.close()
    }

    /// Method: often, since without its time the message is lost nearly always, but not always.
    @Test func aLingeringDisconnectionLetsTheLastMessageArrive() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        for _ in 1...5 {
            let dealer = try loopback.dealer(to: router)
            try await dealer.send("hello")
            let peer = try #require(try await router.next().peer)
            router.post(Multipart([Frame("and farewell".utf8)], to: peer)) { _ in }
            router.disconnect(peer, lingers: true)
            #expect(try await dealer.next().text == "and farewell")
            try await dealer.event(.disconnected)
            await dealer.close()
        }
        try await loopback.close()
    }

    @Test func twoHundredClientsAreServedInOrderEach() async throws {
        let loopback = try Loopback()
        let router = try loopback.router()
        let (clients, rounds) = (200, 20)
        let links = try (0..<clients).map { _ in try loopback.dealer(to: router) }
        try await within(.seconds(50)) {
            try await withThrowingTaskGroup { group in
                for (number, link) in links.enumerated() {
                    group.addTask {
                        for round in 0..<rounds { try await link.send(Multipart([Frame("\(number) \(round)".utf8)])) }
                        let answer = try await link.next()
                        #expect(answer.text == "served \(number)")
                    }
                }
                var rounds = [Int](repeating: 0, count: clients)
                var peers: [PeerID: Int] = [:]
                for _ in 0..<clients * 20 {
                    let message = try await router.next()
                    let words = message.text.split(separator: " ").compactMap { Int($0) }
                    let peer = try #require(message.peer)
                    #expect(peers[peer, default: words[0]] == words[0])
                    #expect(rounds[words[0]] == words[1])
                    peers[peer] = words[0]
                    rounds[words[0]] += 1
                }
                for (peer, number) in peers { try await router.send("served \(number)", to: peer) }
                try await group.waitForAll()
            }
        }
        try await loopback.close()
    }
}
