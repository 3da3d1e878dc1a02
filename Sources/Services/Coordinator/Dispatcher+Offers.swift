import Farm
import Foundation
import Ledger
import Logging
import Script
import Telemetry
import Wire

extension Dispatcher {
    // MARK: What models recommend

    /// Takes offers, one after the other: with a model that nobody had before come the values that stories for it left
    /// open, and those are settled before anything can be leased.
    func takeOffers() async {
        for await (worker, offer) in offerings {
            let new = Set(offer.models.filter { catalog.learn($0) }.map(\.name))
            if !new.isEmpty { await settleStories(for: new) }
            // Not before: whatever is lost until then is settled the next time.
            catalog.save()
            tell(.offered(worker, offer.models.map { ModelOffer(name: $0.name, digest: $0.digest) }))
        }
    }

    private func settleStories(for models: Set<String>) async {
        let open = farm.stories.values.filter { $0.pin == nil && models.contains($0.terms.model) }.map(\.id).sorted()
        guard !open.isEmpty else { return }
        for id in open { await settle(id) }
        // Where it does not become durable the farm ends, and no offer leads to anything.
        try? await decide(.ticked)
    }

    private func settle(_ id: StoryID) async {
        // Nobody else may change the text in between; who does decides soon.
        while !revising.insert(id).inserted {
            guard (try? await decide(.ticked)) != nil else { return }
        }
        defer { revising.remove(id) }
        let name = "story \(id.rawValue)"
        do {
            guard let script = try await keeper.script(of: id) else { return }
            let text = try await resolved(
                texts.work { () throws(ScriptError) in try ScriptDocument(json: script, file: name) })
            // Meanwhile it may have been deleted.
            guard text.script != script, let terms = farm.stories[id]?.terms else { return }
            shelf.keep(text.story, as: id)
            let settled = text.story.terms(
                submitter: terms.submitter, priority: terms.priority,
                segmentTime: .seconds(text.story.settings.sampling.steps), allowsSimulation: terms.allowsSimulation)
            tell(
                .resolved(id, settled),
                with: Submission(
                    story: id, title: text.story.title, script: text.script, time: Date().timeIntervalSince1970))
        } catch let error as ScriptError {
            tell(.rejected(id, "its model's recommendations don't go with it: \(error)"))
        } catch {
            logger.error("script not read", metadata: .story(id).adding(["error": "\(error)"]))
        }
    }
}
