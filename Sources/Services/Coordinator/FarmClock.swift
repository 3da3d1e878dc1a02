import Farm

/// The farm's monotonic time.
struct FarmClock: Sendable {
    private let start = ContinuousClock.now

    var now: Moment { Moment(microseconds: Int64((ContinuousClock.now - start) / .microseconds(1))) }

    func instant(of moment: Moment) -> ContinuousClock.Instant { start + .microseconds(moment.microseconds) }
}
