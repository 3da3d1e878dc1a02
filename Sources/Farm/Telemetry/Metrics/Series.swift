import CoreMetrics
import Synchronization

/// A number that threads add to without waiting for each other.
final class AtomicNumber: Sendable {
    private let bits = Atomic<UInt64>((0.0).bitPattern)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (isDone, current) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if isDone { return }
            old = current
        }
    }
}

/// One number: of a counter or a gauge.
final class ScalarSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let number = AtomicNumber()
    private let onlyRises: Bool

    var value: Double { number.value }

    init(onlyRises: Bool) { self.onlyRises = onlyRises }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// What a counter must not do, it does not: neither fall nor become no number.
    func increment(by amount: Double) {
        guard !onlyRises || (amount >= 0 && amount.isFinite) else { return }
        number.add(amount)
    }

    func decrement(by amount: Double) { increment(by: -amount) }
    func set(_ value: Int64) { number.set(Double(value)) }
    func set(_ value: Double) { number.set(value) }
    func record(_ value: Int64) { number.set(Double(value)) }
    func record(_ value: Double) { number.set(value) }
    func reset() { number.set(0) }
}

/// How often values fell between the bounds, and their sum.
final class HistogramSeries: TimerHandler, RecorderHandler {
    private let bounds: [Double]
    /// Of the values up to each bound and above the one before; the last are those above all bounds.
    private let counts: [Count]
    private let total = AtomicNumber()

    private final class Count: Sendable {
        let value = Atomic<UInt64>(0)
    }

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Count() }
    }

    /// How many values were at most each bound; the last is of all values.
    var cumulative: [UInt64] {
        var sum: UInt64 = 0
        return counts.map {
            sum += $0.value.load(ordering: .relaxed)
            return sum
        }
    }

    var sum: Double { total.value }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts[place].value.add(1, ordering: .relaxed)
        total.add(value)
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
