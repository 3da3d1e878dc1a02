public import Farm

/// A file that a worker has written into the shared folder, for its coordinator to adopt.
///
/// Its name says whose attempt it is of and what its bytes are: no two attempts write to one name, and a lease that was
/// taken back can't put another's file into its place.
public struct Deposit: Hashable, Sendable {
    public let attempt: AttemptID
    public let kind: ArtifactKind
    public let file: Artifact

    /// What is shared: checkpoints are small, come often, and have to outlive whatever the shared file system does.
    public static let kinds: [ArtifactKind] = [.latents, .video]

    /// - Precondition: the kind is one of ``kinds``.
    public init(_ attempt: AttemptID, _ kind: ArtifactKind, _ file: Artifact) {
        precondition(Self.kinds.contains(kind))
        (self.attempt, self.kind, self.file) = (attempt, kind, file)
    }

    var subject: ArtifactSubject { kind == .latents ? .latents(attempt.segment) : .video(attempt.segment) }

    var name: String {
        let (segment, lease) = (attempt.segment, attempt.lease)
        return "\(kind.rawValue)-\(segment.story.rawValue)-\(segment.number)-\(lease.epoch)-\(lease.number)"
            + "-\(attempt.generation.rawValue)-\(file.digest)"
    }
}

extension ArtifactLayout {
    /// Where workers leave what they have written; a rename takes it to its place.
    var deposits: DiskPath { root / "incoming" }

    func path(_ deposit: Deposit) -> DiskPath { deposits / deposit.name }
}
