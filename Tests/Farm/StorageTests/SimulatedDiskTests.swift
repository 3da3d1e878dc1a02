import DurableFile
import Glibc
import Storage
import StorageSamples
import Testing
import WireSamples

/// Goal: the simulated disk loses what a real one may lose, and only that.
@Suite struct SimulatedDiskTests {
    private let disk = SimulatedDisk()
    private let path = DiskPath.root / "file"

    private func append(_ bytes: [UInt8], to file: any DiskFile) throws {
        try bytes.withUnsafeBytes { try file.append($0) }
    }

    private func code(_ body: () throws -> Void) -> Int32? {
        #expect(throws: FileError.self) { try body() }?.code
    }

    @Test func aCrashTakesWhatWasNotSynced() throws {
        let file = try disk.openFile(path, for: .creating)
        try append([1], to: file)
        try file.synchronize()
        try disk.synchronizeDirectory(.root)
        try append([2], to: file)
        _ = try disk.openFile(.root / "unnamed", for: .creating)
        disk.crash()
        #expect(disk.filePaths == ["file"])
        #expect(disk[path] == [1])
        #expect(code { try append([3], to: file) } == EBADF)
        #expect(disk[path] == [1])
    }

    @Test func aSyncedFileWithoutASyncedNameIsLost() throws {
        let file = try disk.openFile(path, for: .creating)
        try append([1], to: file)
        try file.synchronize()
        disk.crash()
        #expect(disk.filePaths == [])
    }

    @Test func anUnsyncedRemovalAndAnUnsyncedCutComeBack() throws {
        let file = try disk.openFile(path, for: .creating)
        try append([1, 2], to: file)
        try file.synchronize()
        try disk.synchronizeDirectory(.root)
        try file.truncate(to: 1)
        try disk.removeFile(path)
        disk.crash()
        #expect(disk[path] == [1, 2])
    }

    @Test(arguments: UInt64(0)..<20) func aCrashInTheMiddleOfWritingBackLeavesAPartAndZeros(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let file = try disk.openFile(path, for: .creating)
        try append([1, 2], to: file)
        try file.synchronize()
        try disk.synchronizeDirectory(.root)
        try append([3, 4, 5, 6], to: file)
        disk.crash(using: &random)
        let left = try #require(disk[path])
        #expect((2...6).contains(left.count))
        #expect(zip(left, [1, 2, 3, 4, 5, 6]).allSatisfy { $0 == $1 || $0 == 0 } && left.starts(with: [1, 2]))
    }

    /// Linux reports a failed write-back once and then takes the pages for clean.
    @Test func whatAFailedSyncGaveUpNoLaterSyncWrites() throws {
        let file = try disk.openFile(path, for: .creating)
        try append([1], to: file)
        disk.failNext(.synchronize)
        #expect(code { try file.synchronize() } == EIO)
        try append([2], to: file)
        try file.synchronize()
        try disk.synchronizeDirectory(.root)
        #expect(disk[path] == [1, 2])
        disk.crash()
        #expect(disk[path] == [0, 2])
    }

    @Test func aFullDiskTakesWhatFits() throws {
        let file = try disk.openFile(path, for: .creating)
        disk.capacity = 2
        #expect(try disk.freeBytes() == 2)
        #expect(code { try append([1, 2, 3], to: file) } == ENOSPC)
        #expect(disk[path] == [1, 2])
        #expect(code { _ = try disk.openFile(.root / "other", for: .creating) } == ENOSPC)
        #expect(code { try disk.makeDirectory(.root / "folder") } == ENOSPC)
        try file.truncate(to: 0)
        try disk.makeDirectory(.root / "folder")
    }

    @Test func aChosenCallFailsOnce() throws {
        disk.fail(call: 2)
        try disk.makeDirectory(.root / "a")
        #expect(code { try disk.makeDirectory(.root / "b") } == EIO)
        try disk.makeDirectory(.root / "b")
        disk.failNext(.list)
        try disk.makeDirectory(.root / "c")
        #expect(code { _ = try disk.list(.root) } == EIO)
        #expect(try disk.list(.root).map(\.name) == ["a", "b", "c"])
        #expect(disk.callCount == 6 && disk.calls[.makeDirectory] == 4)
    }
}
