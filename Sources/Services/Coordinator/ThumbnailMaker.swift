import Control
import Logging
import Media
import ThreadExecutor

/// Small pictures of finished segments, made when somebody wants them and kept while there is room.
///
/// On a thread of its own: to decode a video's first frames takes longer than a boundary may wait.
actor ThumbnailMaker {
    private let executor = ThreadExecutor(name: "thumbnails")
    private let logger: Logger
    private var kept: [String: [UInt8]] = [:]
    /// The one that was made first is first.
    private var order: [String] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Some 10 KiB each.
    private static let keptMax = 1_024
    /// Pixels.
    private static let width = 320
    /// A segment's first frames still show the one before it; later ones would take longer to decode.
    private static let frame = 12

    init(logger: Logger) { self.logger = logger }

    func thumbnail(of video: StoredVideo) throws(ControlError) -> Thumbnail {
        if let jpeg = kept[video.version] { return Thumbnail(jpeg: jpeg, version: video.version) }
        let jpeg: [UInt8]?
        do throws(MediaError) { jpeg = try Self.picture(of: video.path) } catch {
            logger.error("no thumbnail", metadata: ["error": "\(error)"])
            throw .unavailable(reason: "the segment's video can't be read")
        }
        guard let jpeg else { throw .unavailable(reason: "the segment's video has no frames") }
        kept[video.version] = jpeg
        order.append(video.version)
        if order.count > Self.keptMax { kept[order.removeFirst()] = nil }
        return Thumbnail(jpeg: jpeg, version: video.version)
    }

    /// - Returns: JPEG; nil where there is no frame.
    private static func picture(of path: String) throws(MediaError) -> [UInt8]? {
        var reader = try VideoReader(path)
        var picture: RGBFrame?
        for _ in 0...frame {
            guard let next = try reader.next() else { break }
            picture = next
        }
        guard let picture else { return nil }
        return try StillImage.encode(picture.scaled(toWidth: min(width, picture.width)), as: .jpeg)
    }
}
