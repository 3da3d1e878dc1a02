import Farm
import Logging
import Storage
import ThreadExecutor
import Transport
import Wire

/// Files on their way to and from the coordinator's disk: checkpoints, finished latents, encoded segments.
///
/// On a thread of its own: making a file durable takes longer than a boundary may wait.
actor Vault {
    enum Item: Sendable {
        case message(Message, [Frame], WorkerID, PeerID)
        /// A data connection has closed.
        case gone(PeerID)
    }

    /// What a lease lets its worker send and fetch.
    struct Permit: Sendable {
        let attempt: AttemptID
        let worker: WorkerID
        let phase: LeasePhase
        let checkpoint: Artifact?
        let latents: Artifact?
    }

    struct TransferKey: Hashable {
        let peer: PeerID
        let number: UInt64
    }

    let link: Link
    let store: ArtifactStore
    let relay: Relay
    let reports: AsyncStream<Relay.Report>.Continuation
    let logger: Logger
    private let executor = ThreadExecutor(name: "vault")
    private let inbox: VaultInbox

    private var permits: [SegmentID: Permit] = [:]
    var uploads: [TransferKey: ArtifactUpload] = [:]
    var downloads: [TransferKey: Download] = [:]
    /// What segments are going to be, as their last step saw it: JPEG.
    private var previews = PictureShelf(limit: 1024)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Of each upload, before the first ``Message/Credit``; then again, as it is written.
    static let credit = 4 * WireLimits.chunkBytes

    init(
        _ link: Link, _ store: sending ArtifactStore, _ relay: Relay, inbox: VaultInbox,
        reports: AsyncStream<Relay.Report>.Continuation, logger: Logger
    ) {
        (self.link, self.store, self.relay) = (link, store, relay)
        (self.inbox, self.reports, self.logger) = (inbox, reports, logger)
    }

    /// Serves until the relay ends.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await item in inbox.items {
                switch item {
                case .message(.fetch(let fetch), _, let worker, let peer):
                    if let key = begin(fetch, worker, peer) { group.addTask { await self.send(key) } }
                case .message(let message, let raw, let worker, let peer):
                    await receive(message, raw, worker, peer)
                case .gone(let peer): forget(peer)
                }
                inbox.settle(item)
            }
            for download in downloads.values { download.cancel() }
        }
    }

    private func receive(_ message: Message, _ raw: [Frame], _ worker: WorkerID, _ peer: PeerID) async {
        switch message {
        case .chunk(let chunk): receive(chunk, raw[0], worker, peer)
        case .deposit(let deposit): receive(deposit, worker, peer)
        case .credit(let credit): downloads[TransferKey(peer: peer, number: credit.transfer)]?.add(credit.bytes)
        case .transferAborted(let abort):
            let key = TransferKey(peer: peer, number: abort.transfer)
            uploads.removeValue(forKey: key)?.abandon()
            downloads[key]?.cancel()
        case .checkpoint(let report): await receive(report, from: worker)
        case .denoised(let report): await receive(report, from: worker)
        case .delivered(let report): receive(report, from: worker)
        case .progress(let progress): receive(progress, raw.first, from: worker)
        // The routes let nothing else through.
        default: link.disconnect(peer)
        }
    }

    private func forget(_ peer: PeerID) {
        for (key, upload) in uploads where key.peer == peer {
            upload.abandon()
            uploads[key] = nil
        }
        for (key, download) in downloads where key.peer == peer { download.cancel() }
    }

    // MARK: What the dispatcher says

    /// What leases of an earlier run still let their workers do.
    func restore(_ stories: [StoryRecord]) {
        for story in stories {
            for (index, record) in story.touched.enumerated() {
                guard let holding = record.holding else { continue }
                let segment = SegmentID(story: story.id, number: UInt32(index + 1))
                permits[segment] = Permit(
                    attempt: AttemptID(segment: segment, lease: holding.lease, generation: record.generation),
                    worker: holding.worker, phase: holding.phase, checkpoint: record.checkpoints.last?.file,
                    latents: record.latents?.file)
            }
        }
    }

    /// Removes what no record names: uploads whose report never came, and stories that are gone.
    func sweep(_ stories: [StoryRecord]) {
        let known = Dictionary(uniqueKeysWithValues: stories.map { ($0.id, $0) })
        for story in store.stories {
            guard let record = known[story] else {
                forget(story)
                continue
            }
            sweep(record)
        }
    }

    /// Removes what no record of a story names.
    func sweep(_ story: StoryRecord) {
        for file in store.artifacts(of: story.id) where !story.names(file.id) { remove(file.id) }
    }

    /// Bytes of checkpoints and latents, by story.
    func usage() -> [StoryID: Int] {
        Dictionary(
            uniqueKeysWithValues: store.stories.map { story in
                let files = store.artifacts(of: story).filter { [.checkpoint, .latents].contains($0.id.subject.kind) }
                return (story, files.reduce(0) { $0 + $1.byteCount })
            })
    }

    func usageByKind() -> [ArtifactKind: Int] { store.usage }

    func permit(_ permit: Permit) { permits[permit.attempt.segment] = permit }

    /// The permit of an attempt, if it is the segment's current one and that worker's.
    func permit(of attempt: AttemptID, _ worker: WorkerID) -> Permit? {
        guard let permit = permits[attempt.segment], permit.attempt == attempt, permit.worker == worker else {
            return nil
        }
        return permit
    }

    func drop(_ segment: SegmentID, _ file: Artifact) {
        for subject in [ArtifactSubject.checkpoint(segment), .latents(segment), .video(segment)] {
            remove(ArtifactID(subject, digest: file.digest))
        }
    }

    func forget(_ story: StoryID) {
        permits = permits.filter { $0.key.story != story }
        previews.forget(story)
        do { try store.remove(story) } catch { logger.warning("files not removed", metadata: ["error": "\(error)"]) }
    }

    /// Where a segment's video stands.
    func location(ofVideo file: Artifact, of segment: SegmentID) -> String? {
        let id = ArtifactID(.video(segment), digest: file.digest)
        return store.artifact(id).map { _ in store.location(of: id) }
    }

    /// Where segments' videos stand; nil for those that are not there.
    func locations(ofVideos files: [(SegmentID, Artifact?)]) -> [String?] {
        files.map { segment, file in file.flatMap { location(ofVideo: $0, of: segment) } }
    }

    func preview(of segment: SegmentID) -> [UInt8]? { previews.find(segment) }

    /// Those of the segments that have a picture.
    func pictured(_ segments: [SegmentID]) -> Set<SegmentID> { Set(segments.filter { previews.find($0) != nil }) }

    func freeBytes() throws(StorageError) -> Int { try store.freeBytes() }

    /// Nil where nothing is shared.
    func sharedFreeBytes() -> Int? { store.sharedFreeBytes }

    private func remove(_ id: ArtifactID) {
        do { try store.remove(id) } catch { logger.warning("file not removed", metadata: ["error": "\(error)"]) }
    }

    // MARK: Reports

    private func receive(_ report: Message.Checkpoint, from worker: WorkerID) async {
        let (attempt, file) = (report.attempt, report.artifact)
        guard has(file, .checkpoint(attempt.segment)) else {
            return answer(worker, attempt, .checkpoint, .damaged)
        }
        guard await relay.settle(attempt, on: self) else { return }
        reports.yield(.event(.checkpointed(worker, attempt, step: report.step, file, report.consumed)))
    }

    private func receive(_ report: Message.Denoised, from worker: WorkerID) async {
        let (attempt, file) = (report.attempt, report.latents)
        let id = ArtifactID(.latents(attempt.segment), digest: file.digest)
        guard has(file, id.subject) else { return answer(worker, attempt, .denoised, .damaged) }
        if let problem = LatentsCheck.problem(at: store.location(of: id)) {
            remove(id)
            let failure = Failure(cause: .nonFinite, step: 0, detail: "finished latents: \(problem)")
            reports.yield(.event(.failed(worker, attempt, .denoising, failure)))
            return
        }
        guard await relay.settle(attempt, on: self) else { return }
        let matches = await relay.matches(attempt, report.consumed)
        reports.yield(.event(.denoised(worker, attempt, file, report.consumed, matches: matches)))
    }

    private func receive(_ report: Message.Delivered, from worker: WorkerID) {
        guard has(report.video, .video(report.attempt.segment)) else {
            return answer(worker, report.attempt, .delivered, .damaged)
        }
        reports.yield(.event(.delivered(worker, report.attempt, report.video)))
    }

    private func has(_ file: Artifact, _ subject: ArtifactSubject) -> Bool {
        store.artifact(ArtifactID(subject, digest: file.digest))?.byteCount == file.bytes
    }

    private func answer(
        _ worker: WorkerID, _ attempt: AttemptID, _ report: FarmReport, _ outcome: ReportOutcome
    ) {
        reports.yield(.answer(worker, attempt, report, outcome))
    }

    private func receive(_ progress: Message.Progress, _ picture: Frame?, from worker: WorkerID) {
        guard permit(of: progress.attempt, worker) != nil else { return }
        if let picture { previews.keep(picture.bytes, of: progress.attempt.segment) }
        reports.yield(.progress(worker, progress))
    }
}

extension StoryRecord {
    /// Whether one of its segments' records names a file.
    fileprivate func names(_ id: ArtifactID) -> Bool {
        func isOf(_ segment: SegmentID, _ names: (SegmentRecord) -> Bool) -> Bool {
            1...terms.segmentCount ~= Int(segment.number) && names(self.segment(Int(segment.number)))
        }
        return switch id.subject {
        case .checkpoint(let segment):
            isOf(segment) { $0.checkpoints.contains { $0.file.digest == id.digest } }
        case .latents(let segment): isOf(segment) { $0.latents?.file.digest == id.digest }
        case .video(let segment): isOf(segment) { $0.video?.file.digest == id.digest }
        // Films lie elsewhere.
        case .story: false
        }
    }
}
