public import Control
public import Telemetry

/// What machines that watch a farm are told: its metrics, and whether it can do its work.
public struct Observation: Sendable {
    /// What is written at `/metrics`; requests are counted there too.
    public var metrics: PrometheusRegistry
    /// Brings up to date what is not counted as it happens, before the metrics are written.
    public var measure: @Sendable () async -> Void
    public var health: @Sendable () async -> HealthReport

    public init(
        metrics: PrometheusRegistry = PrometheusRegistry(FarmMetric.all),
        measure: @escaping @Sendable () async -> Void = {},
        health: @escaping @Sendable () async -> HealthReport = { HealthReport(checks: []) }
    ) {
        (self.metrics, self.measure, self.health) = (metrics, measure, health)
    }
}
