import Crypto
import DurableFile
public import Farm

/// A file on its way into the store: chunks in order, hashed as they come.
///
/// What is not finished leaves nothing behind once it is abandoned or released.
public final class ArtifactUpload {
    public let subject: ArtifactSubject
    /// The length that was announced.
    public let byteCount: Int
    /// Bytes so far; where the next chunk begins.
    public private(set) var received = 0

    private let store: ArtifactStore
    private let path: DiskPath
    private var hash = SHA256()
    /// `nil` once the upload is over.
    private var file: (any DiskFile)?

    init(of subject: ArtifactSubject, byteCount: Int, file: any DiskFile, path: DiskPath, to store: ArtifactStore) {
        self.subject = subject
        self.byteCount = byteCount
        self.file = file
        self.path = path
        self.store = store
    }

    deinit { abandon() }

    /// Adds the next bytes.
    ///
    /// A chunk in the wrong place changes nothing; where the disk fails or is full, the upload is over.
    ///
    /// - Throws: `misplaced` for a gap or an overlap; `beyondEnd`; `ended`; `reserved`, as soon as the rest of the file
    ///   has no room.
    public func append(_ chunk: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
        let file = try unfinished()
        guard offset == received else { throw refusal(.misplaced(offset: offset, expected: received)) }
        guard chunk.count <= byteCount - received else {
            throw refusal(.beyondEnd(end: received + chunk.count, total: byteCount))
        }
        do throws(StorageError) {
            try store.disk.requireRoom(for: byteCount - received, at: path, leaving: store.reserve)
            try StorageError.wrapping { () throws(FileError) in try file.append(chunk) }
        } catch {
            abandon()
            throw error
        }
        hash.update(bufferPointer: chunk)
        received += chunk.count
    }

    /// Verifies the bytes and moves the file to its place, durably. The upload is over, unless it was `incomplete`.
    ///
    /// - Throws: `incomplete`; `wrongDigest`; `ended`.
    public func finish(expecting digest: Farm.Digest) throws(StorageError) -> StoredArtifact {
        let file = try unfinished()
        guard received == byteCount else { throw refusal(.incomplete(received: received, total: byteCount)) }
        let found = Farm.Digest(hash)
        guard found == digest else {
            abandon()
            throw refusal(.wrongDigest(found: found, expected: digest))
        }
        let artifact = StoredArtifact(id: ArtifactID(subject, digest: digest), byteCount: byteCount)
        do { try store.commit(path, file, as: artifact) } catch {
            abandon()
            throw StorageError(error)
        }
        self.file = nil
        return artifact
    }

    /// Gives the upload up and removes its file; nothing happens where it is over.
    public func abandon() {
        guard file != nil else { return }
        file = nil
        // What cannot be removed now goes when the store is opened again.
        try? store.disk.removeFile(path)
    }

    private func unfinished() throws(StorageError) -> any DiskFile {
        guard let file else { throw refusal(.ended) }
        return file
    }

    private func refusal(_ reason: StorageError.Reason) -> StorageError {
        StorageError(file: store.disk.location(of: path), reason: reason)
    }
}
