import Control
import CoreMetrics
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Synchronization
import Telemetry
import Testing

@testable import ControlAPI

/// Goal: machines that watch a farm find what they look for where they look, and strangers find nothing of it.
@Suite struct ObservationTests {
    @Test func metricsAreMeasuredForEachScrape() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        let epoch = FarmMetric.epoch.gauge(in: metrics)
        let observation = Observation(metrics: metrics, measure: { epoch.increment() })
        try await AskedFarm.with(observation: observation) { asked in
            _ = try await asked.ask(.get, "/metrics")
            let answer = try await asked.ask(.get, "/metrics")
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("\nstoryfarm_epoch 2\n"))
        }
    }

    @Test func metricsWantATokenAndHealthDoesNot() async throws {
        try await AskedFarm.with { asked async throws in
            let stranger: HTTPFields = [.authorization: "Bearer 0123"]
            #expect(try await asked.ask(.get, "/metrics", headers: stranger).problem().status == 401)
            for address in ["/health/live", "/health/ready", "/v1/health"] {
                #expect(try await asked.ask(.get, address, headers: stranger).status == .ok, "\(address)")
            }
            let evil: HTTPFields = [.origin: "http://evil.example"]
            #expect(try await asked.ask(.get, "/health/ready", headers: evil).problem().status == 403)
        }
    }

    @Test func aFarmThatCannotWorkIsNotReadyAndSaysWhy() async throws {
        let report = HealthReport(checks: [.init(name: "ledger"), .init(name: "disk", problem: "is full")])
        try await AskedFarm.with(observation: Observation(health: { report })) { asked async throws in
            let answer = try await asked.ask(.get, "/health/ready")
            #expect(answer.status == .serviceUnavailable)
            #expect(try answer.form(HealthReport.self) == report)
            // It lives: to start it again would help nobody.
            #expect(try await asked.ask(.get, "/health/live").status == .ok)
        }
    }

    /// Method: addresses and methods that anybody may make up.
    @Test func requestsAreCountedByRoute() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await AskedFarm.with(observation: Observation(metrics: metrics)) { asked in
            for number in 1...50 { _ = try await asked.ask(.get, "/v1/stories/\(number)") }
            for number in 1...50 { _ = try await asked.ask(.get, "/v1/made/up/\(number)") }
            for number in 1...20 { _ = try await asked.ask(HTTPRequest.Method("MADE\(number)")!, "/v1/queue") }
            _ = try await asked.ask(.get, "/v1/queue", headers: [.authorization: "none"])
        }
        let lines = metrics.text().split(separator: "\n")
        let requests = lines.filter { $0.hasPrefix("storyfarm_http_requests_total{") }
        #expect(requests.count == 4)
        #expect(requests.contains { $0.hasPrefix("storyfarm_http_requests_total{method=\"GET\",route=\"/v1/stories/") })
        #expect(requests.filter { $0.hasSuffix(" 50") }.count == 2)
        #expect(requests.contains { $0.hasPrefix("storyfarm_http_requests_total{method=\"other\"") })
        #expect(requests.contains { $0.hasSuffix(",status=\"401\"} 1") })
    }

    @Test func listenersAreCountedWhileTheyListen() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        @Sendable func listeners() -> Substring? {
            metrics.text().split(separator: "\n").first { $0.hasPrefix("storyfarm_event_listeners ") }
        }
        try await AskedFarm.with(observation: Observation(metrics: metrics)) { asked in
            async let answer = asked.ask(.get, "/v1/events")
            while listeners() != "storyfarm_event_listeners 1" { await Task.yield() }
            await asked.farm.dropListeners()
            _ = try await answer
            #expect(listeners() == "storyfarm_event_listeners 0")
        }
    }
}
