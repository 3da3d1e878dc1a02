import Control
import Hummingbird

/// What the farm remembers of its past.
struct RecordRoutes {
    let farm: any FarmControl
    let recorder: FarmRecorder

    func add(to group: RouterGroup<ControlContext>) {
        group.get("queue/history") { request, _ in
            let seconds = try request.number("seconds") ?? 1_800
            guard 1...QueueRecord.longest ~= seconds else {
                throw ControlError.invalid(field: "seconds", reason: "1 to \(QueueRecord.longest) is expected")
            }
            return Response.json(recorder.history(seconds: seconds))
        }
        group.get("stories/{id}/timeline") { _, context in
            let id = try context.story()
            _ = try await farm.story(id)
            return Response.json(recorder.timeline(of: id))
        }
        group.get("failures") { request, _ in
            let limit = try request.number("limit") ?? 100
            guard 1...FarmRecorder.failuresKept ~= limit else {
                throw ControlError.invalid(field: "limit", reason: "1 to \(FarmRecorder.failuresKept) is expected")
            }
            return Response.json(recorder.failures(limit: limit))
        }
    }
}

extension RecordRoutes {
    static let endpoints = [
        Endpoint(
            .get, "queue/history", .viewer, "How deep the queue was.",
            parameters: [
                Endpoint.Parameter(
                    name: "seconds", about: "Of the past.",
                    schema: ["type": "integer", "minimum": 1, "maximum": .number(Double(QueueRecord.longest))])
            ], answers: [.json("QueueHistory", "The oldest first.")]),
        Endpoint(
            .get, "stories/{id}/timeline", .viewer, "Who worked on a story's segments, and when.",
            answers: [.json("StoryTimeline", "By their beginning.")], refusals: [503]),
        Endpoint(
            .get, "failures", .viewer, "What went wrong lately.",
            parameters: [
                Endpoint.Parameter(
                    name: "limit", about: "How many.",
                    schema: ["type": "integer", "minimum": 1, "maximum": .number(Double(FarmRecorder.failuresKept))])
            ], answers: [.json("FailureList", "The newest first.")]),
    ]
}
