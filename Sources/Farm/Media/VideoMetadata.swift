/// What an MP4 says about itself as a whole; only what is given here is written, so equal input gives equal bytes.
public struct VideoMetadata: Hashable, Sendable {
    /// Shown by players as the video's name.
    public var title: String?
    /// Free text, such as how the video was made.
    public var comment: String?

    /// Leaves out what is nil.
    public init(title: String? = nil, comment: String? = nil) {
        self.title = title
        self.comment = comment
    }
}

/// A named stretch of a video.
public struct VideoChapter: Hashable, Sendable {
    /// UTF-8 of at most ``titleBytesMax`` bytes; may be empty.
    public var title: String
    /// The frames it covers, counted from the video's first.
    public var frames: Range<Int>

    /// The range is not checked against the video here; its writer chooses it.
    public init(title: String, frames: Range<Int>) {
        self.title = title
        self.frames = frames
    }

    /// The longest title in UTF-8 bytes: an MP4 chapter counts them in 16 bits, and libavformat adds a few of its own.
    public static let titleBytesMax = 65_000
}
