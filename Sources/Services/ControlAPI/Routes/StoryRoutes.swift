import Control
import HTTPTypes
import Hummingbird

/// Stories: handing in, looking at, commanding.
struct StoryRoutes {
    let farm: any FarmControl

    func add(to group: RouterGroup<ControlContext>) {
        let stories = group.group("stories")
        stories.post { request, _ in try await submit(request) }
        stories.get { request, _ in try await list(request) }
        let story = stories.group("{id}")
        story.get { _, context in Response.json(try await farm.story(context.story())) }
        story.get("log") { _, context in Response.json(StoryLog(news: try await farm.log(of: context.story()))) }
        story.delete { _, context in try await perform(.delete, context) }
        story.post("pause") { _, context in try await perform(.pause, context) }
        story.post("resume") { _, context in try await perform(.resume, context) }
        story.post("retry") { _, context in try await perform(.retry, context) }
        story.post("cancel") { _, context in try await perform(.cancel, context) }
        story.post("priority") { request, context in
            try await perform(.prioritize(request.decoded(PriorityRequest.self).priority), context)
        }
        story.post("revise") { request, context in
            let revision = try await request.decoded(RevisionRequest.self)
            return try await perform(
                .revise(
                    segment: revision.segment, scene: revision.scene, action: revision.action, seed: revision.seed),
                context)
        }
    }

    private func perform(_ command: StoryCommand, _ context: ControlContext) async throws -> Response {
        try await farm.command(command, on: context.story())
        return .done
    }

    private func submit(_ request: Request) async throws -> Response {
        let submitter = try request.submitter()
        let submission = try await request.decoded(StorySubmission.self, limit: ControlLimits.submissionBytes)
        try submission.requireLimits()
        let receipt = try await farm.submit(submission, by: submitter)
        var answer = Response.json(receipt, status: receipt.isNew ? .created : .ok)
        answer.headers[.location] = "/v1/stories/\(receipt.id)"
        return answer
    }

    private func list(_ request: Request) async throws -> Response {
        let limit = try request.number("limit") ?? ControlLimits.usualPageStories
        guard 1...ControlLimits.pageStories ~= limit else {
            throw ControlError.invalid(field: "limit", reason: "1 to \(ControlLimits.pageStories) is expected")
        }
        let query = request.uri.queryParameters
        let states = query[values: "state"].flatMap { $0.split(separator: ",").map(String.init) }
        if let unknown = states.first(where: { !StoryOverview.states.contains($0) }) {
            throw ControlError.invalid(
                field: "state",
                reason: "\(unknown.prefix(40)) is none of \(StoryOverview.states.joined(separator: ", "))")
        }
        let page = StoryPage(
            before: try request.number("before"), limit: limit, states: states.isEmpty ? nil : Set(states),
            submitter: query["submitter"].map(String.init))
        let stories = try await farm.stories(page)
        return .json(StoryList(stories: stories, next: stories.count == limit ? stories.last?.id : nil))
    }
}

extension StorySubmission {
    /// The farm judges the script; this bounds what stands around it.
    fileprivate func requireLimits() throws(ControlError) {
        let sizes = [
            ("name", name.utf8.count, ControlLimits.nameBytes, "bytes"),
            ("token", token?.utf8.count ?? 0, ControlLimits.tokenBytes, "bytes"),
            ("overrides", overrides.count, ControlLimits.overrides, "values"),
        ]
        for (field, size, limit, unit) in sizes where size > limit {
            throw .invalid(field: field, reason: "it has \(size) \(unit), and \(limit) are allowed")
        }
    }
}
