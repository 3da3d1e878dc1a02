import Control
import CoreMetrics
import Farm
import Foundation
import Logging
import Storage
import Telemetry

extension Dispatcher {
    // MARK: For machines that watch

    /// Between two looks at how late this actor takes its turn.
    private static let lagInterval = Duration.milliseconds(250)

    func census() -> FarmCensus {
        let waiting = sightings.readySince.lazy.filter { self.farm.stories[$0.key.story]?.isPaused == false }
        return FarmCensus(
            farm, connected: { connections[$0] != nil }, steps: { sightings.segments[$0]?.step },
            oldestReady: waiting.map(\.value).min().map { clock.now - $0 })
    }

    /// Sets what is not counted as it happens.
    func measure() {
        let now = clock.now
        // Many who scrape do not keep it from deciding.
        if measured.map({ now - $0 >= configuration.censusPause }) ?? true {
            meters.note(census())
            measured = now
        }
        meters.ledgerWritable.set(problem == nil ? 1 : 0)
    }

    /// Measures how late this actor takes its turn, until the task is cancelled.
    nonisolated func watchLag() async {
        var due = ContinuousClock.now
        while true {
            due += Self.lagInterval
            guard (try? await ContinuousClock().sleep(until: due)) != nil else { return }
            await takeTurn()
            let now = ContinuousClock.now
            meters.eventLoopLag.record(now - due)
            // What was slept through is one lateness, not many.
            due = max(due, now - Self.lagInterval)
        }
    }

    private func takeTurn() {}

    /// - Parameter boundaryBytes: of all boundary logs.
    func measureDisk(boundaryBytes: Int) async {
        let ledger = ["ledger.sqlite", "ledger.sqlite-wal"].reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(configuration.folder)/\(name)")
            return sum + (facts?[.size] as? Int ?? 0)
        }
        if let free = await vault.sharedFreeBytes() { meters.sharedDiskFree?.set(free) }
        let kept = await vault.usageByKind()
        do {
            meters.disk.set([
                .free: try await vault.freeBytes(), .boundaries: boundaryBytes, .ledger: ledger,
                .checkpoints: kept[.checkpoint] ?? 0, .latents: kept[.latents] ?? 0, .videos: kept[.video] ?? 0,
                .films: await films.byteCount(),
            ])
        } catch {
            logger.error("disk not looked at", metadata: ["error": "\(error)"])
        }
    }

    /// Whether the farm can take stories, and what keeps it from that.
    func health() async -> HealthReport {
        var checks = [HealthReport.Check(name: "ledger", problem: problem == nil ? nil : "can't be written")]
        checks.append(.init(name: "sockets", problem: isServing ? nil : "are closed"))
        do {
            let free = try await vault.freeBytes()
            let isFull = free < configuration.retention.reservedBytes
            checks.append(.init(name: "disk", problem: isFull ? "has less room than its reserve" : nil))
        } catch {
            checks.append(.init(name: "disk", problem: "can't be looked at"))
        }
        return HealthReport(checks: checks)
    }
}
