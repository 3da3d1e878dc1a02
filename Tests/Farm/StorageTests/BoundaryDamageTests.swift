import Farm
import Storage
import StorageSamples
import Testing

/// Goal: a damaged file is never misread: what comes back is what was written, or an error with its place.
/// Method: a small file, cut at every length and with every byte changed.
@Suite struct BoundaryDamageTests {
    private let disk = SimulatedDisk()
    private let path = DiskPath.root / "12" / "3.log"
    private let written = [content(1, byteCount: 40), content(2, byteCount: 1), content(3, byteCount: 33)]
    /// Where the file header and the records end.
    private let ends = [32, 104, 137, 202]
    private let whole: [UInt8]

    init() throws {
        let log = try BoundaryLog(on: disk, at: .root)
        for (step, payload) in written.enumerated() { try log.append(payload, step: UInt32(step)) }
        whole = try #require(disk[path])
    }

    private func log(on bytes: [UInt8]) throws -> BoundaryLog {
        disk[path] = bytes
        return try BoundaryLog(on: disk, at: .root)
    }

    /// The reason why the segment is refused.
    private func refusal(of bytes: [UInt8]) throws -> StorageError.Reason? {
        let log = try log(on: bytes)
        let error = #expect(throws: StorageError.self) { try log.entries(of: segment) }
        #expect(error?.file == "12/3.log")
        #expect(#expect(throws: StorageError.self) { try log.append(content(9), step: 9) } == error)
        #expect(disk[path] == bytes, "a refused file is left as it is")
        return error?.reason
    }

    @Test func theFormatIsTheDocumentedOne() {
        #expect(whole.count == ends.last)
        #expect(Array(whole[..<24]) == Array("SFBOUNDS".utf8) + [1, 0, 0, 0, 3, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(whole[104..<120]) == Array("SFBR".utf8) + [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
        #expect(whole[136] == written[1][0])
    }

    @Test func aFileCutAnywhereKeepsItsWholeRecordsAndGoesOn() throws {
        for length in 0...whole.count {
            let log = try log(on: Array(whole[..<length]))
            let count = ends.dropFirst().count { $0 <= length }
            #expect(try log.payloads() == Array(written[..<count]), "cut at \(length)")
            #expect(try log.append(content(9), step: 9).isStored)
            #expect(try BoundaryLog(on: disk, at: .root).payloads() == written[..<count] + [content(9)])
        }
    }

    /// The file's length got to the disk before its last bytes.
    @Test func aTailOfZerosIsCutOff() throws {
        for length in 0...whole.count {
            for zeros in [1, 32, 300] + (length == whole.count ? [200_000] : []) {
                let log = try log(on: whole[..<length] + [UInt8](repeating: 0, count: zeros))
                let count = ends.dropFirst().count { $0 <= length }
                let payloads = try log.payloads()
                #expect(payloads == Array(written[..<payloads.count]), "\(zeros) zeros at \(length)")
                // One more where what was cut off were zeros.
                #expect(payloads.count == count || payloads.count == count + 1)
            }
        }
    }

    @Test func aChangedByteIsCutOffRefusedOrFoundOnReading() throws {
        for position in whole.indices {
            for bits in [UInt8(0x01), 0x80, 0xFF, whole[position]] where bits != 0 {
                var bytes = whole
                bytes[position] ^= bits
                try expectHonesty(bytes, changedAt: position)
            }
        }
    }

    private func expectHonesty(_ bytes: [UInt8], changedAt position: Int) throws {
        let log = try log(on: bytes)
        let entries: [BoundaryEntry]
        do { entries = try log.entries(of: segment) } catch {
            switch error.reason {
            case .foreign: #expect(position < 8)
            case .formatVersion: #expect((8..<12).contains(position))
            case .damaged(.fileHeader, offset: 0): #expect((12..<32).contains(position))
            case .damaged(.recordHeader, let offset): #expect((offset..<(offset + 32)).contains(position))
            default: Issue.record("byte \(position): \(error)")
            }
            return
        }
        let isInLastRecord = position >= ends[2]
        #expect(entries.count == (isInLastRecord ? 2 : 3), "byte \(position)")
        for (entry, payload) in zip(entries, written) {
            do { #expect(try log.payload(entry) == payload) } catch let error as StorageError {
                #expect(error.reason == .damaged(.payload, offset: entry.offset))
                #expect((entry.offset..<(entry.offset + entry.byteCount)).contains(position))
            }
        }
    }

    @Test func anotherVersionIsRefusedByItsNumber() throws {
        var bytes = whole
        bytes[8] = 2
        #expect(try refusal(of: bytes) == .formatVersion(2))
    }

    @Test func aForeignFileIsRefused() throws {
        #expect(try refusal(of: Array("This is not a log.".utf8)) == .foreign)
        #expect(try refusal(of: [1]) == .foreign)
        #expect(try refusal(of: whole[..<20] + [0xFF]) == .damaged(.fileHeader, offset: 0))
    }

    @Test func anotherSegmentsFileIsRefused() throws {
        let other = SegmentID(story: story, number: 4)
        try disk.rename(path, to: .root / "12" / "4.log")
        let log = try BoundaryLog(on: disk, at: .root)
        #expect(
            throws: StorageError(file: "12/4.log", reason: .damaged(.fileHeader, offset: 0))
        ) { try log.entries(of: other) }
    }

    @Test func aDamagedHeaderInTheMiddleIsRefusedWithItsPlace() throws {
        for start in ends[0..<3] {
            var bytes = whole
            bytes[start + 5] ^= 1
            #expect(try refusal(of: bytes) == .damaged(.recordHeader, offset: start))
        }
    }

    @Test func aRecordInAnotherPlaceIsRefused() throws {
        // The second record stands where the first should.
        #expect(
            try refusal(of: whole[..<32] + Array(whole[104...])) == .damaged(.recordHeader, offset: 32))
    }

    /// Nothing that appends writes this; whoever reads such a file would see one of the two at random.
    @Test func twoRecordsOfOneStepWithOtherBytesAreRefused() throws {
        let other = SimulatedDisk()
        let log = try BoundaryLog(on: other, at: .root)
        try log.append(content(1, byteCount: 40), step: 5)
        try log.append(content(8), step: 0)
        let second = try #require(other[path])[ends[1]...]
        #expect(try refusal(of: whole[..<ends[1]] + Array(second)) == .damaged(.contradiction, offset: ends[1]))
    }

    @Test func aRemovedSegmentIsFreeOfItsDamage() throws {
        var bytes = whole
        bytes[40] ^= 1
        let log = try log(on: bytes)
        #expect(throws: StorageError.self) { try log.entries(of: segment) }
        try log.remove(segment)
        #expect(try log.append(content(1), step: 0).isStored)
    }

    /// A crash can leave a hole in what was not synced; the producer sends it again.
    @Test func aRecordThatCannotBeReadIsStoredAgain() throws {
        var bytes = whole
        bytes[70] ^= 1
        let damaged = try log(on: bytes)
        let entry = try damaged.entries(of: segment)[0]
        #expect(
            throws: StorageError(file: "12/3.log", reason: .damaged(.payload, offset: 64))
        ) { try damaged.payload(entry) }
        #expect(try damaged.append(written[0], step: 0).isStored)
        for log in [damaged, try BoundaryLog(on: disk, at: .root)] {
            #expect(try log.payloads() == written)
            #expect(try log.append(content(9), step: 0) == .conflict(log.entries(of: segment)[0]))
            guard case .alreadyThere = try log.append(written[0], step: 0) else {
                Issue.record("stored a third time")
                return
            }
        }
    }
}
