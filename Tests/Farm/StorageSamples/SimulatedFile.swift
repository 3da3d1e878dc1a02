import DurableFile
import Glibc
import Storage

/// An open file of a ``SimulatedDisk``.
final class SimulatedFile: DiskFile {
    private let stored: StoredFile
    private let path: DiskPath
    private let use: FileUse
    private let disk: SimulatedDisk
    private let crashCount: Int

    init(_ stored: StoredFile, path: DiskPath, use: FileUse, on disk: SimulatedDisk) {
        self.stored = stored
        self.path = path
        self.use = use
        self.disk = disk
        crashCount = disk.crashCount
    }

    func byteCount() throws(FileError) -> Int {
        try requireOpen(forWriting: false)
        try count(.byteCount)
        return stored.content.count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try requireOpen(forWriting: false)
        try count(.read)
        let bytes = stored.content.dropFirst(offset).prefix(buffer.count)
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try requireOpen(forWriting: true)
        do {
            try count(.append)
        } catch {
            stored.append(bytes.prefix(bytes.count / 2))  // As much of it as got there.
            throw error
        }
        let room = disk.capacity == .max ? Int.max : max(0, disk.capacity - disk.usedBytes)
        stored.append(bytes.prefix(room))
        guard bytes.count <= room else { throw FileError(path: path.description, code: ENOSPC) }
    }

    func synchronize() throws(FileError) {
        try requireOpen(forWriting: false)
        do {
            try count(.synchronize)
        } catch {
            stored.failToSynchronize()
            throw error
        }
        stored.synchronize()
    }

    func truncate(to byteCount: Int) throws(FileError) {
        try requireOpen(forWriting: true)
        try count(.truncate)
        stored.truncate(to: byteCount)
    }

    private func count(_ operation: SimulatedDisk.Operation) throws(FileError) { try disk.count(operation, path) }

    private func requireOpen(forWriting: Bool) throws(FileError) {
        guard crashCount == disk.crashCount, !forWriting || use != .reading else {
            throw FileError(path: path.description, code: EBADF)
        }
    }
}
