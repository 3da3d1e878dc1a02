import Control
import FarmStandIn
import Foundation
import Programs
import Testing

/// Goal: who submits stories gets what was asked for, in words or as JSON, with the right status. Method: the real
/// program against a stand-in that is served in this process.
@Suite struct SubmittingTests {
    @Test func aScriptIsHandedInWithItsUserAndItsWishes() async throws {
        try await withServedFarm { served in
            let outcome = try await served.storyfarm(
                "submit", try served.script(), "--priority", "2", "--set", "sampling.seed=9", "--allow-simulation")
            #expect(outcome.status == 0)
            #expect(outcome.output == "story 1 with 2 segments is accepted\n")
            let taken = try #require(await served.farm.submissions.first)
            #expect(taken.submitter == NSUserName())
            #expect(taken.submission.name == "corgi.yaml")
            #expect(taken.submission.overrides == ["sampling.seed=9"])
            #expect(taken.submission.priority == 2)
            #expect(taken.submission.allowsSimulation)
            #expect(taken.submission.token != nil)
        }
    }

    @Test func aWrongScriptIsFoundBeforeTheFarmIsAsked() async throws {
        try await withServedFarm { served in
            let script = try served.script("segments: [{scene: x}]\ncolour: red\n")
            let outcome = try await served.storyfarm("submit", script)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("corgi.yaml:"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(await served.farm.submissions.isEmpty)
        }
    }

    @Test func whoWaitsGetsTheFilm() async throws {
        try await withServedFarm { served in
            let source = served.folder.appending(path: "source.mp4")
            let target = served.folder.appending(path: "out.mp4")
            let script = try served.script()
            async let outcome = served.storyfarm("submit", script, "-o", target.path)
            await served.waitForWatcher()
            await served.farm.put(try storedVideo([1, 2, 3], at: source), of: 1)
            await served.farm.change(1) { $0.overview.state = "finished" }
            await served.farm.say(.story, story: 1, "finished")
            #expect(try await outcome.status == 0)
            #expect(try await outcome.errors.hasPrefix("story 1 with 2 segments is accepted\n"))
            #expect(try await outcome.output.hasSuffix("\(target.path) has 3 bytes\n"))
            #expect(FileManager.default.contents(atPath: target.path) == Data([1, 2, 3]))
        }
    }

    @Test func aWatchedStoryThatFailsIsAFailure() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            async let outcome = served.storyfarm("watch", "1")
            await served.waitForWatcher()
            // Of steps that are said at once only the last is told.
            for step in 1...4 {
                await served.farm.say(.step, story: 1, segment: 1, "", step: step, steps: 8, seconds: 0.5)
            }
            await served.farm.say(.story, story: 2, "not of this story")
            await served.farm.change(1) {
                $0.overview.state = "failed"
                $0.overview.note = "segment 2 failed three times"
            }
            await served.farm.say(.story, story: 1, "failed")
            let (status, output, errors) = try await (outcome.status, outcome.output, outcome.errors)
            #expect(status == 1)
            #expect(errors == "Error: story 1 is failed: segment 2 failed three times\n")
            #expect(output.contains("segment 1: step 4/8, 0.50 s each, 0:02 left, worker 00112233 stepping\n"))
            #expect(output.hasSuffix("story 1: failed\n"))
            #expect(!output.contains("not of this story"))
            #expect(!output.contains("\u{1B}"), "nothing is redrawn where there is no terminal")
        }
    }

    @Test func watchingAsJSONIsALinePerNews() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            async let outcome = served.storyfarm("watch", "1", "--json")
            await served.waitForWatcher()
            await served.farm.say(.step, story: 1, segment: 1, "", step: 1, steps: 8, seconds: 0.5)
            await served.farm.change(1) { $0.overview.state = "finished" }
            await served.farm.say(.story, story: 1, "finished")
            #expect(try await outcome.status == 0)
            let lines = try await outcome.output.split(separator: "\n")
            let news = try lines.map { try JSONDecoder().decode(FarmNews.self, from: Data($0.utf8)) }
            #expect(news.map(\.sequence) == [1, 2])
        }
    }

    @Test func whoStopsWatchingStopsOnlyThat() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            let program = try Program(
                "storyfarm", "watch", "1", "--farm", served.connectionFile, in: served.folder)
            await served.waitForWatcher()
            program.send(SIGINT)
            #expect(program.finish().status == 130)
            #expect(await served.farm.commands.isEmpty)
        }
    }

    @Test func aStoryThatIsOverNeedsNoWatching() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            await served.farm.change(1) { $0.overview.state = "finished" }
            let outcome = try await served.storyfarm("watch", "1")
            #expect(outcome.status == 0)
            #expect(outcome.output == "story 1  A corgi's day  finished  0/2 segments\n")
        }
    }

    @Test func aStoryIsShownWithTheCommandThatRendersASegmentAgain() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(12, title: "\u{1B}[2Jevil"))
            let shown = try await served.storyfarm("show", "12", "--segment", "2")
            #expect(shown.status == 0)
            #expect(shown.output.contains("storyfarm-worker segment --story story-12.json --segment 2 --model DIR"))
            #expect(!shown.output.contains("\u{1B}"), "a title does not reach into the terminal")
            let json = try await served.storyfarm("show", "12", "--json")
            #expect(try await json.form(StoryDetail.self) == served.farm.story(12))
            #expect(try await served.storyfarm("show", "12", "--script").output == "{\"segments\": []}\n")
            #expect(try await served.storyfarm("show", "12", "--segment", "3").status == 2)
        }
    }

    @Test func aListIsATable() async throws {
        try await withServedFarm { served in
            for id: UInt64 in [1, 2] { await served.farm.put(FarmStandIn.detail(id)) }
            let list = try await served.storyfarm("list", "--limit", "1")
            let lines = list.output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix("ID  STATE   SEGMENTS"))
            #expect(lines[1].hasPrefix(" 2  queued       0/2"))
            #expect(list.errors == "older ones: storyfarm list --before 2\n")
            #expect(try await served.storyfarm("list", "--json").form(StoryList.self).stories.map(\.id) == [2, 1])
            #expect(try await served.storyfarm("list", "--state", "finnished").status == 2)
        }
    }

    @Test func fetchingWritesWhatIsThere() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            let target = served.folder.appending(path: "out.mp4").path
            let early = try await served.storyfarm("fetch", "1", "-o", target)
            #expect(early.status == 1)
            #expect(early.errors == "Error: no segment of story 1 is finished\n")
            #expect(!FileManager.default.fileExists(atPath: target))
            let source = served.folder.appending(path: "source.mp4")
            await served.farm.put(try storedVideo([1, 2, 3], at: source), of: 1, segment: 2)
            let outcome = try await served.storyfarm("fetch", "1", "--segment", "2", "-o", target)
            #expect(outcome.output == "\(target) has 3 bytes\n")
        }
    }
}
