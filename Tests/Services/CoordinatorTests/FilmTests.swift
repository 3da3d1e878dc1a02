import Control
import Farm
import Foundation
import Testing
import Wire

@testable import Coordinator

/// Goal: a film holds nothing up, and one that can't be written is written once it can.
/// Method: what a film is made of, or where it goes, is replaced by something that can't be read or written.
@Suite(.timeLimit(.minutes(5))) struct FilmTests {
    private func isNotice(_ news: FarmNews) -> Bool { news.kind == .notice && news.cause == "film" }

    /// Method: a folder lies where the film goes; it is taken away once the story says so.
    @Test func aFilmThatCannotBeWrittenIsWrittenLater() async throws {
        try await withHome { home in
            let place = home.folder.appending(path: "films/1-1.mp4")
            try await home.open {
                $0.filmPause = .milliseconds(1)
            } _: { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                try FileManager.default.createDirectory(
                    at: place.appending(path: "something"), withIntermediateDirectories: true)
                try await farm.withWorkers(worker) { try await farm.happened(isNotice) }
                let waiting = try await farm.control.story(1).overview
                #expect(waiting.state == "assembling")
                #expect(waiting.note == "the film can't be written: Is a directory")
                try FileManager.default.removeItem(at: place)
                try await farm.story(1, was: "finished")
                #expect(try await farm.control.story(1).overview.note == nil)
                #expect(try await farm.control.video(of: 1, segment: nil).isWholeStory)
            }
        }
    }

    /// Method: the video of the first segment is a pipe while the film of both is written, which waits for its writer.
    @Test func theFarmGoesOnWhileAFilmIsWritten() async throws {
        try await withHome { home in
            try await home.open {
                $0.filmPause = .milliseconds(1)
            } _: { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                let story = try await farm.submit(OpenFarm.story(segments: 2))
                try await finishFirstSegment(worker)
                try await farm.happened { $0.kind == .film }
                let video = try await farm.control.video(of: story, segment: 1).path
                let blocked = try BlockedFile(video)
                try await farm.withWorkers(worker) {
                    let pipe = await blocked.reached()
                    // Both are committed, and what follows from it is done.
                    let other = try await farm.submit(OpenFarm.story(segments: 1))
                    try await farm.segment(1, of: other, was: "finished")
                    try blocked.giveBack(pipe)
                    try await farm.happened { isNotice($0) && $0.text.contains("the video of segment 1: ") }
                    try await farm.story(story, was: "finished")
                    try await farm.story(other, was: "finished")
                }
            }
        }
    }

    private func finishFirstSegment(_ worker: ScriptedWorker) async throws {
        let grant = try await worker.grant()
        guard case .denoising(let job) = grant.job else { throw ScriptedWorker.Ended() }
        try await worker.denoise(grant, job)
        try await worker.deliver(try await worker.grant(of: .delivering))
    }

    @Test func aLongFilmIsWrittenAsOftenAsItGrowsByATenth() {
        let id = StoryID(rawValue: 1)
        func isDue(_ segments: Int, having assembled: Int, _ state: StoryState = .rendering) -> Bool {
            let terms = StoryTerms(
                submitter: Submitter(rawValue: "ann"), priority: 0, segmentCount: 1_000, steps: 4, handoff: .stream,
                firstBlend: 1, model: "embedded", segmentTime: .seconds(1))
            return FilmOrder(id, revision: 1, segments: segments).isDue(
                for: StoryRecord(id: id, terms: terms, priority: 0, state: state, assembled: assembled),
                at: Moment(microseconds: 0))
        }
        var written: [Int] = []
        for segments in 1...1_000 where isDue(segments, having: written.last ?? 0) { written.append(segments) }
        #expect(written.prefix(10) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(written.reduce(0, +) < 12_000)
        // Of a story that has ended, or only waits for its film, nothing is left out.
        for state in [StoryState.assembling, .failed, .cancelled] {
            #expect(isDue(1_000, having: 999, state))
        }
    }
}
