import DurableFile
import Foundation
import Storage
import StorageSamples
import Testing

/// Goal: the simulated disk stands for the real one. Method: the same statements about both.
@Suite struct DiskTests {
    enum Kind: CaseIterable {
        case host
        case simulated
    }

    private let directory: TemporaryDirectory
    private let file = DiskPath.root / "a" / "file"

    init() throws { directory = try TemporaryDirectory() }

    private func disk(_ kind: Kind) throws -> any Disk {
        let disk: any Disk =
            switch kind {
            case .host: try HostDisk(root: directory.path)
            case .simulated: SimulatedDisk()
            }
        try disk.makeDirectory(file.parent)
        return disk
    }

    private func write(_ bytes: [UInt8], to path: DiskPath, on disk: any Disk) throws {
        let file = try disk.openFile(path, for: .creating)
        try bytes.withUnsafeBytes { try file.append($0) }
    }

    private func read(_ path: DiskPath, on disk: any Disk) throws -> [UInt8] {
        try bytes(0, 1000, of: disk.openFile(path, for: .reading))
    }

    private func bytes(_ offset: Int, _ count: Int, of file: any DiskFile) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xFF, count: count)
        let found = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        return Array(bytes.prefix(found))
    }

    private func expect(_ code: Int32, _ body: () throws -> Void) {
        #expect(#expect(throws: FileError.self) { try body() }?.code == code)
    }

    @Test(arguments: Kind.allCases) func bytesAreAppendedReadAndCut(kind: Kind) throws {
        let disk = try disk(kind)
        try write([1, 2, 3], to: file, on: disk)
        let open = try disk.openFile(file, for: .appending)
        try [UInt8]([4, 5]).withUnsafeBytes { try open.append($0) }
        #expect(try open.byteCount() == 5)
        #expect(try bytes(1, 3, of: open) == [2, 3, 4])
        #expect(try bytes(3, 10, of: open) == [4, 5])
        #expect(try bytes(9, 10, of: open) == [])
        try open.truncate(to: 2)
        try [UInt8]([6]).withUnsafeBytes { try open.append($0) }
        try open.synchronize()
        #expect(try read(file, on: disk) == [1, 2, 6])
    }

    @Test(arguments: Kind.allCases) func filesAreOpenedAsTheyAreMeantToBe(kind: Kind) throws {
        let disk = try disk(kind)
        expect(ENOENT) { _ = try disk.openFile(file, for: .reading) }
        expect(ENOENT) { _ = try disk.openFile(file, for: .appending) }
        expect(ENOENT) { _ = try disk.openFile(.root / "b" / "file", for: .creating) }
        try write([1], to: file, on: disk)
        expect(EEXIST) { _ = try disk.openFile(file, for: .creating) }
        expect(EBADF) {
            let reader = try disk.openFile(file, for: .reading)
            try [UInt8]([1]).withUnsafeBytes { try reader.append($0) }
        }
    }

    @Test(arguments: Kind.allCases) func directoriesAreMadeWithThoseAboveThem(kind: Kind) throws {
        let disk = try disk(kind)
        try disk.makeDirectory(.root / "b" / "c" / "d")
        try disk.makeDirectory(.root / "b" / "c")
        try disk.makeDirectory(.root)
        try write([1, 2], to: .root / "b" / "file", on: disk)
        #expect(
            try disk.list(.root / "b") == [
                DirectoryEntry(name: "c", kind: .directory, byteCount: 0),
                DirectoryEntry(name: "file", kind: .file, byteCount: 2),
            ])
        #expect(try disk.list(.root).map(\.name) == ["a", "b"])
        expect(ENOTDIR) { try disk.makeDirectory(.root / "b" / "file") }
        expect(ENOENT) { _ = try disk.list(.root / "z") }
        expect(ENOENT) { try disk.synchronizeDirectory(.root / "z") }
        try disk.synchronizeDirectory(.root / "b")
    }

    @Test(arguments: Kind.allCases) func aRenameReplacesAlsoInAnotherDirectory(kind: Kind) throws {
        let disk = try disk(kind)
        let target = DiskPath.root / "b" / "target"
        try disk.makeDirectory(target.parent)
        try write([1], to: file, on: disk)
        try write([2], to: target, on: disk)
        let earlier = try disk.openFile(target, for: .reading)
        try disk.rename(file, to: target)
        #expect(try read(target, on: disk) == [1])
        #expect(try bytes(0, 9, of: earlier) == [2])
        #expect(try disk.list(file.parent) == [])
        expect(ENOENT) { try disk.rename(file, to: target) }
    }

    @Test(arguments: Kind.allCases) func filesAndTreesAreRemoved(kind: Kind) throws {
        let disk = try disk(kind)
        try write([1], to: file, on: disk)
        let open = try disk.openFile(file, for: .reading)
        try disk.removeFile(file)
        expect(ENOENT) { try disk.removeFile(file) }
        #expect(try bytes(0, 9, of: open) == [1])
        try disk.makeDirectory(.root / "a" / "b" / "c")
        try write([1], to: .root / "a" / "b" / "c" / "file", on: disk)
        try disk.removeTree(.root / "a")
        expect(ENOENT) { try disk.removeTree(.root / "a") }
        #expect(try disk.list(.root) == [])
    }

    @Test(arguments: Kind.allCases) func freeBytesArePositive(kind: Kind) throws {
        #expect(try disk(kind).freeBytes() > 0)
    }
}

