import DurableFile

extension Disk {
    /// Refuses to write what would take the last bytes of the disk from somebody who needs them more.
    ///
    /// - Parameter path: what is to be written.
    /// - Throws: `reserved` where less than `reserve` bytes would be left; nothing where they are 0.
    func requireRoom(for byteCount: Int, at path: DiskPath, leaving reserve: Int) throws(StorageError) {
        guard reserve > 0 else { return }
        let free = try StorageError.wrapping { () throws(FileError) in try freeBytes() }
        guard free - byteCount >= reserve else {
            throw StorageError(file: location(of: path), reason: .reserved(reserve))
        }
    }
}
