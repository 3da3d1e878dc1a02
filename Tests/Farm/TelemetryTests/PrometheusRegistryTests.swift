import CoreMetrics
import Dispatch
import Testing

@testable import Telemetry

/// Goal: whatever swift-metrics asks of a backend is done, by any number of threads at once, and nothing is lost.
@Suite struct PrometheusRegistryTests {
    private let count = MetricDeclaration("count_total", .counter, "Counts.")
    private let level = MetricDeclaration("level", .gauge, "A level.", labels: ["kind"])
    private let time = MetricDeclaration("time_seconds", .histogram(bounds: [1, 2]), "Takes.")
    private let size = MetricDeclaration("size_bytes", .histogram(bounds: [10]), "Sizes.")

    @Test func everyKindOfHandleHasASeries() {
        let registry = PrometheusRegistry([count, level, time, size])
        Counter(label: "count_total", factory: registry).increment(by: 2)
        FloatingPointCounter(label: "count_total", factory: registry).increment(by: 0.5)
        Gauge(label: "level", dimensions: [("kind", "a")], factory: registry).record(7)
        let meter = Meter(label: "level", dimensions: [("kind", "b")], factory: registry)
        meter.set(10)
        meter.increment(by: 2.5)
        meter.decrement()
        Timer(label: "time_seconds", factory: registry).recordSeconds(1.5)
        Recorder(label: "size_bytes", factory: registry).record(11)
        let lines = Set(registry.text().split(separator: "\n"))
        let expected: Set<Substring> = [
            "count_total 2.5", #"level{kind="a"} 7"#, #"level{kind="b"} 11.5"#, "time_seconds_sum 1.5",
            #"time_seconds_bucket{le="2"} 1"#, #"time_seconds_bucket{le="1"} 0"#, #"size_bytes_bucket{le="10"} 0"#,
            "size_bytes_count 1",
        ]
        #expect(expected.subtracting(lines) == [])
    }

    @Test func aCounterDoesNotFall() {
        let registry = PrometheusRegistry([count])
        let counter = count.counter(in: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        FloatingPointCounter(label: "count_total", factory: registry).increment(by: Double.nan)
        #expect(registry.text().hasSuffix("count_total 5\n"))
        counter.reset()
        #expect(registry.text().hasSuffix("count_total 0\n"))
    }

    @Test func aDestroyedSeriesIsGoneAndBeginsAnew() {
        let registry = PrometheusRegistry([level])
        let gauge = level.gauge("a", in: registry)
        level.gauge("b", in: registry).set(2)
        gauge.set(1)
        gauge.destroy()
        #expect(registry.text().hasSuffix("gauge\nlevel{kind=\"b\"} 2\n"))
        level.gauge("a", in: registry).increment()
        #expect(registry.text().contains("level{kind=\"a\"} 1\n"))
    }

    @Test func familiesHaveEveryValueFromTheStart() {
        enum Colour: CaseIterable, Sendable { case red, green }
        let registry = PrometheusRegistry([level])
        let family = GaugeFamily<Colour>(level, in: registry)
        #expect(registry.text().hasSuffix("level{kind=\"green\"} 0\nlevel{kind=\"red\"} 0\n"))
        family.set([.red: 3])
        family.set([.green: 1])
        #expect(registry.text().hasSuffix("level{kind=\"green\"} 1\nlevel{kind=\"red\"} 0\n"))
    }

    @Test func moreSeriesThanAnybodyReadsAreNotKept() {
        let registry = PrometheusRegistry([level])
        for number in 0..<PrometheusRegistry.seriesMax + 50 { level.gauge("\(number)", in: registry).set(1) }
        #expect(registry.text().split(separator: "\n").count == 2 + PrometheusRegistry.seriesMax)
    }

    /// Method: threads make the same handles and count while another one reads.
    @Test func threadsLoseNothing() {
        let (threads, each) = (8, 5_000)
        let registry = PrometheusRegistry([count, level, time])
        DispatchQueue.concurrentPerform(iterations: threads + 1) { thread in
            guard thread < threads else {
                for _ in 0..<20 { _ = registry.text() }
                return
            }
            let (counter, timer) = (count.counter(in: registry), time.timer(in: registry))
            let meter = level.gauge("\(thread % 2)", in: registry)
            for number in 0..<each {
                counter.increment()
                timer.recordSeconds(number % 3)
                meter.increment(by: 0.5)
            }
        }
        let lines = Set(registry.text().split(separator: "\n"))
        let zeros = threads * ((each + 2) / 3 + (each + 1) / 3)
        let sum = threads * (0..<each).reduce(0) { $0 + $1 % 3 }
        let expected = [
            "count_total \(threads * each)", "time_seconds_count \(threads * each)", "time_seconds_sum \(sum)",
            "time_seconds_bucket{le=\"1\"} \(zeros)", "level{kind=\"0\"} \(threads * each / 4)",
            "level{kind=\"1\"} \(threads * each / 4)",
        ]
        for line in expected { #expect(lines.contains(line[...]), "\(line)") }
    }
}
