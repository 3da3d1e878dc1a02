import DurableFile
import Farm

/// One segment's open boundary file with the index of its records.
///
/// Everything it remembers can be found again by opening the file, except that a sync failed.
final class SegmentFile {
    /// Whether a crash of the machine could still take something.
    enum Durability {
        /// An earlier process, or an earlier opening, may have left something unsynced.
        case unknown
        /// Something was appended since the last sync.
        case pending
        case durable
    }

    let location: String
    private let segment: SegmentID
    let file: any DiskFile
    private(set) var durability = Durability.unknown
    /// Whether the file's name is known to outlive a crash; its content is another matter.
    var hasDurableName = false
    /// In the order in which they were first written.
    private(set) var entries: [BoundaryEntry] = []
    private var positions: [Key: Int] = [:]
    /// Whole records end here; 0 before the file header is written.
    private(set) var end = 0
    /// After an append that failed and could not be taken back.
    private var tailIsTorn = false

    private struct Key: Hashable {
        let generation: Generation
        let step: UInt32
    }

    /// Scans the file and cuts off what a crash left behind its last whole record.
    init(_ file: any DiskFile, of segment: SegmentID, location: String) throws(StorageError) {
        self.file = file
        self.segment = segment
        self.location = location
        let recovery = try SegmentRecovery(file, of: segment, location: location)
        for entry in recovery.entries { index(entry) }
        end = recovery.end
        if recovery.end < recovery.byteCount { try StorageError.wrapping { () throws(FileError) in try cut() } }
    }

    func entry(_ generation: Generation, _ step: UInt32) -> BoundaryEntry? {
        positions[Key(generation: generation, step: step)].map { entries[$0] }
    }

    /// Adds a record; after an error the file holds what it held before.
    ///
    /// - Precondition: `checksum` is the payload's, and what is indexed under the step, if anything, has it too.
    func append(
        _ payload: UnsafeRawBufferPointer, checksum: UInt64, generation: Generation, step: UInt32
    ) throws(StorageError) -> BoundaryEntry {
        let record = BoundaryFormat.Record(
            generation: generation, step: step, payloadByteCount: payload.count, payloadChecksum: checksum)
        do {
            if tailIsTorn { try cut() }
            durability = .pending
            tailIsTorn = true
            var start = end
            var head: [UInt8] = []
            if start == 0 {
                head = BoundaryFormat.fileHeader(of: segment)
                start = head.count
            }
            head += record.bytes(at: start)
            try file.append(head)
            try file.append(payload)
            tailIsTorn = false
            let entry = BoundaryEntry(record, of: segment, at: start)
            end = entry.end
            index(entry)
            return entry
        } catch {
            // A full disk has room for this; where it fails all the same, the next append does it.
            if tailIsTorn { try? cut() }
            throw StorageError(error)
        }
    }

    /// Reads an entry's payload into as many bytes as it has.
    func read(_ entry: BoundaryEntry, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) {
        let count = try StorageError.wrapping { () throws(FileError) in
            try file.read(into: buffer, at: entry.offset)
        }
        guard count == buffer.count, BoundaryFormat.checksum(of: UnsafeRawBufferPointer(buffer)) == entry.checksum
        else { throw StorageError(file: location, reason: .damaged(.payload, offset: entry.offset)) }
    }

    /// Everything before `end` is durable, and so is the name.
    func synchronized(upTo end: Int) {
        hasDurableName = true
        if end == self.end { durability = .durable }
    }

    func synchronize() throws(FileError) {
        try file.synchronize()
        durability = .durable
    }

    private func cut() throws(FileError) {
        try file.truncate(to: end)
        tailIsTorn = false
    }

    private func index(_ entry: BoundaryEntry) {
        let key = Key(generation: entry.generation, step: entry.step)
        if let position = positions[key] {
            entries[position] = entry  // Written again because the first copy was damaged.
        } else {
            positions[key] = entries.count
            entries.append(entry)
        }
    }
}

extension BoundaryEntry {
    /// - Parameter start: of the record's header.
    init(_ record: BoundaryFormat.Record, of segment: SegmentID, at start: Int) {
        self.init(
            segment: segment, generation: record.generation, step: record.step, checksum: record.payloadChecksum,
            offset: start + BoundaryFormat.headerByteCount, byteCount: record.payloadByteCount)
    }

    /// Of the record's first byte after the payload.
    var end: Int { offset + byteCount }
}
