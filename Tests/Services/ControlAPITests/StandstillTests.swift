import Testing

@testable import ControlAPI

/// Goal: whoever takes nothing of an answer is found out, and nobody who takes anything. Method: looks by hand.
@Suite struct StandstillTests {
    @Test func whoTakesAByteBetweenTwoLooksGoesOn() {
        var uptake = Uptake()
        uptake.write(1_000)
        for waiting in stride(from: 999, to: 0, by: -1) { #expect(uptake.look(waiting: waiting) == .moving) }
        #expect(uptake.look(waiting: 0) == .whole)
    }

    @Test func whatIsWrittenMeanwhileIsNotTaken() {
        var uptake = Uptake()
        uptake.write(1_000)
        #expect(uptake.look(waiting: 400) == .moving)
        uptake.write(1_000)
        #expect(uptake.look(waiting: 1_400) == .still)
    }

    @Test func whoTakesNothingFromTheBeginningStandsStill() {
        var uptake = Uptake()
        uptake.write(10)
        #expect(uptake.look(waiting: 0) == .whole)
        uptake.write(1_000)
        #expect(uptake.look(waiting: 1_000) == .still)
    }
}
