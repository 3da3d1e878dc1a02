import Farm
import Logging
import Storage
import Transport
import Wire

extension Courier {
    /// Leaves a file in the shared folder and tells the coordinator, which looks at every byte of it there.
    ///
    /// - Returns: nil where it has to be sent instead: nothing is shared, the folder is full or gone, or what the
    ///   coordinator finds there is not what it was told.
    /// - Throws: ``Failure``, where sending would not help either.
    func deposit(
        _ path: String, _ kind: Message.TransferKind, _ attempt: AttemptID, keepsGoing: @Sendable () -> Bool
    ) async throws -> (Artifact, UInt64)? {
        guard let shared, let content = ArtifactKind(deposited: kind) else { return nil }
        let link = try await connection(keepsGoing: keepsGoing)
        let deposit: Deposit
        do { deposit = try shared.deposit(path, of: attempt, content) } catch {
            note(problem: "\(error)")
            return nil
        }
        number += 1
        let key = number
        uploads[key] = Upload(attempt: attempt, credit: 0)
        defer { uploads[key] = nil }
        do {
            let header = Message.deposit(
                .init(attempt: attempt, transfer: key, kind: kind, artifact: deposit.file))
            try await send(Multipart([Frame(header.encoded())]), through: link)
            try await wait(for: key) { $0.acknowledged == deposit.file.bytes }
        } catch Failure.aborted(let reason, let detail) where reason != .stale && reason != .cancelled {
            note(problem: detail)
            return nil
        } catch {
            shared.withdraw(deposit)
            throw error
        }
        note(problem: nil)
        return (deposit.file, key)
    }

    /// Once for each time that it begins or ends: a folder that is full stays so for many files.
    private func note(problem: String?) {
        guard (problem == nil) != isSharedFolderUsed else { return }
        isSharedFolderUsed = problem == nil
        guard let problem else { return logger.notice("the shared folder is used again") }
        logger.warning(
            "the shared folder takes no file: they are sent to the coordinator until there is room and it is mounted",
            metadata: ["error": "\(problem)"])
    }
}

extension ArtifactKind {
    /// Nil for what is always sent.
    fileprivate init?(deposited kind: Message.TransferKind) {
        switch kind {
        case .checkpoint: return nil
        case .latents: self = .latents
        case .video: self = .video
        }
    }
}
