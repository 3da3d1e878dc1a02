import Control
import HTTPTypes
import Hummingbird
import Telemetry

/// The farm for machines that watch it; outside `/v1`, where such machines look.
struct ObservationRoutes {
    let observation: Observation

    func add(to group: RouterGroup<ControlContext>) {
        group.get("metrics") { _, _ in
            await observation.measure()
            return Response(
                status: .ok,
                headers: [
                    .contentType: PrometheusRegistry.mediaType, .cacheControl: "no-store",
                    .xContentTypeOptions: "nosniff",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(string: observation.metrics.text())))
        }
    }

    /// Whoever starts and restarts processes has no token.
    func addHealth(to group: RouterGroup<ControlContext>) {
        group.get("health/live") { _, _ in Response.json(["status": "ok"]) }
        group.get("health/ready") { _, _ in
            let health = await observation.health()
            return Response.json(health, status: health.isReady ? .ok : .serviceUnavailable)
        }
    }
}

extension ObservationRoutes {
    static let endpoints = [
        Endpoint(
            .get, "metrics", .viewer, "Numbers for Prometheus, in its text format 0.0.4.",
            answers: [.init(status: 200, about: "As they are now.", type: "text/plain")], below: "/"),
        Endpoint(
            .get, "health/live", nil, "Whether the process answers.", answers: [.json("Health", "It does.")],
            below: "/"),
        Endpoint(
            .get, "health/ready", nil, "Whether the farm can do its work.",
            answers: [
                .json("HealthReport", "It can."), .json("HealthReport", "Something is wrong.", status: 503),
            ], below: "/"),
    ]
}
