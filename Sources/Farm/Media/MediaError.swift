import CAVFormat
import Glibc

/// Why a video or an image could not be read or written; its description is one sentence for a person.
public struct MediaError: Error, Hashable, Sendable {
    /// What was being done when it failed.
    public enum Operation: String, Hashable, Sendable {
        case open
        case read
        case decode
        case convert
        case encode
        case write
    }

    /// What went wrong, as far as a program can act on it.
    public enum Reason: Hashable, Sendable {
        /// This libavcodec was built without the encoder; nothing can be encoded on this machine until that is mended.
        case missingEncoder(name: String, libraryVersion: String)
        /// libav refused, with its error code, that code's text and the line it logged about it, if any.
        case library(code: Int32, text: String, detail: String?)
        /// The operating system refused.
        case system(errno: Int32)
        /// The codec stores colour at half the resolution, so both sides must be even.
        case oddSize(PixelSize)
        /// A frame of another size than the video's, or none where frames are needed.
        case wrongFrameSize(expected: PixelSize, found: PixelSize)
        /// A video needs at least one frame.
        case noFrames
        /// A story needs at least one segment.
        case noSegments
        /// The file holds no video stream.
        case noVideo
        /// The file cannot be part of the story: `property` differs from what the story's earlier segments have.
        case mismatch(property: String, expected: String, found: String)
        /// The file announces more frames than it holds.
        case truncated(announced: Int, found: Int)
        /// The frame is not shown at `index`/fps, or not decoded in the order it is shown.
        case unevenTiming(index: Int)
        /// The first frame needs an earlier one, so the file cannot follow another.
        case startsWithoutKeyframe
        /// The title is longer than a chapter holds.
        case chapterTitleTooLong(bytes: Int, bytesMax: Int)
    }

    /// What was being done.
    public let operation: Operation
    /// The file concerned; nil for work in memory.
    public let file: String?
    /// What to act on.
    public let reason: Reason

    init(_ operation: Operation, _ file: String?, _ reason: Reason) {
        self.operation = operation
        self.file = file
        self.reason = reason
    }

    static func outOfMemory(_ operation: Operation, _ file: String?) -> MediaError {
        library(operation, file, cav_error_out_of_memory())
    }

    static func library(_ operation: Operation, _ file: String?, _ code: Int32) -> MediaError {
        MediaError(operation, file, .library(code: code, text: text(ofLibrary: code), detail: LibraryLog.take()))
    }

    private static func text(ofLibrary code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { buffer in
            guard let start = buffer.baseAddress else { return "error \(code)" }
            av_strerror(code, start, buffer.count)
            return String(cString: start)
        }
    }
}

/// Passes a libav result through, or turns a negative one into an error with libav's own words.
@discardableResult
func check(
    _ code: Int32, _ operation: MediaError.Operation, _ file: String?
) throws(MediaError) -> Int32 {
    guard code >= 0 else { throw .library(operation, file, code) }
    LibraryLog.clear()
    return code
}

extension MediaError: CustomStringConvertible {
    /// A sentence: what could not be done, with which file, and why.
    public var description: String {
        let what = file.map { "\(operation.rawValue) \($0)" } ?? operation.rawValue
        return "cannot \(what): \(reason)"
    }
}

extension MediaError.Reason: CustomStringConvertible {
    /// The reason alone, without the file.
    public var description: String {
        switch self {
        case .missingEncoder(let name, let version):
            """
            the encoder \(name) is missing in this libavcodec (\(version)): \
            install Debian's libavcodec59 (which brings \(name)) or an FFmpeg built with it
            """
        case .library(_, let text, let detail):
            detail.map { "\(text) (\($0))" } ?? text
        case .system(let code):
            String(cString: strerror(code))
        case .oddSize(let size):
            "the size \(size) has an odd side; H.264 in 4:2:0 needs even ones"
        case .wrongFrameSize(let expected, let found):
            "the frame is \(found), the video \(expected)"
        case .noFrames:
            "it has no frames"
        case .noSegments:
            "there are no segments"
        case .noVideo:
            "it holds no video"
        case .mismatch(let property, let expected, let found):
            "its \(property) is \(found), expected \(expected)"
        case .truncated(let announced, let found):
            "it is cut short: \(found) of \(announced) frames are there"
        case .unevenTiming(let index):
            "frame \(index) does not lie at \(index)/fps in decoding order"
        case .startsWithoutKeyframe:
            "its first frame is not a keyframe"
        case .chapterTitleTooLong(let bytes, let bytesMax):
            "a chapter's title of \(bytes) bytes is longer than \(bytesMax)"
        }
    }
}
