import Farm

/// Where the store keeps what: `<kind>/<story>/<segment>-<digest>.<extension>`, a story's video without the segment.
struct ArtifactLayout {
    /// How the name of every unfinished upload ends.
    static let partialSuffix = ".partial"

    let root: DiskPath

    /// Where uploads grow; a rename takes them to their place.
    var uploads: DiskPath { root / "uploads" }

    func upload(_ number: UInt64) -> DiskPath { uploads / "\(number)\(Self.partialSuffix)" }

    func directory(_ kind: ArtifactKind) -> DiskPath { root / kind.rawValue }

    func directory(_ kind: ArtifactKind, of story: StoryID) -> DiskPath { directory(kind) / "\(story.rawValue)" }

    func path(_ id: ArtifactID) -> DiskPath {
        directory(id.subject.kind, of: id.subject.story) / name(id)
    }

    /// What the name of a file in a story's directory stands for; `nil` for a foreign one.
    func id(_ kind: ArtifactKind, of story: StoryID, named name: String) -> ArtifactID? {
        let parts = name.prefix { $0 != "." }.split(separator: "-", omittingEmptySubsequences: false)
        guard let digest = parts.last.flatMap({ Digest(hexadecimal: $0) }) else { return nil }
        let segment = UInt32(parts[0]).map { SegmentID(story: story, number: $0) }
        let subject: ArtifactSubject? =
            switch kind {
            case .checkpoint: segment.map { .checkpoint($0) }
            case .latents: segment.map { .latents($0) }
            case .video: segment.map { .video($0) }
            case .story: .story(story)
            }
        guard let id = subject.map({ ArtifactID($0, digest: digest) }) else { return nil }
        // Whatever else could be read that way, as a number with a leading zero, is not ours.
        return self.name(id) == name ? id : nil
    }

    private func name(_ id: ArtifactID) -> String {
        switch id.subject {
        case .checkpoint(let segment), .latents(let segment): "\(segment.number)-\(id.digest).safetensors"
        case .video(let segment): "\(segment.number)-\(id.digest).mp4"
        case .story: "\(id.digest).mp4"
        }
    }
}

extension Digest {
    fileprivate init?(hexadecimal text: Substring) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map { UInt8($0) } }
        guard digits.count == 2 * Self.byteCount, text.utf8.count == digits.count else { return nil }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
}
