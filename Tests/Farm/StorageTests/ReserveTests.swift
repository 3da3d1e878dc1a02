import Farm
import Storage
import StorageSamples
import Testing

/// Goal: neither boundaries nor files take the last bytes of a disk, which are left to others.
/// Method: a disk in memory that has one byte too few, and then enough.
@Suite struct ReserveTests {
    private let disk = SimulatedDisk()
    private let reserve = 1000

    @Test func aBoundaryLeavesTheReserve() throws {
        let log = try BoundaryLog(on: disk, at: .root, leaving: reserve)
        disk.capacity = disk.usedBytes + 100 + reserve - 1
        let error = #expect(throws: StorageError.self) { try log.append(content(1), step: 0) }
        #expect(error?.reason == .reserved(reserve) && error?.isDiskFull == true)
        #expect(disk.usedBytes == 0)
        disk.capacity += 1
        #expect(try log.append(content(1), step: 0).isStored)
    }

    /// Method: one byte of a file that is to have a hundred.
    @Test func anUploadEndsAsSoonAsItsRestWouldTakeTheReserve() throws {
        let store = try ArtifactStore(on: disk, at: .root, leaving: reserve)
        disk.capacity = disk.usedBytes + 100 + reserve - 1
        let upload = try store.begin(.latents(segment), byteCount: 100)
        let error = #expect(throws: StorageError.self) { try upload.append([1], at: 0) }
        #expect(error?.reason == .reserved(reserve))
        #expect(throws: StorageError.self) { try upload.append([1], at: 0) }
        #expect(disk.usedBytes == 0)
        disk.capacity += 1
        try store.store(content(1), as: .latents(segment))
    }
}
