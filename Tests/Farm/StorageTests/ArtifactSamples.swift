import Storage

extension ArtifactUpload {
    func append(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { try append($0, at: offset) }
    }
}

extension ArtifactStore {
    /// In chunks of 64 bytes.
    @discardableResult
    func store(_ bytes: [UInt8], as subject: ArtifactSubject) throws -> StoredArtifact {
        let upload = try begin(subject, byteCount: bytes.count)
        for offset in stride(from: 0, to: bytes.count, by: 64) {
            try upload.append(Array(bytes[offset...].prefix(64)), at: offset)
        }
        return try upload.finish(expecting: try sha256(bytes))
    }

    func bytes(_ id: ArtifactID, at offset: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try read(id, at: offset, into: $0) }
        return bytes
    }

    func bytes(_ artifact: StoredArtifact) throws -> [UInt8] {
        try bytes(artifact.id, at: 0, count: artifact.byteCount)
    }
}
