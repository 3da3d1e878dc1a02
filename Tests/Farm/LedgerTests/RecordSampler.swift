import Farm
import Ledger
import WireSamples

/// Records in which every field varies, by a seed.
struct RecordSampler {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func number(_ range: ClosedRange<Int> = 0...1_000_000) -> Int { Int.random(in: range, using: &generator) }

    mutating func isTrue() -> Bool { Bool.random(using: &generator) }

    mutating func choice<Element>(of elements: some Collection<Element>) -> Element {
        elements.randomElement(using: &generator)!
    }

    mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? { isTrue() ? make(&self) : nil }

    mutating func list<Value>(upTo count: Int = 3, _ make: (inout Self) -> Value) -> [Value] {
        (0..<number(0...count)).map { _ in make(&self) }
    }

    /// Also empty, also of more than one byte a letter, also with what SQL and C care about.
    mutating func text() -> String {
        String((0..<number(0...30)).map { _ in choice(of: "aZ09 '\"%_\\\n\u{0}é漢🦊") })
    }

    mutating func digest() -> Digest { Digest((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })! }

    mutating func artifact() -> Artifact { Artifact(bytes: number(0...(1 << 40)), digest: digest()) }

    /// Up to the largest numbers that a column holds.
    mutating func lease() -> Lease {
        Lease(
            epoch: UInt64.random(in: 1...UInt64(Int64.max), using: &generator),
            number: UInt64.random(in: 1...UInt64(Int64.max), using: &generator))
    }

    mutating func spans() -> [GenerationSpan] {
        (0..<number(1...4)).map { index in
            GenerationSpan(
                generation: Generation(rawValue: UInt32(number(1...Int(UInt32.max)))), fromStep: index * number(0...300)
            )
        }
    }

    mutating func consumed() -> Consumed { Consumed(spans: isTrue() ? spans() : [], digest: digest()) }

    mutating func kind() -> DeviceKind {
        DeviceKind(
            accelerator: choice(of: ["cpu", "H200"]), cpuLevel: choice(of: ["AVX2", "AVX512"]), libtorch: "2.13",
            precision: choice(of: ["bf16", "fp32"]), threads: number(1...3), attention: choice(of: ["flash", "math"]))
    }

    mutating func worker() -> WorkerID {
        WorkerID(
            high: UInt64.random(in: 0...UInt64.max, using: &generator),
            low: UInt64.random(in: 0...UInt64.max, using: &generator))
    }

    mutating func checkpoint() -> SegmentRecord.Checkpoint {
        .init(step: number(0...300), file: artifact(), consumed: consumed(), kind: kind())
    }

    mutating func segment(_ state: SegmentState) -> SegmentRecord {
        SegmentRecord(
            state: state,
            holding: optional {
                .init(lease: $0.lease(), worker: $0.worker(), phase: $0.choice(of: LeasePhase.allCases))
            },
            generations: isTrue() ? SegmentRecord.untouched.generations : spans(),
            checkpoints: list(upTo: 2) { $0.checkpoint() },
            latents: optional { .init(file: $0.artifact(), consumed: $0.consumed(), lease: $0.lease()) },
            video: optional { .init(file: $0.artifact(), lease: $0.lease()) }, failures: number(0...3),
            losses: number(0...10), failedOn: list { $0.text() },
            notFinite: list { .init(step: $0.number(0...300), device: $0.text()) }, memoryFloor: number(0...(1 << 45)),
            writer: optional { $0.kind() }, note: optional { $0.text() })
    }

    mutating func terms(segments: Int) -> StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: text()), priority: number(-9...9), segmentCount: segments,
            steps: number(1...300), handoff: choice(of: [.none, .stream, .final]), firstBlend: number(0...1),
            model: text(),
            segmentTime: Duration(
                secondsComponent: Int64(number()), attosecondsComponent: Int64(number(0...999_999_999_999_999_999))),
            allowsSimulation: isTrue())
    }

    /// A story with a segment of each state.
    mutating func story(_ id: UInt64, _ state: StoryState) -> StoryRecord {
        let touched = SegmentState.allCases.shuffled(using: &generator).map { segment($0) }
        return StoryRecord(
            id: StoryID(rawValue: id), terms: terms(segments: touched.count + number(0...2)), priority: number(-9...9),
            state: state, isPaused: isTrue(),
            pin: optional { Pin(model: $0.digest(), kind: $0.kind(), encoder: $0.text(), isSimulated: $0.isTrue()) },
            revision: number(1...9), touched: touched, assembled: number(0...9), note: optional { $0.text() })
    }

    mutating func device() -> DeviceRecord {
        DeviceRecord(
            failed: list { SegmentID(story: StoryID(rawValue: UInt64($0.number())), number: UInt32($0.number(1...9))) },
            isSetAside: isTrue())
    }

    mutating func node() -> NodeRecord {
        NodeRecord(
            agent: worker(), wanted: number(0...256), capacity: number(0...256),
            revision: UInt64(number(1...Int(Int64.max))))
    }

    mutating func submission(of story: UInt64) -> Submission {
        Submission(
            story: StoryID(rawValue: story), token: optional { "\(story) \($0.text())" }, title: text(),
            script: "{\"text\": \"\(text())\"}", time: Double(number()) / 8)
    }
}

/// A story with its segments, as its machine would have it committed.
func changes(of story: StoryRecord) -> [FarmChange] {
    let segments = story.touched.enumerated().map { index, segment in
        FarmChange.segment(SegmentID(story: story.id, number: UInt32(index + 1)), segment)
    }
    return [.story(story)] + segments
}
