import Farm
import Logging
import Storage
import Transport
import Wire

extension Vault {
    // MARK: Up

    func receive(_ chunk: Message.Chunk, _ bytes: Frame, _ worker: WorkerID, _ peer: PeerID) {
        let key = TransferKey(peer: peer, number: chunk.transfer)
        if chunk.offset == 0 {
            uploads.removeValue(forKey: key)?.abandon()
            guard let subject = subject(chunk.kind, chunk.attempt, from: worker) else {
                return abort(key, .stale, "another lease holds")
            }
            do { uploads[key] = try store.begin(subject, byteCount: chunk.total) } catch {
                return abort(key, error)
            }
        }
        // Also for what was on its way behind an aborted beginning: no sender is left waiting.
        guard let upload = uploads[key] else { return abort(key, .stale, "nothing of this file came before") }
        do {
            try bytes.withUnsafeBytes { (bytes) throws(StorageError) in try upload.append(bytes, at: chunk.offset) }
            if let digest = chunk.digest {
                uploads[key] = nil
                _ = try upload.finish(expecting: digest)
            }
            // The last one says that the file is there, durably.
            post(.credit(.init(transfer: chunk.transfer, bytes: bytes.count)), to: peer)
        } catch {
            uploads.removeValue(forKey: key)?.abandon()
            abort(key, error)
        }
    }

    /// A file in the shared folder: the same fence, then the same look at every byte, and it stays where it is.
    func receive(_ message: Message.Deposit, _ worker: WorkerID, _ peer: PeerID) {
        let key = TransferKey(peer: peer, number: message.transfer)
        let deposit = Deposit(message.attempt, message.kind == .latents ? .latents : .video, message.artifact)
        guard subject(message.kind, message.attempt, from: worker) != nil else {
            // Nobody else's file has its name.
            store.discard(deposit)
            return abort(key, .stale, "another lease holds")
        }
        do {
            _ = try store.adopt(deposit)
            post(.credit(.init(transfer: message.transfer, bytes: message.artifact.bytes)), to: peer)
        } catch {
            abort(key, error)
        }
    }

    private func subject(
        _ kind: Message.TransferKind, _ attempt: AttemptID, from worker: WorkerID
    ) -> ArtifactSubject? {
        guard let permit = permit(of: attempt, worker) else { return nil }
        let segment = attempt.segment
        switch (kind, permit.phase) {
        case (.checkpoint, .denoising): return .checkpoint(segment)
        case (.latents, .denoising): return .latents(segment)
        case (.video, .delivering): return .video(segment)
        case (.checkpoint, .delivering), (.latents, .delivering), (.video, .denoising): return nil
        }
    }

    private func abort(_ key: TransferKey, _ error: StorageError) {
        logger.error("upload not stored", metadata: ["error": "\(error)"])
        if error.isDiskFull { reports.yield(.diskFull) }
        abort(key, error.isDiskFull ? .diskFull : .damaged, "\(error)")
    }

    private func abort(_ key: TransferKey, _ reason: Message.AbortReason, _ detail: String) {
        post(
            .transferAborted(.init(transfer: key.number, reason: .known(reason), detail: Detail(detail))), to: key.peer)
    }

    // MARK: Down

    func begin(_ fetch: Message.Fetch, _ worker: WorkerID, _ peer: PeerID) -> TransferKey? {
        let key = TransferKey(peer: peer, number: fetch.transfer)
        guard let permit = permit(of: fetch.attempt, worker) else {
            abort(key, .stale, "another lease holds")
            return nil
        }
        let (file, subject): (Artifact?, ArtifactSubject) =
            switch fetch.kind {
            case .checkpoint: (permit.checkpoint, .checkpoint(fetch.attempt.segment))
            case .latents: (permit.latents, .latents(fetch.attempt.segment))
            case .video: (nil, .video(fetch.attempt.segment))
            }
        guard let file, let stored = store.artifact(ArtifactID(subject, digest: file.digest)) else {
            abort(key, .notFound, "the lease names no such file")
            return nil
        }
        // Whoever names two alike wants the later one.
        downloads[key]?.cancel()
        downloads[key] = Download(key: key, fetch: fetch, file: stored)
        return key
    }

    /// Sends a file as fast as its receiver takes it.
    func send(_ key: TransferKey) async {
        guard let download = downloads[key], download.begin() else { return }
        // Another one of the same number may have taken its place.
        defer { if downloads[key] === download { downloads[key] = nil } }
        var offset = 0
        let total = download.file.byteCount
        while offset < total {
            guard await download.wait() else { return }
            let count = min(WireLimits.chunkBytes, total - offset, max(download.credit, 1))
            do {
                let frame = try Frame(count: count) { (buffer) throws(StorageError) in
                    try store.read(download.file.id, at: offset, into: buffer)
                }
                let header = Message.chunk(
                    .init(
                        attempt: download.fetch.attempt, transfer: download.key.number, kind: download.fetch.kind,
                        offset: offset, total: total, bytes: count,
                        digest: offset + count == total ? download.file.id.digest : nil))
                try await link.send(Multipart([Frame(header.encoded()), frame], to: download.key.peer))
                offset += count
                download.spend(count)
            } catch let error as SendError where error == .peerFull {
                try? await ContinuousClock().sleep(for: .milliseconds(20))
            } catch let error as StorageError {
                return abort(download.key, .notFound, "\(error)")
            } catch {
                // The connection is gone; whoever comes back fetches again.
                return
            }
        }
    }

    private func post(_ message: Message, to peer: PeerID) {
        guard let header = try? message.encoded() else { return }
        link.insist(Multipart([Frame(header)], to: peer))
    }
}

/// A file on its way to a worker; belongs to the vault.
final class Download {
    let key: Vault.TransferKey
    let fetch: Message.Fetch
    let file: StoredArtifact
    private(set) var credit: Int
    private var hasBegun = false
    private var isCancelled = false
    private var waiter: CheckedContinuation<Void, Never>?

    init(key: Vault.TransferKey, fetch: Message.Fetch, file: StoredArtifact) {
        (self.key, self.fetch, self.file, credit) = (key, fetch, file, fetch.credit)
    }

    /// Whether it is still to be sent: one task does that, since one alone can wait for its credit.
    func begin() -> Bool {
        defer { hasBegun = true }
        return !hasBegun
    }

    func add(_ bytes: Int) {
        credit += bytes
        wake()
    }

    func spend(_ bytes: Int) { credit -= bytes }

    func cancel() {
        isCancelled = true
        wake()
    }

    /// Waits for credit; false when the transfer is over.
    func wait(isolation: isolated (any Actor)? = #isolation) async -> Bool {
        while credit <= 0, !isCancelled {
            await withCheckedContinuation { waiter = $0 }
        }
        return !isCancelled
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }
}
