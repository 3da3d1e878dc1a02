import Control
import Farm
import Foundation
import Ledger
import Logging
import Script
import Storage

extension Dispatcher: FarmControl {
    // MARK: Stories

    func asked<Answer>(
        _ question: () async throws(LedgerError) -> Answer
    ) async throws(ControlError) -> Answer {
        do { return try await question() } catch { throw .unavailable(reason: "\(error)") }
    }

    func stories(_ page: StoryPage) async throws(ControlError) -> [StoryOverview] {
        var states: Set<StoryState>?
        if let names = page.states {
            states = []
            for name in names {
                guard let state = StoryState.allCases.first(where: { "\($0)" == name }) else {
                    let known = StoryState.allCases.map { "\($0)" }.joined(separator: ", ")
                    throw .invalid(field: "state", reason: "is \(name), expected one of \(known)")
                }
                states!.insert(state)
            }
        }
        let summaries = try await asked { () throws(LedgerError) in
            try await keeper.summaries(
                states: states, of: page.submitter.map(Submitter.init), titled: page.text,
                before: page.before.map(StoryID.init), limit: page.limit)
        }
        return summaries.map(overview)
    }

    func story(_ id: UInt64) async throws(ControlError) -> StoryDetail {
        let id = StoryID(rawValue: id)
        guard farm.stories[id] != nil, let story = await story(id) else { throw unknown(id) }
        let summaries = try await asked { () throws(LedgerError) in
            try await keeper.summaries(
                states: nil, of: nil, before: StoryID(rawValue: id.rawValue + 1), limit: 1)
        }
        let segments = story.segments.indices.map { SegmentID(story: id, number: UInt32($0 + 1)) }
        let pictured = await vault.pictured(segments)
        guard let summary = summaries.first, summary.id == id, let record = farm.stories[id] else { throw unknown(id) }
        return detail(of: record, story, overview(summary), pictured)
    }

    /// An earlier film that is seen until the new one is whole is playable as well.
    private func overview(_ summary: StorySummary) -> StoryOverview {
        var overview = StoryOverview(summary)
        if let record = farm.stories[summary.id], let film = films.earlierFilm(of: record) {
            overview.playableSegments = film.segments
        }
        return overview
    }

    func submitter(of story: UInt64) throws(ControlError) -> String {
        guard let record = farm.stories[StoryID(rawValue: story)] else { throw unknown(StoryID(rawValue: story)) }
        return record.terms.submitter.rawValue
    }

    func command(_ command: StoryCommand, on story: UInt64) async throws(ControlError) {
        let id = StoryID(rawValue: story)
        try requireLedger()
        switch command {
        case .retry, .revise: await wake(id)
        case .pause, .resume, .cancel, .delete, .prioritize: break
        }
        guard let record = farm.stories[id] else { throw unknown(id) }
        let event = try event(for: command, on: record)
        if case .revise(let number, let scene, let action, let seed) = command {
            // One at a time: it begins with the text that the one before has left in the ledger.
            guard revising.insert(id).inserted else {
                throw .conflict(reason: "story \(story) is being changed by somebody else: try again")
            }
            defer { revising.remove(id) }
            let text = try await revised(record, number, scene, action, seed)
            // While its text was read it may have been deleted, or have lost its boundaries.
            guard let record = farm.stories[id] else { throw unknown(id) }
            let event = try self.event(for: command, on: record)
            // Nothing is waited for between this and the decision.
            try admit(record, from: number)
            shelf.keep(text.story, as: id)
            return try await decide(
                event,
                with: Submission(
                    story: id, title: text.story.title, script: text.script, time: Date().timeIntervalSince1970))
        }
        if command == .retry { try admit(record, from: record.terms.segmentCount + 1) }
        try await decide(event)
    }

    /// Whether a story may be open for its submitter, again or with more segments than before.
    ///
    /// - Parameter first: the first segment that is rendered whatever it is now.
    private func admit(_ story: StoryRecord, from first: Int) throws(ControlError) {
        var others = holdings.holdings(of: story.terms.submitter, in: farm.stories)
        others -= Holdings(story)
        let finished = story.touched.prefix(first - 1).count { $0.state == .finished }
        try configuration.quota.admit(segments: story.terms.segmentCount - finished, besides: others)
    }

    /// Of stories that have ended, nobody keeps in mind which boundaries the log holds: before one goes on it is read.
    private func wake(_ id: StoryID) async {
        guard let record = farm.stories[id], record.state.isTerminal, !pruning.contains(id) else { return }
        for (segment, head) in await relay.wake(record).sorted(by: { $0.key < $1.key }) {
            let generation = record.segment(Int(segment.number)).generation
            tell(.reached(StreamID(segment: segment, generation: generation), head: head))
        }
    }

