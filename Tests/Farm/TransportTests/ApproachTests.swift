import Testing

@testable import Transport

/// Goal: who can't connect is told what is in the way. Method: connection events by hand.
@Suite struct ApproachTests {
    private func approach(_ kinds: ConnectionEvent.Kind...) -> Approach {
        var approach = Approach()
        for kind in kinds { approach.note(kind) }
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

    @Test func earlyClosingsAreCountedUntilOneSucceeds() {
        var approach = Approach()
        for _ in 0..<3 {
            // Both may be told of one connection.
            for kind in [ConnectionEvent.Kind.connected, .handshakeFailed(.closed), .disconnected] {
                approach.note(kind)
            }
        }
        #expect(approach.earlyClosings == 3)
        approach.note(.connected)
        approach.note(.ready)
        #expect(approach.earlyClosings == 0)
    }
}
