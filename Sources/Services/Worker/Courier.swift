import Crypto
import Farm
import Foundation
import Logging
import Storage
import Transport
import Wire

/// Files on their way between a worker and its coordinator, in chunks as fast as the other side takes them.
actor Courier {
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// The data connection is gone, and the transfer with it.
        case disconnected
        /// There has been no data connection for a long time.
        case unreachable
        /// The other side gave it up.
        case aborted(Message.AbortReason?, String)
        /// The bytes are not those that were announced.
        case damaged
        /// Nobody wants it any more.
        case cancelled

        var description: String {
            switch self {
            case .disconnected: "the data connection is gone"
            case .unreachable: "there is no data connection to the coordinator"
            case .aborted(_, let detail): "the coordinator gave the transfer up: \(detail)"
            case .damaged: "a file arrived damaged"
            case .cancelled: "the transfer was cancelled"
            }
        }
    }

    struct Upload {
        let attempt: AttemptID
        var credit: Int
        /// Bytes that the coordinator has written; all of them once the file is durable there.
        var acknowledged = 0
        var ending: Failure?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private struct Download {
        let attempt: AttemptID
        let file: FileHandle
        var received = 0
        var hash = SHA256()
        let expected: Artifact
        let waiter: CheckedContinuation<Void, any Error>
    }

    private var link: Link?
    private var isClosed = false
    private var initialCredit = 0
    var number: UInt64 = 0
    var uploads: [UInt64: Upload] = [:]
    private var downloads: [UInt64: Download] = [:]
    private var connectionWaiters: [CheckedContinuation<Void, Never>] = []
    private let patience: Duration
    let shared: SharedFolder?
    /// Whether the last file that was to be left there was.
    var isSharedFolderUsed = true
    let logger: Logger

    /// Bytes of a download that may be on their way.
    private static let window = 4 * WireLimits.chunkBytes

    /// - Parameters:
    ///   - patience: how long a file may wait for a connection before its attempt fails.
    ///   - shared: for files that need not travel.
    init(patience: Duration = .seconds(20), shared: SharedFolder? = nil, logger: Logger) {
        (self.patience, self.shared, self.logger) = (patience, shared, logger)
    }

    // MARK: Connection

    func connected(_ link: Link, initialCredit: Int) {
        (self.link, self.initialCredit) = (link, initialCredit)
        wakeConnectionWaiters()
    }

    private func wakeConnectionWaiters() {
        let waiters = connectionWaiters
        connectionWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    func disconnected() {
        link = nil
        for key in uploads.keys { end(upload: key, .disconnected) }
        for key in downloads.keys { end(download: key, .disconnected) }
    }

    /// Gives up whatever is on its way for an attempt.
    func cancel(_ attempt: AttemptID) {
        for (key, upload) in uploads where upload.attempt == attempt { end(upload: key, .cancelled) }
        for (key, download) in downloads where download.attempt == attempt { end(download: key, .cancelled) }
        wakeConnectionWaiters()
    }

    /// Nothing is sent any more.
    func close() {
        isClosed = true
        disconnected()
        wakeConnectionWaiters()
    }

    func connection(keepsGoing: @Sendable () -> Bool) async throws(Failure) -> Link {
        let deadline = ContinuousClock.now + patience
        let alarm = Task {
            try await ContinuousClock().sleep(until: deadline)
            self.wakeConnectionWaiters()
        }
        defer { alarm.cancel() }
        while true {
            if isClosed || !keepsGoing() { throw .cancelled }
            if let link { return link }
            guard ContinuousClock.now < deadline else { throw .unreachable }
            await withCheckedContinuation { connectionWaiters.append($0) }
        }
    }

    // MARK: Up

    /// Sends a file whole, again from its beginning where the connection was lost, or leaves it in the shared folder.
    ///
    /// - Returns: what it is, and under which number the last connection knew it.
    func upload(
        _ path: String, as kind: Message.TransferKind, of attempt: AttemptID,
        keepsGoing: @escaping @Sendable () -> Bool
    ) async throws -> (Artifact, UInt64) {
        while true {
            guard keepsGoing() else { throw Failure.cancelled }
            do {
                if let left = try await deposit(path, kind, attempt, keepsGoing: keepsGoing) { return left }
                return try await tryUpload(path, kind, attempt, keepsGoing)
            } catch Failure.disconnected {
                continue
            } catch Failure.aborted(.diskFull, _) {
                // Running work is kept until there is room.
                try await ContinuousClock().sleep(for: .seconds(2))
            }
        }
    }

    private func tryUpload(
        _ path: String, _ kind: Message.TransferKind, _ attempt: AttemptID, _ keepsGoing: @Sendable () -> Bool
    ) async throws -> (Artifact, UInt64) {
        let link = try await connection(keepsGoing: keepsGoing)
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let total = Int(try file.seekToEnd())
        try file.seek(toOffset: 0)
        number += 1
        let key = number
        uploads[key] = Upload(attempt: attempt, credit: initialCredit)
        defer { uploads[key] = nil }
        do { return (try await send(file, of: total, kind, attempt, as: key, through: link), key) } catch {
            giveUp(key, because: error, through: link)
            throw error
        }
    }

    private func send(
        _ file: FileHandle, of total: Int, _ kind: Message.TransferKind, _ attempt: AttemptID, as key: UInt64,
        through link: Link
    ) async throws -> Artifact {
        var (offset, hash) = (0, SHA256())
        while true {
            try await wait(for: key) { $0.credit > 0 }
            let bytes = try file.read(upToCount: min(WireLimits.chunkBytes, total - offset)) ?? Data()
            guard !bytes.isEmpty else { throw Failure.damaged }
            hash.update(data: bytes)
            let isLast = offset + bytes.count == total
            let digest = isLast ? Digest(Array(hash.finalize())) : nil
            let header = Message.chunk(
                .init(
                    attempt: attempt, transfer: key, kind: kind, offset: offset, total: total, bytes: bytes.count,
                    digest: digest))
            try await send(Multipart([Frame(header.encoded()), Frame(bytes)]), through: link)
            offset += bytes.count
            uploads[key]?.credit -= bytes.count
            guard let digest else { continue }
            try await wait(for: key) { $0.acknowledged == total }
            return Artifact(bytes: total, digest: digest)
        }
    }

    /// A link that is closed has made way for another one, which whoever tries again is to wait for.
    func send(_ message: Multipart, through link: Link) async throws(Failure) {
        do throws(SendError) { try await link.send(message) } catch {
            if error == .closed, self.link === link { self.link = nil }
            throw .disconnected
        }
    }

    /// Nor does the other side wait any longer, which would keep its end open as long as the connection.
    private func giveUp(_ key: UInt64, because error: any Error, through link: Link) {
        if error as? Failure == .disconnected { return }
        let message = Message.transferAborted(.init(transfer: key, reason: .known(.cancelled), detail: ""))
        if let header = try? message.encoded() { link.post(Multipart([Frame(header)])) { _ in } }
    }

    func wait(for key: UInt64, until isReached: (Upload) -> Bool) async throws {
        while true {
            guard let upload = uploads[key] else { throw Failure.disconnected }
            if let ending = upload.ending { throw ending }
            if isReached(upload) { return }
            await withCheckedContinuation { uploads[key]?.waiter = $0 }
        }
    }

    private func end(upload key: UInt64, _ ending: Failure) {
        // The first reason counts.
        if uploads[key]?.ending == nil { uploads[key]?.ending = ending }
        wake(key)
    }

    private func wake(_ key: UInt64) {
        let waiter = uploads[key]?.waiter
        uploads[key]?.waiter = nil
        waiter?.resume()
    }

    // MARK: Down

    /// Fetches the file that a lease names, or takes it from the shared folder.
    func download(
        _ expected: Artifact, as kind: Message.TransferKind, of attempt: AttemptID, to path: String,
        keepsGoing: @escaping @Sendable () -> Bool
    ) async throws {
        if kind == .latents, let shared, shared.take(expected, latentsOf: attempt.segment, to: path) { return }
        while true {
            guard keepsGoing() else { throw Failure.cancelled }
            do { return try await tryDownload(expected, kind, attempt, path, keepsGoing) } catch Failure.disconnected {
                continue
            }
        }
    }

    private func tryDownload(
        _ expected: Artifact, _ kind: Message.TransferKind, _ attempt: AttemptID, _ path: String,
        _ keepsGoing: @Sendable () -> Bool
    ) async throws {
        let link = try await connection(keepsGoing: keepsGoing)
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        number += 1
        let key = number
        let request = Message.fetch(.init(attempt: attempt, transfer: key, kind: kind, credit: Self.window))
        let header = try Frame(request.encoded())
        do {
            try await withCheckedThrowingContinuation { waiter in
                downloads[key] = Download(attempt: attempt, file: file, expected: expected, waiter: waiter)
                // A connection that is lost says so itself.
                link.post(Multipart([header])) { _ in }
            }
        } catch {
            giveUp(key, because: error, through: link)
            throw error
        }
    }

    private func end(download key: UInt64, _ failure: Failure?) {
        guard let download = downloads.removeValue(forKey: key) else { return }
        if let failure { download.waiter.resume(throwing: failure) } else { download.waiter.resume() }
    }

    // MARK: What arrives

    func receive(_ message: Message, _ raw: [Frame]) {
        switch message {
        case .credit(let credit):
            uploads[credit.transfer]?.credit += credit.bytes
            uploads[credit.transfer]?.acknowledged += credit.bytes
            wake(credit.transfer)
        case .transferAborted(let abort):
            let reason: Message.AbortReason? = if case .known(let reason) = abort.reason { reason } else { nil }
            end(upload: abort.transfer, .aborted(reason, abort.detail.text))
            end(download: abort.transfer, .aborted(reason, abort.detail.text))
        case .chunk(let chunk): receive(chunk, raw[0])
        default: break
        }
    }

    private func receive(_ chunk: Message.Chunk, _ bytes: Frame) {
        let key = chunk.transfer
        guard let download = downloads[key] else { return }
        guard chunk.offset == download.received, chunk.total == download.expected.bytes else {
            return end(download: key, .damaged)
        }
        let data = Data(bytes.bytes)
        do { try download.file.write(contentsOf: data) } catch {
            return end(download: key, .aborted(nil, "\(error)"))
        }
        downloads[key]!.received += data.count
        downloads[key]!.hash.update(data: data)
        guard chunk.isLast else {
            let credit = Message.credit(.init(transfer: key, bytes: data.count))
            if let header = try? credit.encoded() { link?.post(Multipart([Frame(header)])) { _ in } }
            return
        }
        let digest = Digest(Array(downloads[key]!.hash.finalize()))
        end(download: key, digest == download.expected.digest ? nil : .damaged)
    }
}
