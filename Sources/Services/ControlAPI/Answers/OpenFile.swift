import Control
import Glibc
import Hummingbird
import NIOCore
import NIOPosix

/// A file that stays the same while it is read, even if another takes its name meanwhile.
final class OpenFile: Sendable {
    let byteCount: Int
    private let descriptor: Int32

    private static let chunkBytes = 256 << 10

    init(_ path: String) throws(ControlError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unavailable(reason: "the file can't be read: \(Self.reason())") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unavailable(reason: "the file can't be read: it is no file")
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads on threads that may block, one chunk ahead of nobody: the connection's pace is the disk's.
    func body(_ range: Range<Int>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { [self] writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let (start, count) = (offset, min(Self.chunkBytes, range.upperBound - offset))
                let bytes = try await NIOThreadPool.singleton.runIfActive { try self.read(count, at: start) }
                try await writer.write(bytes)
                offset += bytes.readableBytes
            }
            try await writer.finish(nil)
        }
    }

    private func read(_ count: Int, at offset: Int) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        let read = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            max(0, pread(descriptor, space.baseAddress, count, off_t(offset)))
        }
        // A length was promised: a connection that ends early says that it was not kept.
        guard read > 0 else { throw ControlError.unavailable(reason: "the file can't be read: \(Self.reason())") }
        return bytes
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
