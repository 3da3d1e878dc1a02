import Control
import Farm
import Ledger
import Logging
import Script
import Telemetry
import Transport
import Wire

extension Dispatcher {
    /// Does what was decided; everything it rests on is durable.
    func perform(_ action: FarmAction) async {
        switch action {
        case .grant(let worker, let grant):
            await hand(grant, to: worker)
            tell(.grantSent(worker, grant.attempt))
        case .recall(let worker, let attempt, let reason, let saves):
            send(.recall(.init(attempt: attempt, reason: .known(reason), checkpoint: saves)), to: worker)
        case .answer(let worker, let attempt, let report, let outcome):
            send(.verdict(.init(attempt, report, outcome)), to: worker)
        case .drain(let worker): send(.drain(.init(reason: .known(.operator), grace: .zero)), to: worker)
        case .want(let node, let want): send(.want(.init(want)), toNode: node)
        case .answerNode(let node, let number):
            send(.heartbeatAnswer(.init(number: number, epoch: farm.epoch)), toNode: node)
        case .probe(let worker, let number, let segment): await probe(worker, number, segment)
        case .hangUp(let worker):
            if let peer = connections[worker] { control.disconnect(peer) }
            await relay.hangUp(worker)
        case .admit(let segment, let attempt):
            let holder = attempt.flatMap { _ in farm.segment(segment)?.holding?.worker }
            await relay.admit(segment, attempt, by: holder, farm.stories[segment.story])
        case .open(let stream, let step): await relay.open(stream, from: step)
        case .drop(let segment, let file): if !farm.keeps(segment, file) { await vault.drop(segment, file) }
        case .assemble(let story, let revision, let segments):
            order(FilmOrder(story, revision: revision, segments: segments))
        case .prune(let story):
            await relay.forget(story, segments: farm.stories[story]?.touched.count ?? 0)
            // Uploads whose reports never came, or it would be pruned for them again and again.
            if let record = farm.stories[story], record.isAtRest { await vault.sweep(record) }
            pruning.remove(story)
        case .forget(let story): await forget(story)
        case .notice(let notice):
            meters.note(notice)
            note(notice)
        }
    }

    // MARK: Leases

    private func hand(_ grant: Grant, to worker: WorkerID) async {
        let id = grant.attempt.segment
        await vault.permit(
            .init(
                attempt: grant.attempt, worker: worker, phase: grant.phase, checkpoint: grant.checkpoint?.file,
                latents: grant.latents))
        guard let record = farm.stories[id.story], let pin = record.pin, let story = await story(id.story) else {
            return
        }
        let recipe = recipe(of: Int(id.number), in: story, pin)
        let job: Message.LeaseGrant.Job
        switch grant.phase {
        case .denoising:
            job = .denoising(
                .init(
                    steps: record.terms.steps, checkpointEvery: configuration.checkpointEvery,
                    previewEvery: configuration.previewEvery, predecessor: predecessor(of: grant, in: story),
                    resume: grant.checkpoint.map {
                        .init(step: $0.step, checkpoint: $0.file, consumed: $0.consumed)
                    }))
        case .delivering:
            guard let latents = grant.latents else { return }
            job = .delivering(.init(latents: latents))
        }
        meters.leasesGranted.increment(grant.phase)
        sightings.begin(id, on: worker, step: grant.checkpoint?.step ?? 0, at: clock.now)
        send(.leaseGrant(.init(attempt: grant.attempt, recipe: recipe, job: job)), to: worker)
    }

    private func recipe(of number: Int, in story: ResolvedStory, _ pin: Pin) -> Message.Recipe {
        let segment = story.segments[number - 1]
        return .init(
            model: story.model, modelDigest: pin.model, settings: story.settings.json, scene: segment.scene,
            action: segment.action, encoder: pin.encoder, noiseSeed: story.noiseSeed(of: number))
    }

    private func probe(_ worker: WorkerID, _ number: UInt64, _ segment: SegmentID) async {
        guard let pin = farm.stories[segment.story]?.pin, let story = await story(segment.story) else { return }
        send(.probe(.init(number: number, recipe: recipe(of: Int(segment.number), in: story, pin))), to: worker)
    }

    private func predecessor(of grant: Grant, in story: ResolvedStory) -> Message.Predecessor? {
        guard let source = grant.source else { return nil }
        let before = story.segments[Int(source.segment.number) - 1]
        return .init(
            endpoint: welcoming.dataEndpoint, serverKey: "", stream: source, scene: before.scene, action: before.action)
    }

    /// A story's texts.
    func story(_ id: StoryID) async -> ResolvedStory? {
        if let story = shelf.find(id) { return story }
        do {
            guard let script = try await keeper.script(of: id) else { return nil }
            let story = try await texts.work { () throws(ScriptError) in
                try ResolvedStory(json: script, file: "story \(id.rawValue)")
            }
            return shelf.keep(read: story, as: id)
        } catch {
            logger.error("script not read", metadata: .story(id).adding(["error": "\(error)"]))
            return nil
        }
    }

    private func forget(_ id: StoryID) async {
        let extent = sightings.extents[id] ?? (segments: 0, revisions: 1)
        sightings.forget(id)
        shelf.forget(id)
        await relay.forget(id, segments: extent.segments)
        await vault.forget(id)
        goneFilms.append((id, extent.revisions))
        filming.yield()
    }
}

extension Message.Verdict {
    init(_ attempt: AttemptID, _ report: FarmReport, _ outcome: ReportOutcome) {
        self.init(attempt: attempt, report: report, outcome: outcome, step: 0, detail: "")
    }
}
