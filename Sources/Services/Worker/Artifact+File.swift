import Crypto
import Farm
import Foundation

extension Artifact {
    /// What a file is.
    init(of path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var (bytes, hash) = (0, SHA256())
        while let piece = try file.read(upToCount: 4 << 20), !piece.isEmpty {
            hash.update(data: piece)
            bytes += piece.count
        }
        guard let digest = Digest(Array(hash.finalize())) else { preconditionFailure("a short SHA-256") }
        self.init(bytes: bytes, digest: digest)
    }
}
