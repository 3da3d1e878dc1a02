import AsyncHTTPClient
import Control
import DurableFile
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

extension FarmClient {
    /// Writes a story's finished prefix, or one segment, as an MP4: all of it under its name, or nothing.
    ///
    /// - Parameters:
    ///   - progress: is told the bytes that are there, and of how many if that is known.
    /// - Returns: bytes written.
    @discardableResult
    public func download(
        _ story: UInt64, segment: Int? = nil, to path: String, progress: (Int, Int?) -> Void = { _, _ in }
    ) async throws(FarmClientError) -> Int {
        let address = segment.map { "stories/\(story)/segments/\($0)/video" } ?? "stories/\(story)/video"
        let response = try await response(to: .GET, address)
        let total = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        let file = try DownloadedFile(path)
        do {
            for try await bytes in response.body {
                try file.write(bytes)
                progress(file.byteCount, total)
            }
        } catch let error as FarmClientError {
            throw error
        } catch {
            throw Self.failure(error, at: address)
        }
        if let total, total != file.byteCount {
            throw .notReached(reason: "the answer ended after \(file.byteCount) of \(total) bytes")
        }
        try file.commit()
        return file.byteCount
    }
}

/// A file that appears when it is whole.
private final class DownloadedFile {
    private let partial: PartialFile
    private let descriptor: Int32
    private(set) var byteCount = 0

    init(_ path: String) throws(FarmClientError) {
        partial = PartialFile(for: path)
        descriptor = open(partial.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit { close(descriptor) }

    func write(_ bytes: ByteBuffer) throws(FarmClientError) {
        var rest = bytes.readableBytesView[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(partial.target) }
            rest = rest.dropFirst(count)
            byteCount += count
        }
    }

    func commit() throws(FarmClientError) {
        do { try partial.commit() } catch { throw .file(path: error.path, reason: error.reason) }
    }

    private static func failure(_ path: String) -> FarmClientError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
