import Control
import Coordinator
import Farm
import Foundation
import Storage
import Testing
import Wire

/// Goal: a coordinator removes what nobody can go on with any more, and says so.
/// Method: a finished story, then a coordinator over the same folder that keeps nothing.
@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
    private func render(_ script: String, in home: FarmHome) async throws {
        try await home.open { farm in
            let worker = try ScriptedWorker(home)
            try await worker.join(farm)
            try await farm.submit(script)
            try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
        }
    }

    private func files(_ folder: String, in home: FarmHome) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: home.folder.appending(path: folder).path)) ?? []
    }

    private func removed(_ news: FarmNews) -> Bool {
        news.kind == .notice && news.text.contains("boundaries are removed")
    }

    /// Method: for want of time, or for want of room.
    @Test(arguments: [true, false]) func aPrunedStoryKeepsItsFilmAndIsRenderedFromTheBeginning(_ isOver: Bool)
        async throws
    {
        try await withHome { home in
            try await render(OpenFarm.story(segments: 3), in: home)
            #expect(files("boundaries", in: home) == ["1"])
            #expect(files("artifacts/latents/1", in: home).count == 3)
            try await home.open {
                if isOver { $0.retention.boundaryTime = .zero } else { $0.retention.watermarkBytes = .max }
            } _: { farm in
                try await farm.happened(removed)
                let error = await #expect(throws: ControlError.self) {
                    try await farm.control.command(.revise(segment: 3, scene: nil, action: nil, seed: 4), on: 1)
                }
                guard case .conflict(let reason)? = error else { Issue.record("\(error as Any)"); return }
                #expect(reason.contains("can be revised from segment 1"), "\(reason)")
                #expect(try await farm.control.video(of: 1, segment: nil).segments == 3)
                while files("boundaries", in: home) != [] { await Task.yield() }
                while files("artifacts/latents/1", in: home) != [] { await Task.yield() }
            }
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.control.command(.revise(segment: 1, scene: nil, action: nil, seed: 4), on: 1)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                #expect(try await farm.control.video(of: 1, segment: nil).segments == 3)
            }
        }
    }

    /// Method: latents that are uploaded and never reported; the story is cancelled, and the next one needs room.
    @Test func whatNoRecordNamesGoesWithWhatIsPruned() async throws {
        try await withHome { home in
            try await home.open {
                $0.retention.watermarkBytes = .max
            } _: { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                _ = try await worker.upload([1, 2, 3], .latents, grant.attempt)
                #expect(files("artifacts/latents/1", in: home).count == 1)
                try await farm.control.command(.cancel, on: 1)
                try await farm.submit(OpenFarm.story(segments: 1))
                while files("artifacts/latents/1", in: home) != [] { await Task.yield() }
            }
        }
    }

    @Test func refusedLatentsAreNotKept() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            let (file, transfer) = try await worker.upload([1, 2, 3], .latents, grant.attempt)
            try await worker.say(worker.denoised(grant.attempt, file, transfer, ReadRecords().consumed), on: .data)
            while files("artifacts/latents/1", in: farm.home) != [] { await Task.yield() }
        }
    }

    @Test func whatNoStoryNamesIsRemovedWhenTheFarmIsOpened() async throws {
        try await withHome { home in
            try await render(OpenFarm.story(segments: 1), in: home)
            let orphans = ["boundaries/99/1.log", "films/99-1.mp4", "artifacts/latents/99/x"]
            for orphan in orphans {
                let file = home.folder.appending(path: orphan)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data([1]).write(to: file)
            }
            try await home.open { _ in }
            #expect(files("boundaries", in: home) == ["1"])
            #expect(files("films", in: home) == ["1-1.mp4"])
        }
    }
}
