import Testing

@testable import Transport

/// Goal: who can't connect is told what is in the way, and leaves only where waiting mends nothing.
/// Method: connection events by hand, at moments that are made up.
@Suite struct ApproachTests {
    private let start = ContinuousClock.now

    private func approach(_ kinds: ConnectionEvent.Kind...) -> Approach {
        var approach = Approach()
        for kind in kinds { approach.note(kind, at: start) }
        return approach
    }

    @Test func everyObstacleLooksDifferent() {
        #expect(approach().stage == .unreached)
        #expect(approach(.retrying(after: .seconds(1))).stage == .unreached)
        #expect(approach(.connected).stage == .connected)
        #expect(approach(.connected, .disconnected).stage == .closedEarly)
        #expect(approach(.connected, .handshakeFailed(.closed)).stage == .closedEarly)
        #expect(approach(.connected, .notAdmitted, .disconnected).stage == .notAdmitted)
        #expect(approach(.connected, .ready).stage == .ready)
        #expect(approach(.connected, .ready, .disconnected).stage == .unreached)
    }

    /// One connection that is closed before the handshake.
    private func closing(_ approach: inout Approach, after time: Duration) -> [Approach.Remark] {
        let kinds = [ConnectionEvent.Kind.handshakeFailed(.closed), .disconnected]
        return [approach.note(.connected, at: start)].compactMap { $0 }
            + kinds.compactMap { approach.note($0, at: start + time) }
    }

    @Test func threeClosingsAtOnceAreSaidOnce() {
        var approach = Approach()
        let remarks = (1...4).map { _ in closing(&approach, after: .milliseconds(50)) }
        #expect(remarks == [[], [], [.unwelcome], []])
    }

    @Test func whoWasHeardOnceIsWaitedFor() {
        var approach = approach(.connected, .ready, .disconnected)
        let remarks = (1...5).flatMap { _ in closing(&approach, after: .milliseconds(50)) }
        #expect(remarks == [])
    }

    /// As of a machine that swaps: its handshakes time out, and its workers must not leave for that.
    @Test func aServerThatIsTooBusyToAnswerIsWaitedFor() {
        var approach = Approach()
        let remarks = (1...5).flatMap { _ in closing(&approach, after: .seconds(5)) }
        #expect(remarks == [] && approach.stage == .connected)
    }

    @Test func thatNobodyListensIsSaidOnceUntilSomebodyDid() {
        var approach = Approach()
        func remark(_ kind: ConnectionEvent.Kind) -> Approach.Remark? { approach.note(kind, at: start) }
        let retrying = ConnectionEvent.Kind.retrying(after: .seconds(1))
        let first = [remark(retrying), remark(retrying)]
        let second = [remark(.connected), remark(.ready), remark(.disconnected), remark(retrying)]
        #expect(first == [.nobodyListens, nil])
        #expect(second == [nil, nil, nil, .nobodyListens])
    }
}
