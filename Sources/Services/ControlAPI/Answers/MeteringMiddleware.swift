import CoreMetrics
import HTTPTypes
import Hummingbird
import Telemetry

/// Counts requests by route, whatever addresses they name.
struct MeteringMiddleware: RouterMiddleware {
    let metrics: any MetricsFactory

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        // A router that knows no such address, and whoever was refused before it looked, has none.
        let route = context.endpointPath ?? "none"
        let method = Self.method(request.method)
        FarmMetric.requests.counter(method, route, "\(response.status.code)", in: metrics).increment()
        FarmMetric.requestTime.timer(method, route, in: metrics).record(since: start)
        return response
    }

    /// Anybody may make up a method.
    static func method(_ method: HTTPRequest.Method) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.contains(method) ? method.rawValue : "other"
    }
}