/// Goal: the real disk follows no link out of its root and keeps stories private.
@Suite struct HostDiskTests {
    private let directory: TemporaryDirectory
    private let disk: HostDisk
    private var path: String { directory.path + "/root" }

    init() throws {
        directory = try TemporaryDirectory()
        disk = try HostDisk(root: directory.path + "/root")
    }

    private func code(_ body: () throws -> Void) -> Int32? {
        #expect(throws: FileError.self) { try body() }?.code
    }

    @Test func linksAreRefusedWhereverTheyStand() throws {
        let outside = directory.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
        try Data([1]).write(to: URL(fileURLWithPath: outside + "/file"))
        try FileManager.default.createSymbolicLink(atPath: path + "/folder", withDestinationPath: outside)
        try FileManager.default.createSymbolicLink(atPath: path + "/file", withDestinationPath: outside + "/file")
        #expect(code { _ = try disk.openFile(.root / "file", for: .reading) } == ELOOP)
        #expect(code { _ = try disk.openFile(.root / "folder" / "file", for: .appending) } == ENOTDIR)
        #expect(code { _ = try disk.openFile(.root / "folder" / "new", for: .creating) } == ENOTDIR)
        #expect(code { try disk.makeDirectory(.root / "folder" / "new") } == ENOTDIR)
        #expect(code { try disk.removeFile(.root / "folder" / "file") } == ENOTDIR)
        #expect(try disk.list(.root).map(\.kind) == [.other, .other])
    }

    /// A link inside a tree is removed; what it points to stays.
    @Test func removingATreeDoesNotFollowLinks() throws {
        let outside = directory.path + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
        try Data([1]).write(to: URL(fileURLWithPath: outside + "/file"))
        try disk.makeDirectory(.root / "tree")
        try FileManager.default.createSymbolicLink(atPath: path + "/tree/folder", withDestinationPath: outside)
        try disk.removeTree(.root / "tree")
        #expect(FileManager.default.fileExists(atPath: outside + "/file"))
        #expect(try disk.list(.root) == [])
    }

    @Test func aNamedPipeIsRefusedAtOnce() throws {
        #expect(mkfifo(path + "/pipe", 0o600) == 0)
        #expect(code { _ = try disk.openFile(.root / "pipe", for: .reading) } == EINVAL)
    }

    @Test func filesAndDirectoriesAreTheOwnersAlone() throws {
        try disk.makeDirectory(.root / "a")
        _ = try disk.openFile(.root / "a" / "file", for: .creating)
        let modes = try ["", "/a", "/a/file"].map {
            try FileManager.default.attributesOfItem(atPath: path + $0)[.posixPermissions] as? Int
        }
        #expect(modes == [0o700, 0o700, 0o600])
    }

    @Test func errorsNameTheWholePath() throws {
        try disk.makeDirectory(.root / "a")
        let error = #expect(throws: FileError.self) { _ = try disk.openFile(.root / "a" / "b", for: .reading) }
        #expect(error?.path == path + "/a/b")
        #expect(#expect(throws: FileError.self) { _ = try HostDisk(root: path + "/x/y") }?.code == ENOENT)
    }

    @Test func closedFilesGiveTheirDescriptorsBack() throws {
        try disk.makeDirectory(.root / "a")
        for number in 0..<200 {
            let name = DiskPath.root / "a" / "\(number)"
            _ = try disk.openFile(name, for: .creating)
            _ = try disk.list(.root / "a")
        }
        // Of what is open, also by other tests of this process, nothing is of this test's folder but its root.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(open.filter { $0.hasPrefix(path + "/") } == [])
    }
}
