public import Control

/// How much one submitter may hold of a farm. Looked at when a story is submitted, tried again or revised.
public struct SubmitterQuota: Equatable, Sendable {
    /// That have not ended.
    public var stories: Int
    /// That are not finished, of stories that have not ended.
    public var segments: Int
    /// Of videos, latents and checkpoints, of all stories that are not deleted.
    public var bytes: Int

    public init(stories: Int, segments: Int, bytes: Int) {
        (self.stories, self.segments, self.bytes) = (stories, segments, bytes)
    }

    public static let usual = SubmitterQuota(stories: 100_000, segments: 1_000_000, bytes: .max)

    /// Whether a story with so many segments to render may be added to what else its submitter holds.
    ///
    /// - Throws: `ControlError` `limit`, naming the one that is reached.
    public func admit(segments count: Int, besides held: Holdings) throws(ControlError) {
        guard held.stories < stories else {
            throw .limit(
                name: "stories", value: stories,
                reason: "\(held.stories) of your stories have not ended, and \(stories) are allowed")
        }
        guard held.segments + count <= segments else {
            throw .limit(
                name: "queuedSegments", value: segments,
                reason: "\(held.segments) of your segments are to be rendered, this story has \(count),"
                    + " and \(segments) are allowed")
        }
        guard held.bytes < bytes else {
            throw .limit(
                name: "bytes", value: bytes,
                reason: "your stories have files of \(held.bytes >> 20) MiB, and \(bytes >> 20) are allowed;"
                    + " delete some")
        }
    }
}

/// What a submitter, or a story, holds of a farm.
public struct Holdings: Equatable, Sendable {
    public var stories = 0
    public var segments = 0
    public var bytes = 0

    public init(stories: Int = 0, segments: Int = 0, bytes: Int = 0) {
        (self.stories, self.segments, self.bytes) = (stories, segments, bytes)
    }

    static func += (sum: inout Holdings, part: Holdings) {
        sum.stories += part.stories
        sum.segments += part.segments
        sum.bytes += part.bytes
    }

    static func -= (sum: inout Holdings, part: Holdings) {
        sum.stories -= part.stories
        sum.segments -= part.segments
        sum.bytes -= part.bytes
    }
}
