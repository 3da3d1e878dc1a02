import Farm
import Ledger

/// The farm's machine with its ledger, as a coordinator drives them: many events, then one commit.
final class BenchFarm {
    var machine: FarmMachine
    let ledger: Ledger
    private(set) var now = Moment(microseconds: 0)
    private var pending: [FarmChange] = []
    private var submissions: [Submission] = []
    /// Of what was decided and is durable.
    private(set) var grants: [(worker: WorkerID, grant: Grant)] = []
    private var decided: [(worker: WorkerID, grant: Grant)] = []
    private(set) var commits = 0
    private var files: UInt64 = 0

    init(path: String) throws {
        ledger = try Ledger(path: path)
        machine = FarmMachine(epoch: try ledger.raiseEpoch())
    }

    func send(_ event: FarmEvent) {
        now = now + .microseconds(1)
        let outcome = machine.handle(event, at: now)
        pending += outcome.changes
        for action in outcome.actions {
            switch action {
            case .grant(let worker, let grant): decided.append((worker, grant))
            case .assemble(let story, let revision, let segments):
                films.append(.assembled(story, revision: revision, segments: segments))
            default: break
            }
        }
    }

    private var films: [FarmEvent] = []

    func submit(_ terms: StoryTerms, script: String) throws {
        let story = try ledger.nextStoryID()
        submissions.append(
            Submission(
                story: story, token: "token \(story.rawValue)", title: "A fox's day", script: script, time: 1e9))
        send(.submitted(story, terms))
    }

    /// What was decided and is not durable yet; somebody else makes it so.
    func takeDecided() -> (changes: [FarmChange], grants: [(worker: WorkerID, grant: Grant)]) {
        joinFilms()
        defer {
            pending.removeAll()
            decided.removeAll()
        }
        return (pending, decided)
    }

    private func joinFilms() {
        let joined = films
        films.removeAll(keepingCapacity: true)
        for film in joined { send(film) }
    }

    func commit() throws {
        joinFilms()
        guard !pending.isEmpty else { return }
        try ledger.commit(pending, submissions: submissions, at: 1e9)
        commits += 1
        pending.removeAll(keepingCapacity: true)
        submissions.removeAll(keepingCapacity: true)
        grants += decided
        decided.removeAll(keepingCapacity: true)
    }

    func takeGrants() -> [(worker: WorkerID, grant: Grant)] {
        defer { grants.removeAll(keepingCapacity: true) }
        return grants
    }

    /// Leases that somebody else has had made durable, or has not used.
    func add(_ leases: some Sequence<(worker: WorkerID, grant: Grant)>) { grants += leases }

    func file() -> Artifact {
        files += 1
        return Artifact(bytes: 50_000_000, digest: digest(files))
    }

    func digest(_ number: UInt64) -> Digest {
        Digest(words: InlineArray { number &* 0x9E37_79B9_7F4A_7C15 &+ UInt64($0) })
    }

    // MARK: Workers

    private let kind = DeviceKind(
        accelerator: "NVIDIA H200", cpuLevel: "AVX512", libtorch: "2.13.0+cu130", precision: "bf16", threads: 8,
        attention: "flash")

    func join(_ number: Int) {
        let id = WorkerID(high: UInt64(number), low: 7)
        let device = WorkerDevice(uuid: "GPU-\(number)", memoryBytes: 141 << 30, kind: kind)
        send(
            .connected(
                id,
                WorkerDescription(node: "node \(number / 8)", process: number, encoder: "libx264 164", device: device),
                []))
        send(.offered(id, [ModelOffer(name: "mochi-1", digest: digest(0))]))
    }

    /// Whatever an attempt is for, it is done.
    func finish(_ worker: WorkerID, _ grant: Grant) {
        let id = grant.attempt.segment
        send(.grantSent(worker, grant.attempt))
        guard let terms = machine.stories[id.story]?.terms else { return }
        switch grant.phase {
        case .denoising:
            send(.reached(grant.attempt.stream, head: terms.recordCount))
            let spans =
                id.number == 1
                ? []
                : machine.segment(SegmentID(story: id.story, number: id.number - 1))!.spans(
                    of: terms.read(before: terms.steps))
            send(
                .denoised(
                    worker, grant.attempt, file(), Consumed(spans: spans, digest: digest(1)), matches: true))
        case .delivering: send(.delivered(worker, grant.attempt, file()))
        }
    }
}
