import Testing

@testable import Transport

/// Goal: a closed connection is told as the loss of the right peer, also when its descriptor is used again at once.
struct ConnectionTableTests {
    private let anna = PeerID(bytes: [0, 1])
    private let bert = PeerID(bytes: [0, 2])

    @Test func aClosedConnectionNamesThePeerThatSpokeThroughIt() {
        var table = ConnectionTable()
        table.opened(7)
        let answer32 = table.received(from: anna, through: 7)
        #expect(answer32 == true)
        #expect(table.connection(of: anna) == 7)
        let answer33 = table.closed(7)
        #expect(answer33 == anna)
        let answer34 = table.closed(7)
        #expect(answer34 == nil)
        #expect(table.connection(of: anna) == nil)
    }

    @Test func aPeerThatNeverSpokeIsNotNamed() {
        var table = ConnectionTable()
        table.opened(7)
        let answer35 = table.closed(7)
        #expect(answer35 == nil)
    }

    @Test func lastWordsAfterTheClosingAreRecognised() {
        var table = ConnectionTable()
        table.opened(7)
        _ = table.closed(7)
        let answer36 = table.received(from: anna, through: 7)
        #expect(answer36 == false)
        #expect(table.connection(of: anna) == nil)
    }

    @Test func aReusedDescriptorBelongsToTheNewPeer() {
        var table = ConnectionTable()
        table.opened(7)
        _ = table.received(from: anna, through: 7)
        _ = table.closed(7)
        table.opened(7)
        let answer37 = table.received(from: bert, through: 7)
        #expect(answer37 == true)
        #expect(table.connection(of: anna) == nil)
        let answer38 = table.closed(7)
        #expect(answer38 == bert)
    }

    @Test func lastWordsDoNotTakeANewPeersConnectionFromIt() {
        var table = ConnectionTable()
        table.opened(7)
        _ = table.received(from: anna, through: 7)
        let answer39 = table.received(from: bert, through: 7)
        #expect(answer39 == true)
        #expect(table.connection(of: anna) == nil)
        #expect(table.knows(bert, through: 7))
    }
}

struct ConnectionEventTests {
    private func event(_ number: UInt16, _ value: UInt32) -> ConnectionEvent? {
        let bytes = withUnsafeBytes(of: number) { Array($0) } + withUnsafeBytes(of: value) { Array($0) }
        return ConnectionEvent(monitorFrames: [Frame(bytes), Frame("tcp://127.0.0.1:1".utf8)])
    }

    @Test func aMonitorsMessageBecomesAnEvent() {
        #expect(event(0x0200, 9) == ConnectionEvent(.disconnected, at: "tcp://127.0.0.1:1", connection: 9))
        #expect(event(0x0004, 250)?.kind == .retrying(after: .milliseconds(250)))
        #expect(event(0x4000, 400)?.kind == .notAdmitted)
        #expect(event(0x2000, 0x1100_0001)?.kind == .handshakeFailed(.wrongKey))
        #expect(event(0x2000, 0x1100_0002)?.kind == .handshakeFailed(.otherSecurity))
        #expect(event(0x2000, 5)?.kind == .handshakeFailed(.malformed(code: 5)))
    }

    @Test func anythingElseIsNoEvent() {
        #expect(event(0x0400, 0) == nil)
        #expect(ConnectionEvent(monitorFrames: []) == nil)
        #expect(ConnectionEvent(monitorFrames: [Frame([1, 2]), Frame([])]) == nil)
        #expect(ConnectionEvent(monitorFrames: [Frame([0, 2, 0, 0, 0, 0])]) == nil)
    }
}

/// Goal: a connecting link whose socket libzmq gave up on gets a new one, and one that libzmq cares for does not.
struct RenewalTests {
    private let start = ContinuousClock.now

    @Test func aDisconnectionWithoutARetryAsksForANewSocketOnce() {
        var renewal = Renewal(after: .seconds(1))
        renewal.noted(.notAdmitted, at: start)
        renewal.noted(.disconnected, at: start)
        let answers = [0.9, 1, 1.1, 2].map { renewal.isDue(at: start + .seconds($0)) }
        #expect(answers == [false, true, false, true])
        renewal.done()
        #expect(renewal.deadline == nil)
    }

    @Test(arguments: [ConnectionEvent.Kind.retrying(after: .seconds(1)), .connected, .ready])
    func aConnectionThatGoesOnNeedsNone(_ kind: ConnectionEvent.Kind) {
        var renewal = Renewal(after: .seconds(1))
        renewal.noted(.disconnected, at: start)
        renewal.noted(kind, at: start)
        #expect(renewal.deadline == nil)
    }
}
