import DurableFile
import Farm
import Logging
import Storage
import Telemetry
import Wire

/// What the ``Vault`` asks before it lets a report pass.
extension Relay {
    /// Makes a segment's records durable; other boundaries go on while its caller's thread waits for the disk.
    ///
    /// - Returns: false where the disk failed to: then the stream begins anew.
    func settle(_ attempt: AttemptID, on vault: isolated Vault) async -> Bool {
        switch await beginSettling(attempt) {
        case .nothing: true
        case .failed: false
        case .sync(let sync): await endSettling(attempt, sync, sync.perform())
        }
    }

    private enum Settling {
        case nothing, failed
        case sync(BoundarySync)
    }

    private func beginSettling(_ attempt: AttemptID) -> Settling {
        guard exchange.head(of: attempt.segment) > 0 else { return .nothing }
        do { return try log.beginSynchronizing(attempt.segment).map { .sync($0) } ?? .nothing } catch {
            beginAnew(attempt, error)
            return .failed
        }
    }

    private func endSettling(_ attempt: AttemptID, _ sync: BoundarySync, _ outcome: Result<Void, FileError>) -> Bool {
        do {
            try log.endSynchronizing(sync, outcome)
            return true
        } catch {
            beginAnew(attempt, error)
            return false
        }
    }

    private func beginAnew(_ attempt: AttemptID, _ error: StorageError) {
        logger.error("boundary log not durable", metadata: .attempt(attempt).adding(["error": "\(error)"]))
        try? log.remove(attempt.segment)
        reports.yield(.event(.conflicted(attempt.stream, step: 0)))
    }

    /// A segment's log failed. One that is damaged would fail for ever: it goes, and its records are made again.
    func note(_ error: StorageError, in stream: StreamID) {
        let metadata = Logger.Metadata.segment(stream.segment).adding(["error": "\(error)"])
        if error.isDiskFull { reports.yield(.diskFull) }
        switch error.reason {
        case .damaged, .foreign, .unreliable:
            logger.error("boundary log damaged and removed", metadata: metadata)
            do { try log.remove(stream.segment) } catch {
                return logger.error("boundary log not removed", metadata: metadata.adding(["error": "\(error)"]))
            }
            exchange.lose(stream.segment)
            reports.yield(.event(.lost(stream, head: 0)))
        case .system, .reserved, .missing, .formatVersion, .wrongChecksum, .misplaced, .beyondEnd, .incomplete,
            .wrongDigest, .ended:
            logger.error("boundary log failed", metadata: metadata)
        }
    }

    /// Whether what an attempt says to have read is what the log holds.
    func matches(_ attempt: AttemptID, _ consumed: Consumed) -> Bool {
        guard let terms = terms[attempt.segment.story], attempt.segment.number > 1 else { return true }
        let before = SegmentID(story: attempt.segment.story, number: attempt.segment.number - 1)
        var digest = RunningDigest()
        for step in terms.read(before: terms.steps) {
            guard let record = exchange.record(of: before, at: step) else { return false }
            digest.add(step: UInt32(step), checksum: record.checksum)
        }
        return digest.value == consumed.digest
    }
}
