import Console
import Control

/// How a story goes, for the person who watches: forms and news in, lines out.
///
/// Knows no clock and no terminal: moments come in as durations since whenever the watching began.
struct StoryDisplay: Equatable {
    private(set) var story: StoryDetail
    /// When `story.secondsLeft` was true.
    private var asked: Duration
    /// The tenth of its steps that a segment's last line told of.
    private var toldTenths: [Int: Int] = [:]

    init(_ story: StoryDetail, at now: Duration = .zero) { (self.story, asked) = (story, now) }

    /// The farm's word for everything.
    mutating func replace(_ story: StoryDetail, at now: Duration) { (self.story, asked) = (story, now) }

    /// - Returns: whether more has changed than the news say, so that the farm has to be asked for the whole.
    mutating func take(_ news: FarmNews, at now: Duration) -> Bool {
        if let index = news.segment.flatMap({ number in story.segments.firstIndex { $0.number == number } }) {
            switch news.kind {
            case .segment:
                story.segments[index].state = news.text
            case .step:
                story.segments[index].step = news.step ?? story.segments[index].step
                story.segments[index].worker = news.worker ?? story.segments[index].worker
                story.segments[index].secondsPerStep = news.seconds ?? story.segments[index].secondsPerStep
                // Whatever it did when the farm was last asked for the whole: now it has stepped.
                story.segments[index].activity = "stepping"
            case .gap, .story, .film, .preview, .workerJoined, .workerLost, .notice: break
            }
        }
        return switch news.kind {
        case .gap, .story, .segment, .film, .notice: true
        case .step, .preview, .workerJoined, .workerLost: false
        }
    }

    // MARK: In place

    /// The story, then its segments; where they don't all fit, those from the first unfinished one on.
    func lines(columns: Int, rows: Int, at now: Duration) -> [String] {
        var head = [headline(at: now)]
        if let note = story.overview.note { head.append("  \(note.printable)") }
        let room = max(1, rows - head.count)
        let shown = shownSegments(room)
        var lines = head + shown.map { segmentLine($0, columns: columns) }
        let hidden = story.segments.count - shown.count
        if hidden > 0 { lines.append("  and \(hidden) more: \(counts(outside: shown))") }
        return lines.prefix(max(1, rows)).map { String($0.prefix(columns)) }
    }

    func headline(at now: Duration) -> String {
        let overview = story.overview
        var facts = ["story \(overview.id)", overview.title, overview.isPaused ? "paused" : overview.state]
        facts.append("\(overview.finishedSegments)/\(overview.segments) segments")
        if let left = secondsLeft(at: now) { facts.append("\(ProgressLine.clock(.seconds(left))) left") }
        return facts.joined(separator: "  ").printable
    }

    private func secondsLeft(at now: Duration) -> Double? {
        guard !story.overview.hasEnded, let left = story.secondsLeft else { return nil }
        return max(0, left - (now - asked) / .seconds(1))
    }

    private func shownSegments(_ room: Int) -> ArraySlice<StoryDetail.Segment> {
        let segments = story.segments
        guard segments.count > room else { return segments[...] }
        let first = segments.firstIndex { $0.state != "finished" } ?? 0
        let start = min(first, segments.count - (room - 1))
        return segments[start..<min(segments.count, start + max(1, room - 1))]
    }

    private func counts(outside shown: ArraySlice<StoryDetail.Segment>) -> String {
        let hidden = story.segments[..<shown.startIndex] + story.segments[shown.endIndex...]
        let counts = Dictionary(hidden.map { ($0.state, 1) }, uniquingKeysWith: +)
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    private func segmentLine(_ segment: StoryDetail.Segment, columns: Int) -> String {
        let width = "\(story.segments.count)".count
        let number = "\(segment.number)"
        let title = String(repeating: " ", count: 2 + width - number.count) + number
        var facts = ["\(title)  \(segment.state)"]
        if isUnderWay(segment) {
            // So that the bars of denoising and of other segments stand below each other.
            facts[0] += String(repeating: " ", count: max(0, 10 - segment.state.count))
            facts.append(Self.bar(segment.step, of: story.steps, width: min(20, columns / 5)))
            facts += progress(of: segment)
        }
        if let note = segment.note { facts.append(note) }
        return facts.joined(separator: "  ").printable
    }

    private func isUnderWay(_ segment: StoryDetail.Segment) -> Bool {
        segment.state == "denoising" || segment.step > 0 && segment.step < story.steps
    }

    private static func bar(_ done: Int, of total: Int, width: Int) -> String {
        let full = total > 0 ? width * min(max(done, 0), total) / total : 0
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }

    /// Step, pace, what is left, and who works on it.
    private func progress(of segment: StoryDetail.Segment) -> [String] {
        var facts = ["step \(segment.step)/\(story.steps)"]
        if let seconds = segment.secondsPerStep, seconds >= 0, seconds.isFinite, segment.step < story.steps {
            let left = seconds * Double(story.steps - segment.step)
            facts += ["\(ProgressLine.brief(.seconds(seconds))) each", "\(ProgressLine.clock(.seconds(left))) left"]
        }
        if let worker = segment.worker {
            facts.append("worker \(worker.prefix(8))" + (segment.activity.map { " \($0)" } ?? ""))
        }
        return facts
    }

    // MARK: Line by line

    /// What is worth a line of its own where nothing can be redrawn; of steps, every tenth part.
    mutating func line(for news: FarmNews) -> String? {
        switch news.kind {
        case .gap, .preview: return nil
        case .film: return "the MP4 has \(story.overview.playableSegments)/\(story.overview.segments) segments"
        case .story, .notice, .workerJoined, .workerLost: return "story \(story.overview.id): \(news.text)".printable
        case .segment: return news.segment.map { "segment \($0): \(news.text)".printable }
        case .step:
            guard let segment = story.segments.first(where: { $0.number == news.segment }) else { return nil }
            let tenth = segment.step * 10 / max(1, story.steps)
            guard tenth != toldTenths[segment.number, default: 0] else { return nil }
            toldTenths[segment.number] = tenth
            return "segment \(segment.number): \(progress(of: segment).joined(separator: ", "))".printable
        }
    }
}
