/// A file that the coordinator keeps: a checkpoint, finished latents, an encoded segment.
public struct Artifact: Hashable, Sendable {
    /// Its length.
    public let bytes: Int
    /// SHA-256 of its content.
    public let digest: Digest

    public init(bytes: Int, digest: Digest) {
        self.bytes = bytes
        self.digest = digest
    }
}
