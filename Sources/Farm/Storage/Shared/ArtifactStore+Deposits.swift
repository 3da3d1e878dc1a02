import Crypto
import DurableFile
import Farm

extension ArtifactStore {
    /// Makes a deposited file one of the store's, where its bytes are those that were announced.
    ///
    /// It reads all of them. What is refused is removed.
    ///
    /// - Throws: `missing`, also where nothing is shared; `incomplete`, `wrongDigest`.
    public func adopt(_ deposit: Deposit) throws(StorageError) -> StoredArtifact {
        let (source, id) = (layout.path(deposit), ArtifactID(deposit.subject, digest: deposit.file.digest))
        guard let shared else { throw refusal(disk, source, .missing) }
        do {
            let from = shared.layout.path(deposit)
            try verify(from, on: shared.disk, deposit.file)
            let (artifact, target) = (StoredArtifact(id: id, byteCount: deposit.file.bytes), shared.layout.path(id))
            try StorageError.wrapping { () throws(FileError) in
                try shared.disk.makeDirectory(target.parent)
                try shared.disk.rename(from, to: target)
                try shared.disk.synchronizeDirectory(target.parent)
            }
            insert(artifact, isShared: true)
            return artifact
        } catch {
            discard(deposit)
            throw error
        }
    }

    /// Removes a file that nobody wants.
    public func discard(_ deposit: Deposit) {
        guard let shared else { return }
        // What can't be removed now goes when the store is opened again.
        try? shared.disk.removeFile(shared.layout.path(deposit))
    }

    func removeDeposits(_ shared: Shared) throws(FileError) {
        try shared.disk.makeDirectory(shared.layout.deposits)
        // Also whole ones: whoever wrote them is told that they are missing, and sends them.
        for entry in try shared.disk.list(shared.layout.deposits) where entry.kind == .file {
            try shared.disk.removeFile(shared.layout.deposits / entry.name)
        }
    }

    private func verify(_ path: DiskPath, on disk: any Disk, _ expected: Artifact) throws(StorageError) {
        let file = try StorageError.wrapping { () throws(FileError) in try disk.openFile(path, for: .reading) }
        let total = try StorageError.wrapping { () throws(FileError) in try file.byteCount() }
        guard total == expected.bytes else {
            throw refusal(disk, path, .incomplete(received: total, total: expected.bytes))
        }
        var (offset, hash) = (0, SHA256())
        var buffer = [UInt8](repeating: 0, count: min(total, 1 << 20))
        while offset < total {
            let count = try StorageError.wrapping { () throws(FileError) in try buffer.read(from: file, at: offset) }
            guard count > 0 else { throw refusal(disk, path, .damaged(.length, offset: offset)) }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += count
        }
        let found = Farm.Digest(hash)
        guard found == expected.digest else {
            throw refusal(disk, path, .wrongDigest(found: found, expected: expected.digest))
        }
    }
}
