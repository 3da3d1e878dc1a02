import Control
import Farm
import Logging
import Synchronization
import Testing
import Wire

/// Goal: what the coordinator logs of an attempt can be put beside what its worker logged of it.
/// Method: a scripted worker that fails, is late, and is asked for its segment.
@Suite(.timeLimit(.minutes(5))) struct AttemptLogTests {
    /// What was logged, as `message` and `attempt`.
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let attempt = event.metadata?["attempt"].map { "\($0)" } ?? "of none"
            lines.all.withLock { $0.append("\(event.message) \(attempt)") }
        }
    }

    @Test func failuresLateReportsAndRecallsNameTheirAttempt() async throws {
        let lines = Lines()
        try await withHome { home in
            try await home.open(logger: Logger(label: "test") { _ in Handler(lines: lines) }) { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                let story = try await farm.submit(OpenFarm.story(segments: 1))
                let first = try await worker.grant().attempt
                await worker.letGo(first)
                for outcome in [ReportOutcome.accepted, .stale] {
                    try await worker.say(
                        .failed(
                            .init(
                                attempt: first, phase: .denoising, failureClass: .deviceFault, detail: "", step: 1,
                                neededBytes: 0, availableBytes: 0)))
                    #expect(try await worker.verdict(on: first, .failed) == outcome)
                }
                let second = try await worker.grant().attempt
                try await farm.control.command(.pause, on: story)
                func name(_ attempt: AttemptID) -> String { "\(attempt.lease.epoch).\(attempt.lease.number)" }
                for line in [
                    "attempt failed \(name(first))",
                    "a late failed of an earlier lease was refused \(name(first))",
                    "recalled: paused \(name(second))",
                ] {
                    while !lines.all.withLock({ $0.contains(line) }) { await Task.yield() }
                }
            }
        }
    }
}
