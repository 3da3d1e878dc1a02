import Farm

/// Stories as a farm has them, and what becomes of a segment.
struct SampleFarm {
    let stories: Int
    let segments: Int
    /// About 2 kB.
    let script: String
    private var leases: UInt64 = 0
    private let kind = DeviceKind(
        accelerator: "NVIDIA H200", cpuLevel: "AVX512", libtorch: "2.13.0+cu130", precision: "bf16", threads: 8,
        attention: "flash")
    private var files: UInt64 = 0

    init(stories: Int, segments: Int) {
        (self.stories, self.segments) = (stories, segments)
        let prompt = #"{"scene": "a forest in deep snow, low sun", "action": "a fox runs towards the camera"}"#
        script = "{\"segments\": [" + (0..<segments).map { _ in prompt }.joined(separator: ", ") + "]}"
    }

    func story(_ index: Int, _ state: StoryState = .queued) -> StoryRecord {
        let terms = StoryTerms(
            submitter: Submitter(rawValue: "user \(index % 50)"), segmentCount: segments, steps: 64, handoff: .stream,
            firstBlend: 1, model: "mochi-1", segmentTime: .seconds(300))
        let pin = Pin(model: digest(1), kind: kind, encoder: "libx264 164", isSimulated: false)
        return StoryRecord(
            id: StoryID(rawValue: UInt64(index + 1)), terms: terms, priority: 0, state: state,
            pin: state == .queued ? nil : pin, assembled: state == .queued ? 0 : segments)
    }

    /// Leased, denoised, leased for its delivery, delivered.
    mutating func changes(of segment: SegmentID) -> [FarmChange] {
        leases += 2
        let (first, second) = (Lease(epoch: 1, number: leases - 1), Lease(epoch: 1, number: leases))
        let worker = WorkerID(high: leases % 1000, low: 7)
        let spans = segment.number == 1 ? [] : SegmentRecord.untouched.generations
        let latents = SegmentRecord.Latents(
            file: file(), consumed: Consumed(spans: spans, digest: digest(leases)), lease: first)
        let checkpoints = [32, 40].map {
            SegmentRecord.Checkpoint(step: $0, file: file(), consumed: latents.consumed, kind: kind)
        }
        return [
            SegmentRecord(
                state: .denoising, holding: .init(lease: first, worker: worker, phase: .denoising),
                checkpoints: checkpoints, writer: kind),
            SegmentRecord(state: .denoised, latents: latents, writer: kind),
            SegmentRecord(
                state: .delivering, holding: .init(lease: second, worker: worker, phase: .delivering), latents: latents,
                writer: kind),
            SegmentRecord(state: .finished, latents: latents, video: .init(file: file(), lease: second), writer: kind),
        ].map { .segment(segment, $0) }
    }

    private mutating func file() -> Artifact {
        files += 1
        return Artifact(bytes: 50_000_000, digest: digest(files &* 0x9E37_79B9_7F4A_7C15))
    }

    private func digest(_ number: UInt64) -> Digest {
        Digest(words: InlineArray { number &+ UInt64($0) })
    }
}
