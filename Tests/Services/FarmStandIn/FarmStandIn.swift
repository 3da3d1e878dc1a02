public import Control
import Synchronization

/// A farm of memory alone, for who asks: it takes stories and remembers what was done to them, and renders nothing.
public actor FarmStandIn: FarmControl {
    public private(set) var submissions: [(submission: StorySubmission, submitter: String)] = []
    public private(set) var commands: [(command: StoryCommand, story: UInt64)] = []
    public private(set) var pages: [StoryPage] = []
    /// How often a story was asked for.
    public private(set) var storyQuestions = 0
    public private(set) var drained: [String: Bool] = [:]
    /// What nodes were scaled to, by name; "" for all of them.
    public private(set) var scaled: [String: Int] = [:]
    /// Of the next questions that can fail.
    public var refusal: ControlError?

    private var details: [UInt64: StoryDetail] = [:]
    private var tokens: [String: UInt64] = [:]
    private var videos: [UInt64: [Int: StoredVideo]] = [:]
    public nonisolated let board = NewsBoard()
    private nonisolated let changes = Atomic<UInt64>(0)

    public static let worker = "00112233445566778899aabbccddeeff"
    public static let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xD9]

    public init() {}

    public nonisolated var alterations: UInt64 { changes.load(ordering: .acquiring) &+ board.alterations }

    private func alter() { changes.wrappingAdd(1, ordering: .releasing) }

    /// Of those that asked for news, ever.
    public var listenerCount: Int { board.readersEver }

    // MARK: What tests set

    public func refuse(_ error: ControlError?) {
        refusal = error
        alter()
    }

    public func put(_ detail: StoryDetail) {
        details[detail.overview.id] = detail
        alter()
    }

    /// - Parameter segment: 0 for the whole story.
    public func put(_ video: StoredVideo, of story: UInt64, segment: Int = 0) {
        videos[story, default: [:]][segment] = video
    }

    public func change(_ story: UInt64, _ change: @Sendable (inout StoryDetail) -> Void) {
        if details[story] != nil { change(&details[story]!) }
        alter()
    }

    public func say(
        _ kind: FarmNews.Kind, story: UInt64? = nil, segment: Int? = nil, _ text: String, step: Int? = nil,
        steps: Int? = nil, seconds: Double? = nil
    ) {
        board.publish(
            kind, at: 1_000, story: story, segment: segment, worker: segment == nil ? nil : Self.worker, text,
            step: step, steps: steps, seconds: seconds)
    }

    /// As when a coordinator's connections are cut.
    public func dropListeners() { board.cut() }

    /// A story of two segments as it is before anything is done.
    public static func detail(_ id: UInt64, title: String = "A corgi's day", submitter: String = "ann") -> StoryDetail {
        StoryDetail(
            overview: StoryOverview(
                id: id, title: title, submitter: submitter, state: "queued", isPaused: false, priority: 0, segments: 2,
                finishedSegments: 0, playableSegments: 0, submitted: 1_000),
            revision: 1, model: "embedded", script: "{\"segments\": []}", steps: 8,
            segments: [
                StoryDetail.Segment(number: 1, state: "ready", scene: "a park", action: "a corgi runs", step: 0),
                StoryDetail.Segment(number: 2, state: "blocked", scene: "a beach", action: "a corgi jumps", step: 0),
            ])
    }

    // MARK: What is asked

    public func submit(
        _ submission: StorySubmission, by submitter: String
    ) async throws(ControlError) -> StoryReceipt {
        if let refusal { throw refusal }
        if let id = submission.token.flatMap({ tokens[$0] }) { return StoryReceipt(id: id, isNew: false, segments: 2) }
        submissions.append((submission, submitter))
        let id = (details.keys.max() ?? 0) + 1
        details[id] = Self.detail(id, title: submission.name, submitter: submitter)
        details[id]?.overview.priority = submission.priority
        if let token = submission.token { tokens[token] = id }
        alter()
        return StoryReceipt(id: id, isNew: true, segments: 2)
    }

    public func stories(_ page: StoryPage) async throws(ControlError) -> [StoryOverview] {
        if let refusal { throw refusal }
        pages.append(page)
        let wanted = details.values.map(\.overview).filter { story in
            story.id < page.before ?? .max && page.states?.contains(story.state) ?? true
                && page.submitter.map { $0 == story.submitter } ?? true
                && page.text.map { story.title.lowercased().contains($0.lowercased()) } ?? true
        }
        return Array(wanted.sorted { $0.id > $1.id }.prefix(page.limit))
    }

    public func story(_ id: UInt64) async throws(ControlError) -> StoryDetail {
        storyQuestions += 1
        if let refusal { throw refusal }
        guard let detail = details[id] else { throw .notFound(what: "story \(id)") }
        return detail
    }

    public func submitter(of story: UInt64) async throws(ControlError) -> String {
        guard let detail = details[story] else { throw .notFound(what: "story \(story)") }
        return detail.overview.submitter
    }

    public func command(_ command: StoryCommand, on story: UInt64) async throws(ControlError) {
        _ = try await self.story(story)
        commands.append((command, story))
        defer { alter() }
        switch command {
        case .delete: details[story] = nil
        case .cancel: details[story]?.overview.state = "cancelled"
        case .pause: details[story]?.overview.isPaused = true
        case .resume: details[story]?.overview.isPaused = false
        case .prioritize(let priority): details[story]?.overview.priority = priority
        case .retry, .revise: break
        }
    }

    public func video(of story: UInt64, segment: Int?) async throws(ControlError) -> StoredVideo {
        _ = try await self.story(story)
        guard let video = videos[story]?[segment ?? 0] else {
            throw .conflict(reason: "no segment of story \(story) is finished")
        }
        return video
    }

    public func preview(of story: UInt64, segment: Int) async throws(ControlError) -> [UInt8] {
        guard try await self.story(story).segments.contains(where: { $0.number == segment }) else {
            throw .notFound(what: "segment \(segment) of story \(story)")
        }
        return Self.picture
    }

    public func thumbnail(of story: UInt64, segment: Int) async throws(ControlError) -> Thumbnail {
        Thumbnail(jpeg: Self.picture, version: try await video(of: story, segment: segment).version)
    }

    public func log(of story: UInt64) async throws(ControlError) -> [FarmNews] {
        _ = try await self.story(story)
        return board.remembered(of: story)
    }

    public func queue() async -> QueueReport {
        QueueReport(
            segments: ["ready": 1, "blocked": 1], stories: ["queued": details.count], workers: ["idle": 1],
            backlogSeconds: 90, oldestReadySeconds: 4, waiting: [.init(story: 1, reason: "no worker has its model")])
    }

    public func workers() async -> [WorkerOverview] {
        [
            WorkerOverview(
                id: Self.worker, node: "node7", process: 42, device: "GPU-1", accelerator: "H200",
                memoryBytes: 141 << 30, freeBytes: 90 << 30, usedBytes: 51 << 30, models: ["embedded"],
                state: "denoising", denoising: .init(story: 1, segment: 1, step: 3, activity: "stepping"))
        ]
    }

    public func drain(worker id: String, _ isDraining: Bool) async throws(ControlError) {
        guard id == Self.worker else { throw .notFound(what: "worker \(id)") }
        drained[id] = isDraining
    }

    public func nodes() async -> [NodeOverview] {
        [
            NodeOverview(
                name: "node7", state: "connected", devices: [.init(uuid: "GPU-1", memoryBytes: 141 << 30)],
                capacity: 4, wanted: 2, running: 1, freeMemoryBytes: 90 << 30, freeDiskBytes: 500 << 30,
                build: "StoryFarm 1",
                exits: [.init(process: 41, device: "GPU-1", cause: "signalled", code: 11, detail: "a fault")]),
            NodeOverview(
                name: "node8", state: "lost", devices: [], capacity: 8, wanted: 8, running: 0, freeMemoryBytes: 0,
                freeDiskBytes: 0, build: ""),
        ]
    }

    public func scale(node: String, to workers: Int) async throws(ControlError) {
        if let refusal { throw refusal }
        guard node == "node7" || node == "node8" else { throw .notFound(what: "node \(node)") }
        scaled[node] = workers
    }

    public func scaleAll(to workers: Int) async throws(ControlError) {
        if let refusal { throw refusal }
        scaled[""] = workers
    }
}
