import Coordinator
import Farm
import Foundation
import Storage
import Testing
import Wire

/// Goal: what a worker leaves in the shared folder counts as little as what it sends, unless lease and bytes are right.
/// Method: a coordinator in this process; scripted workers that write into the folder themselves.
@Suite(.timeLimit(.minutes(5))) struct SharedStorageTests {
    private func withSharing(_ body: (OpenFarm, SharedFolder) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withFarm({ $0.shared = path }) { try await body($0, SharedFolder(ofWorker: path)) }
    }

    /// Leaves bytes in the folder and says so.
    ///
    /// - Parameter claimed: what the bytes are said to be.
    /// - Returns: nil where they were taken, else why not.
    private func deposit(
        _ bytes: [UInt8], as claimed: [UInt8]? = nil, _ kind: Message.TransferKind, _ attempt: AttemptID,
        in folder: SharedFolder, by worker: ScriptedWorker
    ) async throws -> Message.AbortReason? {
        let source = FileManager.default.temporaryDirectory.appending(path: "deposit-\(UUID())")
        try Data(claimed ?? bytes).write(to: source)
        defer { try? FileManager.default.removeItem(at: source) }
        let deposit = try folder.deposit(source.path, of: attempt, kind == .latents ? .latents : .video)
        if claimed != nil {
            let incoming = URL(filePath: folder.path).appending(path: "incoming")
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: incoming.path).first)
            try Data(bytes).write(to: incoming.appending(path: name))
        }
        let number = await worker.nextTransfer()
        try await worker.say(
            .deposit(.init(attempt: attempt, transfer: number, kind: kind, artifact: deposit.file)), on: .data)
        return try await worker.hear(.data) { message -> Message.AbortReason?? in
            switch message {
            case .credit(let credit) where credit.transfer == number: .some(nil)
            case .transferAborted(let abort) where abort.transfer == number:
                if case .known(let reason) = abort.reason { .some(reason) } else { .some(.cancelled) }
            default: nil
            }
        }
    }

    private func incoming(_ folder: SharedFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/incoming")
    }

    @Test func aStoryIsFinishedFromWhatLiesInTheFolder() async throws {
        try await withSharing { farm, folder in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            for step in 0...4 { try await worker.append(grant, step) }
            let latents = ScriptedWorker.latents(grant.recipe)
            let file = Artifact(bytes: latents.count, digest: ScriptedWorker.digest(of: latents))
            #expect(try await deposit(latents, .latents, grant.attempt, in: folder, by: worker) == nil)
            #expect(try incoming(folder) == [])
            // A lease to denoise lets nobody deliver.
            #expect(
                try await deposit([1, 2, 3], .video, grant.attempt, in: folder, by: worker) == .stale)
            try await worker.say(worker.denoised(grant.attempt, file, 1, ReadRecords().consumed), on: .data)
            #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted)
            let taken = folder.path + "/taken"
            #expect(folder.take(file, latentsOf: grant.attempt.segment, to: taken))
            await worker.letGo(grant.attempt)
            try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
        }
    }

    @Test func theFileOfAnEarlierLeaseIsRefusedAndGone() async throws {
        try await withSharing { farm, folder in
            let (first, second) = (try ScriptedWorker(farm.home, number: 1), try ScriptedWorker(farm.home, number: 2))
            try await first.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let old = try await first.grant()
            await first.vanish()
            try await second.join(farm)
            let new = try await second.grant()
            #expect(new.attempt.lease > old.attempt.lease)
            await first.letGo(old.attempt)
            try await first.join(farm)
            let latents = ScriptedWorker.latents(old.recipe)
            for attempt in [old.attempt, new.attempt] {
                #expect(try await deposit(latents, .latents, attempt, in: folder, by: first) == .stale)
                #expect(try incoming(folder) == [])
            }
            guard case .denoising(let job) = new.job else { Issue.record("not denoising"); return }
            try await second.denoise(new, job)
        }
    }

    @Test func otherBytesThanTheDigestsAreRefusedAndTheUploadIsTaken() async throws {
        try await withSharing { farm, folder in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            var wrong = ScriptedWorker.latents(grant.recipe)
            wrong[wrong.count - 1] ^= 1
            let right = ScriptedWorker.latents(grant.recipe)
            #expect(
                try await deposit(wrong, as: right, .latents, grant.attempt, in: folder, by: worker) == .damaged)
            #expect(try incoming(folder) == [])
            guard case .denoising(let job) = grant.job else { Issue.record("not denoising"); return }
            try await worker.denoise(grant, job)
        }
    }

    @Test func aFarmThatSharesNothingSaysSo() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            let file = Artifact(bytes: 3, digest: ScriptedWorker.digest(of: [1, 2, 3]))
            try await worker.say(
                .deposit(.init(attempt: grant.attempt, transfer: 9, kind: .latents, artifact: file)), on: .data)
            let isRefused = try await worker.hear(.data) { message -> Bool? in
                if case .transferAborted(let abort) = message { abort.transfer == 9 } else { nil }
            }
            #expect(isRefused)
        }
    }
}
