public import CoreMetrics

extension MetricDeclaration {
    /// - Parameter values: of its labels, in their order.
    public func counter(_ values: String..., in factory: any MetricsFactory) -> Counter {
        Counter(label: name, dimensions: dimensions(values), factory: factory)
    }

    public func gauge(_ values: String..., in factory: any MetricsFactory) -> Meter {
        Meter(label: name, dimensions: dimensions(values), factory: factory)
    }

    public func timer(_ values: String..., in factory: any MetricsFactory) -> Timer {
        Timer(label: name, dimensions: dimensions(values), factory: factory)
    }

    private func dimensions(_ values: [String]) -> [(String, String)] {
        precondition(values.count == labels.count, "\(name) has the labels \(labels), not \(values.count) of them")
        return Array(zip(labels, values))
    }
}

/// One counter for each value of a label; all are there from the start, so that a rate sees the first of each.
public struct CounterFamily<Value: Hashable & CaseIterable & Sendable>: Sendable {
    private let counters: [Value: Counter]

    public init(_ metric: MetricDeclaration, in factory: any MetricsFactory) {
        counters = Dictionary(
            uniqueKeysWithValues: Value.allCases.map { ($0, metric.counter("\($0)", in: factory)) })
    }

    public func increment(_ value: Value) { counters[value]?.increment() }
}

/// One gauge for each value of a label; those that nothing is said of are 0.
public struct GaugeFamily<Value: Hashable & CaseIterable & Sendable>: Sendable {
    private let gauges: [Value: Meter]

    public init(_ metric: MetricDeclaration, in factory: any MetricsFactory) {
        gauges = Dictionary(
            uniqueKeysWithValues: Value.allCases.map { ($0, metric.gauge("\($0)", in: factory)) })
    }

    public func set(_ numbers: [Value: Int]) {
        for (value, gauge) in gauges { gauge.set(numbers[value] ?? 0) }
    }
}

extension Timer {
    /// Records how long it took since `start`.
    public func record(since start: ContinuousClock.Instant) {
        recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
    }

    public func record(_ duration: Duration) { recordNanoseconds(Int64(duration / .nanoseconds(1))) }
}
