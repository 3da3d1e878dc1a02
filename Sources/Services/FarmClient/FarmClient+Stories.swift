public import Control
import Foundation
import NIOHTTP1

extension FarmClient {
    /// - Parameter user: who submits; the operating system's user unless told otherwise.
    public func submit(
        _ submission: StorySubmission, by user: String? = nil
    ) async throws(FarmClientError) -> StoryReceipt {
        try await answer(
            to: .POST, "stories", body: Self.json(submission),
            headers: [(FarmConnection.userHeader, user ?? NSUserName())])
    }

    public func stories(_ page: StoryPage) async throws(FarmClientError) -> StoryList {
        var query = ["limit=\(page.limit)"]
        if let before = page.before { query.append("before=\(before)") }
        if let states = page.states { query.append("state=\(states.sorted().joined(separator: ","))") }
        for (name, value) in [("submitter", page.submitter), ("text", page.text)] {
            guard let value else { continue }
            let safe = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
            query.append("\(name)=\(value.addingPercentEncoding(withAllowedCharacters: safe) ?? "")")
        }
        return try await answer(to: .GET, "stories?\(query.joined(separator: "&"))")
    }

    public func story(_ id: UInt64) async throws(FarmClientError) -> StoryDetail {
        try await answer(to: .GET, "stories/\(id)")
    }

    /// What is remembered of a story's news, the oldest first.
    public func log(of story: UInt64) async throws(FarmClientError) -> [FarmNews] {
        let log: StoryLog = try await answer(to: .GET, "stories/\(story)/log")
        return log.news
    }

    /// Returns when the command is durable.
    public func command(_ command: StoryCommand, on story: UInt64) async throws(FarmClientError) {
        let address = "stories/\(story)"
        switch command {
        case .pause: try await done(.POST, "\(address)/pause")
        case .resume: try await done(.POST, "\(address)/resume")
        case .retry: try await done(.POST, "\(address)/retry")
        case .cancel: try await done(.POST, "\(address)/cancel")
        case .delete: try await done(.DELETE, address)
        case .prioritize(let priority):
            try await done(.POST, "\(address)/priority", body: Self.json(PriorityRequest(priority: priority)))
        case .revise(let segment, let scene, let action, let seed):
            let revision = RevisionRequest(segment: segment, scene: scene, action: action, seed: seed)
            try await done(.POST, "\(address)/revise", body: Self.json(revision))
        }
    }

    /// What a segment is going to be, as its last step saw it: JPEG.
    public func preview(of story: UInt64, segment: Int) async throws(FarmClientError) -> [UInt8] {
        try await bytes(answering: .GET, "stories/\(story)/segments/\(segment)/preview")
    }
}

extension FarmClient {
    public func queue() async throws(FarmClientError) -> QueueReport { try await answer(to: .GET, "queue") }

    public func workers() async throws(FarmClientError) -> [WorkerOverview] {
        let list: WorkerList = try await answer(to: .GET, "workers")
        return list.workers
    }

    public func nodes() async throws(FarmClientError) -> [NodeOverview] {
        let list: NodeList = try await answer(to: .GET, "nodes")
        return list.nodes
    }

    /// Has a node run so many workers.
    ///
    /// - Parameter node: nil for all of them, each as many of these as it can.
    public func scale(node: String?, to workers: Int) async throws(FarmClientError) {
        let letters = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._"))
        let safe = node?.addingPercentEncoding(withAllowedCharacters: letters)
        try await done(.PUT, safe.map { "nodes/\($0)" } ?? "nodes", body: Self.json(ScaleRequest(workers: workers)))
    }

    /// Lets a worker finish its step and leave, or takes that back.
    public func drain(worker id: String, _ isDraining: Bool = true) async throws(FarmClientError) {
        let safe = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try await done(.POST, "workers/\(safe)/drain", body: Self.json(DrainRequest(isDraining: isDraining)))
    }
}
