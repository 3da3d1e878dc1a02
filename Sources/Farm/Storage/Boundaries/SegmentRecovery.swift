import DurableFile
import Farm

/// What a scan of a segment's file finds: its whole records, and where they end.
///
/// A crash of the process leaves a part of the last record. A crash of the machine may also leave the file's length
/// without its last bytes, which then read as zeros. Both are cut off. Anything else that is wrong is refused, with its
/// place, rather than skipped: nobody could tell what came after it.
struct SegmentRecovery {
    /// In the file's order; a step may come twice with the same bytes, and then its last copy counts.
    private(set) var entries: [BoundaryEntry] = []
    /// Of the last whole record; 0 where not even the file header is whole.
    private(set) var end = 0
    /// The file's length as it was found.
    let byteCount: Int

    private let file: any DiskFile
    private let segment: SegmentID
    private let location: String

    init(_ file: any DiskFile, of segment: SegmentID, location: String) throws(StorageError) {
        self.file = file
        self.segment = segment
        self.location = location
        byteCount = try StorageError.wrapping { () throws(FileError) in try file.byteCount() }
        guard try hasFileHeader() else { return }
        end = BoundaryFormat.headerByteCount
        try scanRecords()
        try dropDamagedTail()
    }

    /// False where the file ends inside its header.
    private func hasFileHeader() throws(StorageError) -> Bool {
        let expected = BoundaryFormat.fileHeader(of: segment)
        let header = try bytes(0..<min(byteCount, expected.count))
        if header == expected { return true }
        let common = zip(header, expected).prefix { $0 == $1 }.count
        if try isZero(common..<byteCount) { return false }
        throw refusal(BoundaryFormat.problem(inFileHeader: header, of: segment))
    }

    private mutating func scanRecords() throws(StorageError) {
        var checksums: [Step: UInt64] = [:]
        while byteCount - end >= BoundaryFormat.headerByteCount {
            let body = end + BoundaryFormat.headerByteCount
            guard let record = BoundaryFormat.Record(try bytes(end..<body), at: end) else {
                // With nothing behind it, it is the half-written end.
                if try isZero(body..<byteCount) { return }
                throw refusal(.damaged(.recordHeader, offset: end))
            }
            guard record.payloadByteCount <= byteCount - body else { return }
            let step = Step(generation: record.generation, number: record.step)
            let earlier = checksums.updateValue(record.payloadChecksum, forKey: step)
            guard earlier == nil || earlier == record.payloadChecksum else {
                throw refusal(.damaged(.contradiction, offset: end))
            }
            let entry = BoundaryEntry(record, of: segment, at: end)
            entries.append(entry)
            end = entry.end
        }
    }

    /// The last records may have their headers but not their payloads on the disk. One read for a sound file.
    private mutating func dropDamagedTail() throws(StorageError) {
        while let last = entries.last {
            let payload = try bytes(last.offset..<last.end)
            if payload.withUnsafeBytes({ BoundaryFormat.checksum(of: $0) }) == last.checksum { return }
            entries.removeLast()
            end = last.offset - BoundaryFormat.headerByteCount
        }
    }

    private func isZero(_ range: Range<Int>) throws(StorageError) -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try bytes(offset..<min(offset + (64 << 10), range.upperBound))
            guard piece.allSatisfy({ $0 == 0 }) else { return false }
            offset += piece.count
        }
        return true
    }

    private func bytes(_ range: Range<Int>) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let count = try StorageError.wrapping { () throws(FileError) in
            try bytes.read(from: file, at: range.lowerBound)
        }
        guard count == range.count else { throw refusal(.damaged(.length, offset: range.lowerBound + count)) }
        return bytes
    }

    private func refusal(_ reason: StorageError.Reason) -> StorageError {
        StorageError(file: location, reason: reason)
    }

    private struct Step: Hashable {
        let generation: Generation
        let number: UInt32
    }
}
