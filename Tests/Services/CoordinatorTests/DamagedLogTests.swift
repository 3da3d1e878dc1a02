import Control
import Coordinator
import Farm
import Foundation
import Testing
import Wire

/// Goal: a damaged boundary log costs work, never a story that waits for ever in silence.
/// Method: the file is damaged between two coordinators; the same worker goes on.
@Suite(.timeLimit(.minutes(5))) struct DamagedLogTests {
    @Test func whoeverWroteADamagedLogWritesItAgain() async throws {
        try await withHome { home in
            let worker = try ScriptedWorker(home)
            var running: Message.LeaseGrant?
            try await home.open { farm in
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                for step in 0...2 { try await worker.append(grant, step) }
                await worker.hold(grant.attempt, .denoising, step: 2)
                running = grant
            }
            try damage("1/1.log", of: home, .recordHeader)
            let grant = try #require(running)
            try await home.open { farm in
                await worker.vanish()
                try await worker.join(farm)
                let wanted = try await worker.hear(.data) { message in
                    if case .boundaryWanted(let wanted) = message { wanted.fromStep } else { nil }
                }
                #expect(wanted == 0)
                for step in 0...4 { try await worker.append(grant, step) }
                try await worker.report(grant, ReadRecords().consumed)
                #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted)
                await worker.letGo(grant.attempt)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
            }
        }
    }

    /// A damaged header is found when the log is opened, a payload when it is read.
    @Test(arguments: [Part.recordHeader, .payload])
    func whoeverReadsADamagedLogOfAFinishedSegmentFailsAndARevisionMendsIt(_ part: Part) async throws {
        try await withHome { home in
            let worker = try ScriptedWorker(home)
            var reading: Message.LeaseGrant?
            try await home.open { farm in
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 2))
                let first = try await worker.grant(of: .denoising)
                guard case .denoising(let job) = first.job else { Issue.record("not denoising"); return }
                try await worker.denoise(first, job)
                let second = try await worker.grant(of: .denoising)
                #expect(second.attempt.segment.number == 2)
                reading = second
            }
            try damage("1/1.log", of: home, part)
            let second = try #require(reading)
            try await home.open { farm in
                await worker.vanish()
                try await worker.join(farm)
                if part == .payload, case .denoising(let job) = second.job, let source = job.predecessor?.stream {
                    // It is asked for what the log lacks once it may read.
                    try await worker.hear(.data) { if case .boundaryWanted = $0 { true } else { nil } }
                    _ = try await worker.record(of: source, 0, for: second.attempt)
                }
                try await farm.story(1, was: "failed")
                let note = try await farm.control.story(1).overview.note
                #expect(note?.contains("revise the story from segment 1") == true, "\(note ?? "")")
                let delivery = try await worker.grant(of: .delivering)
                try await worker.deliver(delivery)
                for held in await worker.held { await worker.letGo(held.attempt) }
                try await farm.control.command(.revise(segment: 1, scene: nil, action: nil, seed: 9), on: 1)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
            }
        }
    }

    enum Part { case recordHeader, payload }

    /// Damages the second record: behind a header that can't be read nothing can be told apart any more.
    private func damage(_ file: String, of home: FarmHome, _ part: Part) throws {
        let url = home.folder.appending(path: "boundaries/" + file)
        var bytes = try Data(contentsOf: url)
        let payload = bytes[44..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        bytes[32 + 32 + payload + (part == .payload ? 32 : 0)] ^= 0xFF
        try bytes.write(to: url)
    }
}
