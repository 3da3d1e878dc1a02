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
