import Farm
import Foundation
import Ledger
import Storage
import StorageSamples

/// The machine that the coordinator runs on, with the production log, store and ledger.
///
/// What a process wrote outlives it; what was not synced does not outlive the machine. Of the ledger only what was
/// committed is left either way: SQLite is trusted, in memory for speed, for some seeds as the file that it is.
final class HeadNode {
    let disk = SimulatedDisk()
    private(set) var log: BoundaryLog
    private(set) var store: ArtifactStore
    private(set) var ledger: Ledger
    private let file: String?

    private static let boundaries = DiskPath(["boundaries"])
    private static let artifacts = DiskPath(["artifacts"])
    /// A submission is refused where there is less room.
    static let watermark = 1 << 10

    /// - Parameter hasFile: whether the ledger is one.
    init(hasFile: Bool) throws {
        file =
            hasFile
            ? FileManager.default.temporaryDirectory.appendingPathComponent("SimulationTests-\(UUID().uuidString)").path
            : nil
        log = try BoundaryLog(on: disk, at: Self.boundaries)
        store = try ArtifactStore(on: disk, at: Self.artifacts)
        ledger = try file.map { try Ledger(path: $0) } ?? Ledger.inMemory()
    }

    deinit {
        guard let file else { return }
        for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: file + suffix) }
    }

    /// Another process begins: nothing that the last one had open is of use to it.
    func reopen() throws {
        log = try BoundaryLog(on: disk, at: Self.boundaries)
        store = try ArtifactStore(on: disk, at: Self.artifacts)
        guard let file else { return }
        try ledger.close()
        ledger = try Ledger(path: file)
    }

    var isFull: Bool { disk.capacity < .max && disk.usedBytes >= disk.capacity }
    var isNearlyFull: Bool { disk.capacity < .max && disk.usedBytes + Self.watermark > disk.capacity }

    // MARK: Boundaries

    func boundary(of stream: StreamID, at step: Int) throws -> Boundary? {
        let entry = try log.entries(of: stream.segment).last {
            $0.generation == stream.generation && Int($0.step) == step
        }
        guard let entry else { return nil }
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        try bytes.withUnsafeMutableBytes { try log.read(entry, into: $0) }
        let boundary = Boundary(value: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        return boundary.checksum == entry.checksum ? boundary : nil
    }

    /// The records that a segment's stream holds under its generations.
    func records(of id: SegmentID, _ generations: [GenerationSpan]) throws -> [BoundaryExchange.Record] {
        let entries = try log.entries(of: id)
        var records: [BoundaryExchange.Record] = []
        while true {
            let step = records.count
            guard let owner = generations.last(where: { $0.fromStep <= step })?.generation,
                let entry = entries.first(where: { $0.generation == owner && Int($0.step) == step })
            else { return records }
            records.append(.init(generation: owner, checksum: entry.checksum))
        }
    }

    // MARK: Files

    func write(_ bytes: [UInt8], as subject: ArtifactSubject) throws -> Artifact {
        let artifact = Artifact(of: bytes)
        let upload = try store.begin(subject, byteCount: bytes.count)
        try bytes.withUnsafeBytes { try upload.append($0, at: 0) }
        _ = try upload.finish(expecting: artifact.digest)
        return artifact
    }

    func holds(_ file: Artifact, as subject: ArtifactSubject) -> Bool {
        store.artifact(ArtifactID(subject, digest: file.digest))?.byteCount == file.bytes
    }

    func read(_ file: Artifact, as subject: ArtifactSubject) throws -> [UInt8]? {
        guard holds(file, as: subject) else { return nil }
        var bytes = [UInt8](repeating: 0, count: file.bytes)
        try bytes.withUnsafeMutableBytes { try store.read(ArtifactID(subject, digest: file.digest), at: 0, into: $0) }
        return Artifact(of: bytes) == file ? bytes : nil
    }

    /// Nobody says of which kind a refused file was.
    func drop(_ file: Artifact, of segment: SegmentID) throws {
        for subject in [ArtifactSubject.checkpoint(segment), .latents(segment), .video(segment)] {
            try store.remove(ArtifactID(subject, digest: file.digest))
        }
    }

    /// Removes what no record names: an upload whose report was never heard, a removal that a crash undid.
    func sweep(keeping farm: FarmMachine) throws {
        for story in store.stories {
            guard farm.stories[story] != nil else {
                try store.remove(story)
                continue
            }
            for artifact in store.artifacts(of: story) {
                let file = Artifact(bytes: artifact.byteCount, digest: artifact.id.digest)
                if let segment = artifact.id.subject.segment, farm.keeps(segment, file) { continue }
                try store.remove(artifact.id)
            }
        }
    }
}

extension ArtifactSubject {
    var segment: SegmentID? {
        switch self {
        case .checkpoint(let segment), .latents(let segment), .video(let segment): segment
        case .story: nil
        }
    }
}
