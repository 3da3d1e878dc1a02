import Farm
import GRDB

/// Segments that anything ever happened to.
enum SegmentTable {
    private static let columns = [
        "story", "number", "state", "phase", "leaseEpoch", "leaseNumber", "worker", "generations", "checkpoints",
        "latents", "video", "failures", "losses", "failedOn", "notFinite", "memoryFloor", "writer", "note",
    ]
    private static let insertion = upsert(into: "segment", key: ["story", "number"], columns: columns)
    private static let selection =
        "SELECT \(columns.joined(separator: ", ")) FROM segment ORDER BY story, number"

    static func write(
        _ segment: SegmentRecord, of id: SegmentID, kinds: inout KindCatalog, in database: Database
    ) throws {
        try database.run(insertion) { row in
            row.append(id.story.rawValue)
            row.append(Int(id.number))
            row.append(segment.state)
            row.append(segment.holding?.phase)
            row.append(segment.holding?.lease.epoch)
            row.append(segment.holding?.lease.number)
            row.append(segment.holding.map { packed($0.worker) })
            row.append { for span in segment.generations { $0.write(span) } }
            try row.append { try write(segment.checkpoints, to: &$0, kinds: &kinds, in: database) }
            row.append(segment.latents.map(packed))
            row.append(segment.video.map(packed))
            row.append(segment.failures)
            row.append(segment.losses)
            row.append { for device in segment.failedOn { $0.write(device) } }
            row.append {
                for seen in segment.notFinite {
                    $0.write(seen.step)
                    $0.write(seen.device)
                }
            }
            row.append(segment.memoryFloor)
            row.append(try segment.writer.map { try kinds.number(of: $0, in: database) })
            row.append(segment.note)
        }
    }

    private static func write(
        _ checkpoints: [SegmentRecord.Checkpoint], to writer: inout PackedWriter, kinds: inout KindCatalog,
        in database: Database
    ) throws {
        for checkpoint in checkpoints {
            writer.write(checkpoint.step)
            writer.write(checkpoint.file)
            writer.write(checkpoint.consumed)
            writer.write(Int(try kinds.number(of: checkpoint.kind, in: database)))
        }
    }

    private static func packed(_ latents: SegmentRecord.Latents) -> [UInt8] {
        var writer = PackedWriter()
        writer.write(latents.file)
        writer.write(latents.consumed)
        writer.write(latents.lease)
        return writer.bytes
    }

    private static func packed(_ worker: WorkerID) -> [UInt8] {
        var writer = PackedWriter()
        writer.write(worker)
        return writer.bytes
    }

    private static func packed(_ video: SegmentRecord.Video) -> [UInt8] {
        var writer = PackedWriter()
        writer.write(video.file)
        writer.write(video.lease)
        return writer.bytes
    }

    /// All segments, by story and number, both rising.
    static func readAll(
        kinds: inout KindCatalog, in database: Database, _ body: (SegmentID, SegmentRecord) throws -> Void
    ) throws {
        try database.forEachRow(of: selection) { row in
            let story = StoryID(rawValue: try row.unsigned())
            guard let number = UInt32(exactly: try row.integer()) else {
                throw Damage("a segment of story \(story.rawValue) has no possible number")
            }
            try body(
                SegmentID(story: story, number: number), try segment(of: &row, kinds: &kinds, in: database))
        }
    }

    private static func segment(
        of row: inout Columns, kinds: inout KindCatalog, in database: Database
    ) throws -> SegmentRecord {
        SegmentRecord(
            state: try row.name(), holding: try holding(&row), generations: try generations(&row),
            checkpoints: try row.bytes { reader in
                try reader.list { try checkpoint(&$0, kinds: &kinds, in: database) }
            },
            latents: try row.optionalBytes {
                .init(file: try $0.artifact(), consumed: try $0.consumed(), lease: try $0.lease())
            },
            video: try row.optionalBytes { .init(file: try $0.artifact(), lease: try $0.lease()) },
            failures: try row.integer(), losses: try row.integer(),
            failedOn: try row.bytes { try $0.list { try $0.text() } },
            notFinite: try row.bytes { reader in
                try reader.list { .init(step: try $0.integer(), device: try $0.text()) }
            },
            memoryFloor: try row.integer(),
            writer: try row.optionalInteger().map { try kinds.kind($0, in: database) }, note: try row.optionalText())
    }

    private static func holding(_ row: inout Columns) throws -> SegmentRecord.Holding? {
        guard let phase: LeasePhase = try row.optionalName() else {
            row.skip(3)
            return nil
        }
        return .init(
            lease: Lease(epoch: try row.unsigned(), number: try row.unsigned()),
            worker: try row.bytes { try $0.worker() }, phase: phase)
    }

    private static func generations(_ row: inout Columns) throws -> [GenerationSpan] {
        let generations = try row.bytes { try $0.list { try $0.span() } }
        guard !generations.isEmpty else { throw Damage("a segment has no generation") }
        // Almost all have only their first: they share one array.
        return generations == SegmentRecord.untouched.generations ? SegmentRecord.untouched.generations : generations
    }

    private static func checkpoint(
        _ reader: inout PackedReader, kinds: inout KindCatalog, in database: Database
    ) throws -> SegmentRecord.Checkpoint {
        .init(
            step: try reader.integer(), file: try reader.artifact(), consumed: try reader.consumed(),
            kind: try kinds.kind(Int64(try reader.integer()), in: database))
    }
}
