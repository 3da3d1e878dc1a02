import Control
import Coordinator
import Farm
import Storage
import Testing
import Transport
import Wire

/// Goal: where the disk has room for the ledger alone, decisions go on, what workers bring waits, and room is made.
/// Method: a coordinator that leaves the ledger more room than any disk has.
@Suite(.timeLimit(.minutes(5))) struct FullDiskTests {
    @Test func whatIsBroughtToAFullDiskIsTakenOnceThereIsRoom() async throws {
        try await withHome { home in
            let worker = try ScriptedWorker(home)
            var granted: Message.LeaseGrant?
            try await home.open {
                $0.ledgerBytes = .max
            } _: { farm in
                try await worker.join(farm)
                let story = try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                let boundaries = (0...1).map { Frame(ScriptedWorker.boundary(grant.recipe, $0)) }
                for (step, frame) in boundaries.enumerated() {
                    try await worker.say(worker.append(grant.attempt, step, frame), [frame], on: .data)
                }
                // The first one is not there.
                #expect(try await missing(of: grant.attempt, heardBy: worker) == 0)
                let refusal = try await refusal(ofLatentsOf: grant, by: worker)
                #expect(refusal.reason == .known(.diskFull))
                #expect(refusal.detail.text.contains("kept for the ledger"))
                try await farm.control.command(.prioritize(3), on: story)
                granted = grant
            }
            let grant = try #require(granted)
            try await home.open { farm in
                try await worker.join(farm)
                #expect(try await missing(of: grant.attempt, heardBy: worker) == 0)
                for step in 0...4 { try await worker.append(grant, step) }
                try await worker.report(grant, ReadRecords().consumed)
                #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted)
                #expect(try await farm.control.story(1).overview.priority == 3)
            }
        }
    }

    /// Method: of two stories that are rendered one is cancelled, and then the other one's worker finds no room.
    @Test func whoeverFindsNoRoomHasItMade() async throws {
        try await withHome { home in
            let (worker, other) = (try ScriptedWorker(home, number: 1), try ScriptedWorker(home, number: 2))
            var granted: Message.LeaseGrant?
            try await home.open { farm in
                try await other.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                try await other.append(other.grant(), 0)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                granted = try await worker.grant()
            }
            await other.vanish()
            let grant = try #require(granted)
            try await home.open {
                ($0.ledgerBytes, $0.retention.watermarkBytes) = (.max, .max)
            } _: { farm in
                try await worker.join(farm)
                try await farm.control.command(.cancel, on: 1)
                #expect(try await refusal(ofLatentsOf: grant, by: worker).reason == .known(.diskFull))
                try await farm.happened { $0.story == 1 && $0.text.contains("boundaries are removed") }
            }
        }
    }

    /// The first step that the coordinator wants of an attempt.
    private func missing(of attempt: AttemptID, heardBy worker: ScriptedWorker) async throws -> Int {
        try await worker.hear(.data) { message in
            if case .boundaryWanted(let wanted) = message, wanted.attempt == attempt { wanted.fromStep } else { nil }
        }
    }

    private func refusal(
        ofLatentsOf grant: Message.LeaseGrant, by worker: ScriptedWorker
    ) async throws -> Message.TransferAborted {
        let number = await worker.nextTransfer()
        let chunk = Message.Chunk(
            attempt: grant.attempt, transfer: number, kind: .latents, offset: 0, total: 9, bytes: 3)
        try await worker.say(.chunk(chunk), [Frame([1, 2, 3])], on: .data)
        return try await worker.hear(.data) { message in
            if case .transferAborted(let aborted) = message, aborted.transfer == number { aborted } else { nil }
        }
    }
}
