import Control
import HTTPTypes
import Hummingbird

/// The farm as a whole: its queue, its workers, whether it is there.
struct FarmRoutes {
    let farm: any FarmControl

    func add(to group: RouterGroup<ControlContext>) {
        group.get("queue") { _, _ in Response.json(await farm.queue()) }
        group.get("workers") { _, _ in Response.json(WorkerList(workers: await farm.workers())) }
        group.post("workers/{id}/drain") { request, context in
            let worker = try context.worker()
            // Without a body it is drained: the usual wish needs no JSON.
            let wish =
                request.headers[.contentType] == nil
                ? DrainRequest(isDraining: true) : try await request.decoded(DrainRequest.self)
            context.notes.note(wish: wish.isDraining ? "drained" : "kept")
            try await farm.drain(worker: worker, wish.isDraining)
            return Response.done
        }
        group.get("nodes") { _, _ in Response.json(NodeList(nodes: await farm.nodes())) }
        group.put("nodes") { request, context in
            try await farm.scaleAll(to: workers(request, context))
            return Response.done
        }
        group.put("nodes/{name}") { request, context in
            let node = try context.node()
            try await farm.scale(node: node, to: workers(request, context))
            return Response.done
        }
    }

    private func workers(_ request: Request, _ context: ControlContext) async throws -> Int {
        let workers = try await request.decoded(ScaleRequest.self).workers
        context.notes.note(wish: "workers \(workers)")
        return workers
    }

    /// For whoever watches processes; says nothing that a stranger may not know.
    func addHealth(to group: RouterGroup<ControlContext>) {
        group.get("health") { _, _ in Response.json(["status": "ok"]) }
    }
}

extension FarmRoutes {
    private typealias Answer = Endpoint.Answer

    static let endpoints = [
        Endpoint(
            .get, "health", nil, "Whether the service answers.", answers: [.json("Health", "It does.")]),
        Endpoint(
            .get, "queue", .viewer, "Segments, stories and workers by state.",
            answers: [.json("QueueReport", "As it is now.")]),
        Endpoint(
            .get, "workers", .viewer, "Who renders.", answers: [.json("WorkerList", "Those that are known.")]),
        Endpoint(
            .post, "workers/{id}/drain", .operator,
            "Lets a worker finish its step and leave, or takes that back. Without a body it is drained.",
            body: Endpoint.Body(form: "DrainRequest", isRequired: false), answers: [.done("It is decided.")]),
        Endpoint(
            .get, "nodes", .viewer, "Machines with an agent, their devices and workers.",
            answers: [.json("NodeList", "Those that are known.")]),
        Endpoint(
            .put, "nodes", .operator, "How many workers each node shall run, as far as it can.",
            body: Endpoint.Body(form: "ScaleRequest"), answers: [.done("It is decided.")]),
        Endpoint(
            .put, "nodes/{name}", .operator, "How many workers a node shall run.",
            body: Endpoint.Body(form: "ScaleRequest"), answers: [.done("It is decided.")]),
    ]
}
