import Foundation
import Testing

@testable import Telemetry

/// Goal: names and labels are those that were agreed on, here and wherever somebody looks at them.
@Suite struct FarmMetricTests {
    @Test func namesAreUniqueAndStartAlike() {
        let names = FarmMetric.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("storyfarm_") })
    }

    /// What has no end of values, or is nobody's business, is no label.
    @Test func labelsHaveFewValues() {
        let bounded: Set = [
            "state", "reason", "cause", "class", "phase", "kind", "method", "route", "status", "version",
        ]
        for metric in FarmMetric.all {
            #expect(Set(metric.labels).isSubset(of: bounded), "\(metric.name) has the labels \(metric.labels)")
        }
    }

    @Test func theDesignsMetricsAreThere() {
        let wanted: [String: [String]] = [
            "storyfarm_queue_depth": ["state"], "storyfarm_backlog_seconds": [], "storyfarm_oldest_ready_seconds": [],
            "storyfarm_workers": ["state"], "storyfarm_step_seconds": [], "storyfarm_results_fenced_total": ["reason"],
            "storyfarm_boundary_bytes_total": [], "storyfarm_event_loop_lag_seconds": [],
            "storyfarm_disk_bytes": ["kind"],
        ]
        let labels = Dictionary(uniqueKeysWithValues: FarmMetric.all.map { ($0.name, $0.labels) })
        for (name, wanted) in wanted { #expect(labels[name] == wanted, "\(name)") }
    }

    /// Method: every word that looks like a metric, in rules, their tests, the dashboard and the pages about them.
    @Test func rulesAndDashboardsNameNoOthers() throws {
        var known: Set<String> = []
        for metric in FarmMetric.all {
            switch metric.kind {
            case .counter, .gauge: known.insert(metric.name)
            case .histogram: known.formUnion(["_bucket", "_sum", "_count", ""].map { metric.name + $0 })
            }
        }
        let word = /\bstoryfarm_[a-z0-9_]+/
        var found = 0
        for folder in ["prometheus", "grafana"] {
            let place = Self.root.appending(path: "ops/\(folder)")
            for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
                guard [".yml", ".json", ".md"].contains(where: name.hasSuffix) else { continue }
                let text = try String(contentsOf: place.appending(path: name), encoding: .utf8)
                for match in text.matches(of: word) {
                    found += 1
                    #expect(known.contains(String(match.output)), "\(folder)/\(name)")
                }
            }
        }
        #expect(found > 40)
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}
