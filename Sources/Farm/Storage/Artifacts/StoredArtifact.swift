public import Farm

/// What kinds of finished files there are; the names are those of their directories.
public enum ArtifactKind: String, CaseIterable, Sendable {
    /// A segment's state at a step.
    case checkpoint
    /// A segment's finished latents.
    case latents
    /// A segment's encoded video.
    case video
    /// A whole story's video.
    case story
}

/// What a finished file is of.
public enum ArtifactSubject: Hashable, Sendable {
    case checkpoint(SegmentID)
    case latents(SegmentID)
    case video(SegmentID)
    case story(StoryID)

    public var kind: ArtifactKind {
        switch self {
        case .checkpoint: .checkpoint
        case .latents: .latents
        case .video: .video
        case .story: .story
        }
    }

    /// The story that it belongs to.
    public var story: StoryID {
        switch self {
        case .checkpoint(let segment), .latents(let segment), .video(let segment): segment.story
        case .story(let story): story
        }
    }
}

/// Names one finished file: a subject has as many as have different bytes.
public struct ArtifactID: Hashable, Sendable {
    public let subject: ArtifactSubject
    /// SHA-256 of the content.
    public let digest: Digest

    public init(_ subject: ArtifactSubject, digest: Digest) {
        self.subject = subject
        self.digest = digest
    }
}

/// A finished file.
public struct StoredArtifact: Hashable, Sendable {
    public let id: ArtifactID
    /// Its length.
    public let byteCount: Int

    public init(id: ArtifactID, byteCount: Int) {
        self.id = id
        self.byteCount = byteCount
    }
}
