import Console
import Control
import FarmStandIn
import Testing

@testable import storyfarm

/// Goal: who watches sees what is true now, and nothing wider or longer than the terminal. Method: forms and news in,
/// lines out; moments are made up.
@Suite struct StoryDisplayTests {
    private func news(
        _ kind: FarmNews.Kind, segment: Int? = nil, _ text: String = "", step: Int? = nil, seconds: Double? = nil
    ) -> FarmNews {
        FarmNews(
            sequence: 1, time: 0, kind: kind, story: 1, segment: segment, worker: FarmStandIn.worker, text: text,
            step: step, steps: 8, seconds: seconds)
    }

    @Test func aStepShowsItsPaceWhatIsLeftAndTheWorker() {
        var display = StoryDisplay(FarmStandIn.detail(1))
        let isState = display.take(news(.segment, segment: 1, "denoising"), at: .zero)
        let isStep = display.take(news(.step, segment: 1, step: 4, seconds: 15.5), at: .zero)
        #expect(isState && !isStep)
        let lines = display.lines(columns: 100, rows: 24, at: .zero)
        #expect(
            lines == [
                "story 1  A corgi's day  queued  0/2 segments",
                "  1  denoising   ██████████░░░░░░░░░░  step 4/8  16 s each  1:02 left  worker 00112233 stepping",
                "  2  blocked",
            ])
    }

    /// What the farm said last may be older than the step.
    @Test func aWorkerThatHasSteppedIsNoLongerLoading() {
        var story = FarmStandIn.detail(1)
        (story.segments[0].state, story.segments[0].worker) = ("denoising", FarmStandIn.worker)
        story.segments[0].activity = "loading"
        var display = StoryDisplay(story)
        #expect(display.lines(columns: 100, rows: 24, at: .zero)[1].hasSuffix("worker 00112233 loading"))
        _ = display.take(news(.step, segment: 1, step: 4, seconds: 15.5), at: .zero)
        #expect(display.lines(columns: 100, rows: 24, at: .zero)[1].hasSuffix("worker 00112233 stepping"))
    }

    @Test func theTimeLeftGoesDownByItself() {
        var story = FarmStandIn.detail(1)
        story.secondsLeft = 90
        let display = StoryDisplay(story, at: .seconds(10))
        #expect(display.headline(at: .seconds(10)).hasSuffix("1:30 left"))
        #expect(display.headline(at: .seconds(40)).hasSuffix("1:00 left"))
        #expect(display.headline(at: .seconds(1_000)).hasSuffix("0:00 left"))
        story.overview.state = "finished"
        #expect(StoryDisplay(story).headline(at: .zero).hasSuffix("segments"))
    }

    @Test func onlyStepsAreWhollyTold() {
        var display = StoryDisplay(FarmStandIn.detail(1))
        for kind in FarmNews.Kind.allCases {
            let isWhole = display.take(news(kind, segment: 1, "x", step: 1), at: .zero)
            #expect(isWhole == [.gap, .story, .segment, .film, .notice].contains(kind), "\(kind)")
        }
        let isWhole = display.take(news(.step, segment: 99, step: 1), at: .zero)
        #expect(!isWhole, "a segment that is not there")
    }

    @Test(arguments: [1, 2, 5, 24], [1, 20, 200])
    func itNeverOutgrowsTheTerminal(rows: Int, columns: Int) {
        var story = FarmStandIn.detail(1, title: String(repeating: "long ", count: 100))
        story.overview.note = String(repeating: "note ", count: 100)
        story.segments = (1...100).map { number in
            StoryDetail.Segment(
                number: number, state: number < 50 ? "finished" : number < 60 ? "denoising" : "blocked", scene: "",
                action: "", step: number < 50 ? 8 : 3, note: "a\nb")
        }
        let lines = StoryDisplay(story).lines(columns: columns, rows: rows, at: .zero)
        #expect(lines.count <= rows)
        #expect(lines.allSatisfy { $0.count <= columns && !$0.contains("\n") })
    }

    @Test func whereNotAllFitTheUnfinishedOnesAreShown() {
        var story = FarmStandIn.detail(1)
        story.segments = (1...20).map { number in
            let state = number < 10 ? "finished" : "ready"
            return StoryDetail.Segment(number: number, state: state, scene: "", action: "", step: 0)
        }
        let lines = StoryDisplay(story).lines(columns: 80, rows: 6, at: .zero)
        #expect(lines[1].hasPrefix("  10  ready"))
        #expect(lines.last == "  and 16 more: 9 finished, 7 ready")
        story.segments = story.segments.map { segment in
            var segment = segment
            segment.state = "finished"
            return segment
        }
        #expect(StoryDisplay(story).lines(columns: 80, rows: 6, at: .zero).count == 6)
    }

    @Test func withoutATerminalEveryTenthIsALine() {
        var story = FarmStandIn.detail(1)
        story.steps = 64
        var display = StoryDisplay(story)
        let lines = (1...64).compactMap { step -> String? in
            let one = news(.step, segment: 1, step: step, seconds: 1)
            _ = display.take(one, at: .zero)
            return display.line(for: one)
        }
        #expect(lines.count == 10)
        #expect(lines.first == "segment 1: step 7/64, 1.0 s each, 0:57 left, worker 00112233 stepping")
        #expect(lines.last == "segment 1: step 64/64, worker 00112233 stepping")
        let (gap, notice) = (display.line(for: news(.gap)), display.line(for: news(.notice, "a\u{1B}[2Jb")))
        #expect(gap == nil)
        #expect(notice == "story 1: a\u{FFFD}[2Jb")
    }

    @Test func aTablesStatesHaveColoursThatTakeNoRoom() {
        let table = TextTable(["ID", "STATE", "NOTE"], [["1", "failed", "x"], ["2", "queued, paused", "y"]])
        let (plain, painted) = (table.lines(), table.lines(Paint(isOn: true)))
        #expect(painted[0] == plain[0])
        #expect(painted[1] == "1   \u{1B}[31mfailed\u{1B}[0m          x")
        #expect(painted[2].hasPrefix("2   \u{1B}[33mqueued, paused"))
    }

    @Test func tablesAlignAndCutWhatHasOthersBehindIt() {
        let long = String(repeating: "x", count: 50)
        let rows = [["7", long, long], ["12", "a\tb", ""]]
        let table = TextTable(["ID", "SCENE", "NOTE"], rows, rightAligned: ["ID"])
        let cut = String(repeating: "x", count: 39) + "…"
        #expect(
            table.lines() == [
                "ID  SCENE" + String(repeating: " ", count: 37) + "NOTE", " 7  \(cut)  \(long)", "12  a\u{FFFD}b",
            ])
    }
}