    private func event(for command: StoryCommand, on record: StoryRecord) throws(ControlError) -> FarmEvent {
        func require(_ isPossible: Bool, _ what: String) throws(ControlError) {
            guard !isPossible else { return }
            throw .conflict(reason: "story \(record.id.rawValue) is \(record.state): it can't be \(what)")
        }
        switch command {
        case .pause:
            try require(!record.state.isTerminal, "paused")
            return .paused(record.id)
        case .resume:
            try require(!record.state.isTerminal, "resumed")
            return .resumed(record.id)
        case .retry:
            try require(record.state == .failed || record.state == .cancelled, "tried again")
            try requireBoundaries(of: record, for: record.lowest)
            return .retried(record.id)
        case .cancel:
            try require(record.state != .finished, "cancelled")
            return .cancelled(record.id)
        case .delete:
            try require(record.state.isTerminal, "deleted: cancel it first")
            return .deleted(record.id)
        case .prioritize(let priority): return .prioritized(record.id, priority)
        case .revise(let number, _, _, _):
            guard 1...record.terms.segmentCount ~= number else {
                throw .invalid(field: "segment", reason: "is \(number), expected 1 to \(record.terms.segmentCount)")
            }
            try requireBoundaries(of: record, for: number)
            return .revised(record.id, from: number)
        }
    }

    private func requireBoundaries(of record: StoryRecord, for number: Int) throws(ControlError) {
        let first = record.firstRendered(for: min(number, record.terms.segmentCount))
        guard first < number else { return }
        throw .conflict(
            reason: "the boundaries of segment \(number - 1), which segment \(number) is made from, are kept no longer:"
                + " story \(record.id.rawValue) can be revised from segment \(first)")
    }

    private func revised(
        _ record: StoryRecord, _ number: Int, _ scene: String?, _ action: String?, _ seed: UInt64?
    ) async throws(ControlError) -> StoryText {
        for (field, text) in [("scene", scene), ("action", action)] {
            guard let text else { continue }
            // A story of its own, so that what is wrong with it is not the other's fault, nor the farm's.
            let alone = StoryScript(segments: [StorySegment(scene: text, action: text)])
            do throws(ScriptError) {
                _ = try await texts.work { () throws(ScriptError) in try ScriptDocument(json: alone.json, file: field) }
            } catch {
                throw .invalid(field: field, reason: error.reason)
            }
        }
        let text = try await asked { () throws(LedgerError) in try await keeper.script(of: record.id) }
        guard let text else { throw unknown(record.id) }
        do throws(ScriptError) {
            let name = "story \(record.id.rawValue)"
            let document = try await texts.work { () throws(ScriptError) -> ScriptDocument? in
                var script = try ScriptDocument(json: text, file: name).script
                script.segments[number - 1].scene = scene ?? script.segments[number - 1].scene
                script.segments[number - 1].action = action ?? script.segments[number - 1].action
                script.segments[number - 1].seed = seed ?? script.segments[number - 1].seed
                let json = script.json
                guard json.utf8.count <= ScriptLimits.resolvedBytes else { return nil }
                return try ScriptDocument(json: json, file: name)
            }
            if let document { return try await resolved(document) }
        } catch {
            throw .unavailable(reason: error.description)
        }
        throw .limit(
            name: "resolvedBytes", value: ScriptLimits.resolvedBytes, reason: "the story's prompts would be too long")
    }

    func unknown(_ id: StoryID) -> ControlError { .notFound(what: "story \(id.rawValue)") }

    // MARK: Files

    func video(of story: UInt64, segment: Int?) async throws(ControlError) -> StoredVideo {
        let id = StoryID(rawValue: story)
        guard let record = farm.stories[id] else { throw unknown(id) }
        if let segment {
            guard 1...record.terms.segmentCount ~= segment else { throw .notFound(what: "segment \(segment)") }
            let name = SegmentID(story: id, number: UInt32(segment))
            guard let file = record.segment(segment).video?.file,
                let path = await vault.location(ofVideo: file, of: name)
            else { throw .conflict(reason: "segment \(segment) of story \(story) is not finished yet") }
            return StoredVideo(
                path: path, byteCount: file.bytes, version: "\(file.digest)", segments: 1, isWholeStory: false)
        }
        guard let film = films.film(of: record) else {
            throw .conflict(reason: "no segment of story \(story) is finished yet")
        }
        return film
    }

    func preview(of story: UInt64, segment: Int) async throws(ControlError) -> [UInt8] {
        guard let number = UInt32(exactly: segment) else { throw .notFound(what: "segment \(segment)") }
        let id = SegmentID(story: StoryID(rawValue: story), number: number)
        guard let picture = await vault.preview(of: id) else {
            throw .notFound(what: "picture of segment \(segment) of story \(story) yet")
        }
        return picture
    }

    func thumbnail(of story: UInt64, segment: Int) async throws(ControlError) -> Thumbnail {
        try await thumbnails.thumbnail(of: video(of: story, segment: segment))
    }

    func log(of story: UInt64) async throws(ControlError) -> [FarmNews] {
        guard farm.stories[StoryID(rawValue: story)] != nil else { throw unknown(StoryID(rawValue: story)) }
        return board.remembered(of: story)
    }
}

extension StoryOverview {
    init(_ summary: StorySummary) {
        self.init(
            id: summary.id.rawValue, title: summary.title, submitter: summary.submitter.rawValue,
            state: "\(summary.state)", isPaused: summary.isPaused, priority: summary.priority,
            segments: summary.segments, finishedSegments: summary.finishedSegments,
            playableSegments: summary.assembled, note: summary.note, submitted: summary.submitted,
            ended: summary.ended)
    }
}
