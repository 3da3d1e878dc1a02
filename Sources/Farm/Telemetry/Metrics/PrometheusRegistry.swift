public import CoreMetrics
import Foundation

/// The metrics of this process, for whoever scrapes them: a backend of swift-metrics that writes Prometheus's text.
///
/// Counting is wait-free; the lock is only taken where a series begins and where all are written.
///
/// Unchecked because of the series, which are reached only under the lock. It is Foundation's, which the thread
/// sanitizer knows; see `Lock` of the module `Transport`.
public final class PrometheusRegistry: MetricsFactory, @unchecked Sendable {
    /// Series of one metric. What is beyond is measured by nobody: a mistake in a label costs detail, not memory.
    public static let seriesMax = 2_000

    private let declarations: [MetricDeclaration]
    private let byName: [String: MetricDeclaration]
    private let lock = NSLock()
    private var series: [String: [[String]: any AnyObject & Sendable]] = [:]

    /// - Precondition: no two of a name.
    public init(_ declarations: [MetricDeclaration]) {
        self.declarations = declarations
        byName = Dictionary(declarations.map { ($0.name, $0) }) { first, _ in
            preconditionFailure("\(first.name) is declared twice")
        }
    }

    /// All metrics that have a series, as declared, in text format 0.0.4.
    public func text() -> String {
        let series = lock.withLock { self.series }
        var text = PrometheusText()
        for declaration in declarations {
            guard let members = series[declaration.name], !members.isEmpty else { continue }
            text.begin(declaration)
            for (values, member) in members.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                switch member {
                case let scalar as ScalarSeries: text.add(declaration, values, scalar.value)
                case let histogram as HistogramSeries:
                    text.add(declaration, values, cumulative: histogram.cumulative, sum: histogram.sum)
                default: preconditionFailure("\(declaration.name) has a series of another kind")
                }
            }
        }
        return text.text
    }

    // MARK: Series

    /// The series of these label values; begun where there is none.
    ///
    /// - Precondition: the metric is declared, with these labels and for this use.
    private func member<Member: AnyObject & Sendable>(
        _ name: String, _ dimensions: [(String, String)], of type: Member.Type
    ) -> Member {
        guard let declaration = byName[name] else { preconditionFailure("the metric \(name) is not declared") }
        precondition(dimensions.map(\.0) == declaration.labels, "\(name) has the labels \(declaration.labels)")
        let values = dimensions.map(\.1)
        return lock.withLock {
            if let known = series[name]?[values] as? Member { return known }
            guard let fresh = Self.series(of: declaration) as? Member else {
                preconditionFailure("\(name) is a \(declaration.kind)")
            }
            if series[name, default: [:]].count < Self.seriesMax { series[name, default: [:]][values] = fresh }
            return fresh
        }
    }

    private static func series(of declaration: MetricDeclaration) -> any AnyObject & Sendable {
        switch declaration.kind {
        case .counter: ScalarSeries(onlyRises: true)
        case .gauge: ScalarSeries(onlyRises: false)
        case .histogram(let bounds): HistogramSeries(bounds: bounds)
        }
    }

    private func remove(_ handler: AnyObject) {
        lock.withLock {
            for (name, members) in series { series[name] = members.filter { $0.value !== handler } }
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        member(label, dimensions, of: ScalarSeries.self)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        member(label, dimensions, of: ScalarSeries.self)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        member(label, dimensions, of: ScalarSeries.self)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? member(label, dimensions, of: HistogramSeries.self) as any RecorderHandler
            : member(label, dimensions, of: ScalarSeries.self)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        member(label, dimensions, of: HistogramSeries.self)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
