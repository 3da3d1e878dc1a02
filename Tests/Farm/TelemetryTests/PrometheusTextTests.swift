import CoreMetrics
import Testing

@testable import Telemetry

/// Goal: what is scraped is text format 0.0.4, to the letter. Method: whole texts.
@Suite struct PrometheusTextTests {
    private let requests = MetricDeclaration("requests_total", .counter, "Asked for.", labels: ["route", "status"])
    private let free = MetricDeclaration("free_bytes", .gauge, "Room\nin C:\\ \"here\".")
    private let time = MetricDeclaration(
        "time_seconds", .histogram(bounds: [0.001, 0.5, 2]), "Took so long.", labels: ["route"])

    @Test func nothingMeasuredIsNothingWritten() {
        #expect(PrometheusRegistry([requests, free, time]).text() == "")
    }

    @Test func metricsComeAsDeclaredAndSeriesByTheirLabels() {
        let registry = PrometheusRegistry([requests, free])
        free.gauge(in: registry).set(-0.25)
        requests.counter("/v1/stories/{id}", "404", in: registry).increment(by: 3)
        requests.counter("/v1/queue", "200", in: registry).increment()
        requests.counter("/v1/stories/{id}", "200", in: registry).increment(by: 1_234_567_890_123)
        #expect(
            registry.text() == """
                # HELP requests_total Asked for.
                # TYPE requests_total counter
                requests_total{route="/v1/queue",status="200"} 1
                requests_total{route="/v1/stories/{id}",status="200"} 1234567890123
                requests_total{route="/v1/stories/{id}",status="404"} 3
                # HELP free_bytes Room\\nin C:\\\\ "here".
                # TYPE free_bytes gauge
                free_bytes -0.25

                """)
    }

    @Test func bucketsAreCumulativeAndEndAtInfinity() {
        let registry = PrometheusRegistry([time])
        let timer = time.timer("a", in: registry)
        for milliseconds in [1, 2, 500, 501, 3_000, 10_000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            registry.text() == """
                # HELP time_seconds Took so long.
                # TYPE time_seconds histogram
                time_seconds_bucket{route="a",le="0.001"} 1
                time_seconds_bucket{route="a",le="0.5"} 3
                time_seconds_bucket{route="a",le="2"} 4
                time_seconds_bucket{route="a",le="+Inf"} 6
                time_seconds_sum{route="a"} 14.004
                time_seconds_count{route="a"} 6

                """)
    }

    @Test func whatLabelsHoldIsEscaped() {
        let registry = PrometheusRegistry([requests])
        requests.counter("a\"b\\c\nd\r\ne", "", in: registry).increment()
        #expect(registry.text().contains(#"requests_total{route="a\"b\\c\nd"# + "\r" + #"\ne",status=""} 1"#))
    }

    @Test(arguments: [
        (0.0, "0"), (-3, "-3"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e16, "1e+16"), (2.5e-7, "2.5e-07"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func numbersAreThoseThatGoReads(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }
}
