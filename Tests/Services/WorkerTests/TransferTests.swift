import Farm
import Foundation
import Testing
import Wire

/// Goal: a transfer that ends early leaves nothing behind, on neither side, and none stays where its link was.
/// Method: a worker's session over real sockets, whose coordinator takes the lease back, refuses the file or moves.
@Suite(.timeLimit(.minutes(2))) struct TransferTests {
    private func isEmpty(_ folder: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty
    }

    private static let denoising = Message.LeaseGrant.Job.denoising(
        .init(steps: 2, checkpointEvery: 0, previewEvery: 0))
    private static let delivering = Message.LeaseGrant.Job.delivering(
        .init(latents: Artifact(bytes: 9, digest: ScriptedCoordinator.digest)))

    @Test(arguments: [denoising, delivering])
    func whatIsTakenBackIsGivenUpOnBothSides(_ job: Message.LeaseGrant.Job) async throws {
        let coordinator = try ScriptedCoordinator()
        let grant = try ScriptedCoordinator.grant(job)
        try await coordinator.withSession { scratch in
            try await coordinator.say(.leaseGrant(grant))
            let transfer = try await transfer(to: coordinator)
            try await coordinator.say(
                .recall(.init(attempt: grant.attempt, reason: .known(.cancelled), checkpoint: false)))
            try await coordinator.hear(.data) { message in
                if case .transferAborted(let abort) = message, abort.transfer == transfer { true } else { nil }
            }
            while try !isEmpty(scratch) { await Task.yield() }
        }
    }

    @Test(arguments: [denoising, delivering])
    func whatIsRefusedLeavesNoFile(_ job: Message.LeaseGrant.Job) async throws {
        let coordinator = try ScriptedCoordinator()
        let grant = try ScriptedCoordinator.grant(job)
        try await coordinator.withSession { scratch in
            try await coordinator.say(.leaseGrant(grant))
            let transfer = try await transfer(to: coordinator)
            try await coordinator.say(
                .transferAborted(.init(transfer: transfer, reason: .known(.stale), detail: "another lease holds")),
                on: .data)
            try await coordinator.hear(.control) { if case .failed = $0 { true } else { nil } }
            #expect(try isEmpty(scratch))
        }
    }

    /// Goal: what waits for an answer that can't come any more begins anew where the coordinator listens now.
    @Test func anUploadIsCompletedOverAnotherLink() async throws {
        let coordinator = try ScriptedCoordinator()
        let grant = try ScriptedCoordinator.grant(Self.denoising)
        try await coordinator.withSession { _ in
            try await coordinator.say(.leaseGrant(grant))
            let first = try await transfer(to: coordinator)
            try await coordinator.moveData()
            let chunk = try await coordinator.hear(.data) { if case .chunk(let chunk) = $0 { chunk } else { nil } }
            #expect(chunk.transfer != first && chunk.offset == 0 && chunk.isLast)
            try await coordinator.say(.credit(.init(transfer: chunk.transfer, bytes: chunk.bytes)), on: .data)
            let latents = try await coordinator.hear(.data) {
                if case .denoised(let report) = $0 { report.latents } else { nil }
            }
            #expect(latents.digest == chunk.digest)
        }
    }

    @Test func aDownloadIsAskedForAgainOverAnotherLink() async throws {
        let coordinator = try ScriptedCoordinator()
        let grant = try ScriptedCoordinator.grant(Self.delivering)
        try await coordinator.withSession { _ in
            try await coordinator.say(.leaseGrant(grant))
            let first = try await transfer(to: coordinator)
            try await coordinator.moveData()
            #expect(try await transfer(to: coordinator) > first)
        }
    }

    /// - Returns: its number.
    private func transfer(to coordinator: ScriptedCoordinator) async throws -> UInt64 {
        try await coordinator.hear(.data) { message in
            switch message {
            case .chunk(let chunk): chunk.transfer
            case .fetch(let fetch): fetch.transfer
            default: nil
            }
        }
    }
}
