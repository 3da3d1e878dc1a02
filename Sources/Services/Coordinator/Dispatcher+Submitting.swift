import Control
import Farm
import Foundation
import Ledger
import Script
import Storage

extension Dispatcher {
    // MARK: Handing in

    func submit(_ submission: StorySubmission, by submitter: String) async throws(ControlError) -> StoryReceipt {
        guard let token = submission.token else { return try await take(submission, by: submitter) }
        // One after the other: whoever sends the same again is told of a story that is durable.
        while pendingTokens[token] != nil {
            await withCheckedContinuation { pendingTokens[token, default: []].append($0) }
        }
        pendingTokens[token] = []
        defer { for waiter in pendingTokens.removeValue(forKey: token) ?? [] { waiter.resume() } }
        let known = try await asked { () throws(LedgerError) in try await keeper.story(token: token) }
        // What was taken is taken, however little room there is by now.
        if let known { return try await receipt(of: known, for: submission, by: submitter) }
        return try await take(submission, by: submitter)
    }

    private func take(_ submission: StorySubmission, by submitter: String) async throws(ControlError) -> StoryReceipt {
        try requireLedger()
        try await requireRoom()
        let document = try await document(submission)
        // What is wrong is said before a number is drawn.
        var text = try await checked { () throws(ScriptError) in try await resolved(document) }
        let id = try await asked { () throws(LedgerError) in try await keeper.nextStoryID() }
        // Its model may have been offered since.
        text = try await checked { () throws(ScriptError) in try await current(text, of: document) }
        let story = text.story
        // Nothing is waited for between this and the decision, so that two at once do not both get the last place.
        try configuration.quota.admit(
            segments: story.segments.count,
            besides: holdings.holdings(of: Submitter(rawValue: submitter), in: farm.stories))
        shelf.keep(story, as: id)
        let terms = story.terms(
            submitter: Submitter(rawValue: submitter), priority: submission.priority,
            segmentTime: .seconds(story.settings.sampling.steps), allowsSimulation: submission.allowsSimulation)
        try await decide(
            .submitted(id, terms),
            with: Submission(
                story: id, token: submission.token, title: story.title, script: text.script,
                time: Date().timeIntervalSince1970))
        return StoryReceipt(id: id.rawValue, isNew: true, segments: story.segments.count)
    }

    /// Of a story that was taken with the same token: it has to be the same one.
    private func receipt(
        of id: StoryID, for submission: StorySubmission, by submitter: String
    ) async throws(ControlError) -> StoryReceipt {
        let document = try await document(submission)
        let text = try await asked { () throws(LedgerError) in try await keeper.script(of: id) }
        // One that is not here any more is about to leave the ledger, too.
        guard let text, let record = farm.stories[id], record.terms.submitter.rawValue == submitter,
            document.script.segments.count == record.terms.segmentCount
        else { throw Self.isTaken }
        let isSame: Bool
        do throws(ScriptError) {
            isSame = try await texts.work { () throws(ScriptError) in
                let kept = try ScriptDocument(json: text, file: "story \(id.rawValue)").script
                return Self.isSame(document.script, as: kept, isRevised: record.revision > 1)
            }
        } catch {
            throw .unavailable(reason: error.description)
        }
        guard isSame else { throw Self.isTaken }
        return StoryReceipt(id: id.rawValue, isNew: false, segments: record.terms.segmentCount)
    }

    /// Whether a script that comes again is the one that is kept.
    private static func isSame(_ script: StoryScript, as kept: StoryScript, isRevised: Bool) -> Bool {
        var script = script
        // The prompts that it came with were not kept.
        if isRevised { script.segments = kept.segments }
        // What the script leaves open was settled when it came, or later.
        var settled = ScriptDefaults(settings: kept.settings)
        (settled.title, settled.model) = (kept.title ?? settled.title, kept.model ?? settled.model)
        guard let given = try? script.resolved(with: settled) else { return false }
        return given == (try? kept.resolved())
    }

    private static let isTaken = ControlError.taken(
        field: "token", reason: "another story was handed in with this token: a new one wants a token of its own")

    private func document(_ submission: StorySubmission) async throws(ControlError) -> ScriptDocument {
        try await checked { () throws(ScriptError) in
            try await texts.work { () throws(ScriptError) in
                try ScriptDocument(
                    parsing: Array(submission.script.utf8), file: submission.name, overrides: submission.overrides)
            }
        }
    }

    private func checked<Answer>(_ body: () async throws(ScriptError) -> Answer) async throws(ControlError) -> Answer {
        do { return try await body() } catch { throw .invalid(field: "script", reason: error.description) }
    }

    // MARK: Texts

    /// What a script comes to with what its model recommends.
    struct StoryText {
        let story: ResolvedStory
        /// As it is kept: while nobody has offered its model, what it leaves open stays open.
        let script: String
        fileprivate let recommended: String?
    }

    /// With what is recommended at its end: nothing that is waited for may follow before it is decided on.
    func resolved(_ document: ScriptDocument) async throws(ScriptError) -> StoryText {
        let model = document.script.model ?? ScriptDefaults.builtIn.model
        let (recommended, defaults) = (catalog.recommendation(for: model), try catalog.defaults(for: model))
        let text = try await texts.work { () throws(ScriptError) in
            var script = document.script
            script.model = model
            let story = try document.resolved(with: defaults ?? .builtIn)
            let kept = defaults == nil ? script.json : story.json
            return StoryText(story: story, script: kept, recommended: recommended)
        }
        return try await current(text, of: document)
    }

    /// The same text, unless other values are recommended by now.
    private func current(_ text: StoryText, of document: ScriptDocument) async throws(ScriptError) -> StoryText {
        let recommended = catalog.recommendation(for: document.script.model ?? ScriptDefaults.builtIn.model)
        return recommended == text.recommended ? text : try await resolved(document)
    }

    private func requireRoom() async throws(ControlError) {
        let free: Int
        do { free = try await vault.freeBytes() } catch { throw .unavailable(reason: "the disk: \(error)") }
        let retention = configuration.retention
        if free < retention.watermarkBytes { housekeeping.yield() }
        guard free >= retention.reservedBytes else {
            throw .limit(
                name: "reservedBytes", value: retention.reservedBytes,
                reason:
                    "the coordinator's disk is full: \(free >> 20) MiB are free, \(retention.reservedBytes >> 20)"
                    + " are kept for stories that are rendered; delete some, or make room")
        }
    }
}
