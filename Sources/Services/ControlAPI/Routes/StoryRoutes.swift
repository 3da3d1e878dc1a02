import Control
import HTTPTypes
import Hummingbird

/// Stories: handing in, looking at, commanding.
struct StoryRoutes {
    let farm: any FarmControl

    func add(to group: RouterGroup<ControlContext>) {
        let stories = group.group("stories")
        stories.post { request, context in try await submit(request, context) }
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
            let priority = try await request.decoded(PriorityRequest.self).priority
            context.notes.note(wish: "priority \(priority)")
            return try await perform(.prioritize(priority), context)
        }
        story.post("revise") { request, context in
            let revision = try await request.decoded(RevisionRequest.self)
            context.notes.note(wish: "segment \(revision.segment)")
            return try await perform(
                .revise(
                    segment: revision.segment, scene: revision.scene, action: revision.action, seed: revision.seed),
                context)
        }
    }

    private func perform(_ command: StoryCommand, _ context: ControlContext) async throws -> Response {
        let story = try context.story()
        try await requireOwn(story, context)
        try await farm.command(command, on: story)
        return .done
    }

    /// Who hands stories in commands their own; operators command all.
    private func requireOwn(_ story: UInt64, _ context: ControlContext) async throws {
        guard let caller = context.caller, caller.role < .operator else { return }
        guard try await farm.submitter(of: story) == caller.subject else {
            throw ControlError.forbidden(reason: "story \(story) is another's: this wants the role operator")
        }
    }

    private func submit(_ request: Request, _ context: ControlContext) async throws -> Response {
        let submitter = try request.submitter(context.caller)
        let submission = try await request.decoded(StorySubmission.self, limit: ControlLimits.submissionBytes)
        try submission.requireLimits()
        if let caller = context.caller, caller.role < .operator, submission.priority > 0 {
            throw ControlError.forbidden(reason: "a priority above 0 wants the role operator")
        }
        let receipt = try await farm.submit(submission, by: submitter)
        context.notes.note(wish: "story \(receipt.id)")
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
            submitter: query["submitter"].map(String.init), text: try request.text())
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

extension StoryRoutes {
    private typealias Parameter = Endpoint.Parameter

    private static let filters = [
        Parameter(
            name: "before", about: "Only stories older than this one: `next` of the page before.",
            schema: ["type": "integer", "minimum": 0]),
        Parameter(
            name: "limit", about: "Stories on a page.",
            schema: [
                "type": "integer", "minimum": 1, "maximum": .number(Double(ControlLimits.pageStories)),
                "default": .number(Double(ControlLimits.usualPageStories)),
            ]),
        Parameter(
            name: "state", about: "Only those in one of these states: several, or one list with commas.",
            schema: ["type": "array", "items": ["enum": .list(StoryOverview.states.map(JSONValue.text))]]),
        Parameter(name: "submitter", about: "Only this one's.", schema: ["type": "string"]),
        Parameter(
            name: "text", about: "Only those whose title contains this; case does not matter.",
            schema: ["type": "string", "maxLength": .number(Double(ControlLimits.textBytes))]),
    ]

    static let endpoints =
        [
            Endpoint(
                .post, "stories", .submitter, "Hands a story in.",
                parameters: [
                    Parameter(
                        name: FarmConnection.userHeader, place: .header,
                        about: "Who submits; wanted, and looked at, with the token of the connection file only.",
                        schema: ["type": "string", "pattern": "^[!-~]{1,64}$"])
                ],
                body: Endpoint.Body(form: "StorySubmission"),
                answers: [
                    .json("StoryReceipt", "It is taken, durably.", status: 201),
                    .json("StoryReceipt", "Its token was known: the story that was taken with it, which is the same."),
                ], refusals: [409, 503]),
            Endpoint(
                .get, "stories", .viewer, "A page of stories, the newest first.", parameters: filters,
                answers: [.json("StoryList", "A page.")], refusals: [503]),
            Endpoint(
                .get, "stories/{id}", .viewer, "A story with its segments.",
                answers: [.json("StoryDetail", "As it is now.")], refusals: [503]),
            Endpoint(
                .get, "stories/{id}/log", .viewer, "What is remembered of a story's news.",
                answers: [.json("StoryLog", "The oldest first.")]),
            Endpoint(
                .delete, "stories/{id}", .submitter, "Deletes a story that has ended, with its files.",
                answers: [.done("It is deleted, durably.")], refusals: [409, 503]),
            Endpoint(
                .post, "stories/{id}/priority", .operator, "The larger goes first.",
                body: Endpoint.Body(form: "PriorityRequest"), answers: [.done("It is changed, durably.")],
                refusals: [409, 503]),
            Endpoint(
                .post, "stories/{id}/revise", .submitter,
                "Renders segments from this one on again, the first with what is given anew.",
                body: Endpoint.Body(form: "RevisionRequest"), answers: [.done("It is decided, durably.")],
                refusals: [409, 503]),
        ]
        + [
            ("pause", "Stops a story at its segments' next steps."), ("resume", "Lets a paused story go on."),
            ("retry", "Begins what failed or was cancelled again."),
            ("cancel", "Ends a story; what is finished stays."),
        ].map { name, about in
            Endpoint(
                .post, "stories/{id}/\(name)", .submitter, about, answers: [.done("It is decided, durably.")],
                refusals: [409, 503])
        }
}
