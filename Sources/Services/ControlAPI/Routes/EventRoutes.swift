import AsyncAlgorithms
import Control
import CoreMetrics
import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// The farm's news as server-sent events: what is remembered behind a number, then what happens.
struct EventRoutes {
    let farm: any FarmControl
    let keepAlive: Duration
    /// How many listen.
    private let listeners: Meter
    private let lines = EventLines()

    init(farm: any FarmControl, keepAlive: Duration, listeners: Meter) {
        (self.farm, self.keepAlive, self.listeners) = (farm, keepAlive, listeners)
    }

    private enum Beat: Sendable {
        case news(FarmNews)
        case quiet
        case end
    }

    func add(to group: RouterGroup<ControlContext>) {
        group.get("events") { request, _ in
            // A browser that comes back says what it had in the header; the address is still that of its first visit.
            let after = try request.lastEvent() ?? request.number("after")
            // Listening begins before the answer does, so that who sees it misses nothing from then on.
            return answer(await farm.news(after: after))
        }
    }

    private func answer(_ news: AsyncStream<FarmNews>) -> Response {
        let beats = merge(
            chain(news.map { Beat.news($0) }, [Beat.end].async),
            AsyncTimerSequence(interval: keepAlive, clock: .continuous).map { _ in Beat.quiet })
        let body = ResponseBody { [lines] writer in
            listeners.increment()
            defer { listeners.decrement() }
            try await writer.write(EventLine.comment)
            // A stream has no end of its own: the service's end is its end.
            beats: for await beat in beats.cancelOnGracefulShutdown() {
                switch beat {
                case .news(let news): try await writer.write(lines.line(for: news))
                case .quiet: try await writer.write(EventLine.comment)
                case .end: break beats
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ], body: body)
    }
}

extension EventRoutes {
    static let endpoints = [
        Endpoint(
            .get, "events", .viewer, "What happens, as server-sent events: FarmNews as JSON, numbered.",
            parameters: [
                Endpoint.Parameter(
                    name: "after", about: "Begin behind this number, as far as news are remembered.",
                    schema: ["type": "integer", "minimum": 0]),
                Endpoint.Parameter(
                    name: "Last-Event-ID", place: .header, about: "The same, as browsers say it; wins over `after`.",
                    schema: ["type": "integer", "minimum": 0]),
            ], answers: [Endpoint.Answer(status: 200, about: "It ends with the service.", type: "text/event-stream")])
    ]
}

extension Request {
    fileprivate func lastEvent() throws(ControlError) -> UInt64? {
        guard let name = HTTPField.Name("Last-Event-ID"), let text = headers[name], !text.isEmpty else { return nil }
        guard let sequence = UInt64(digits: text) else {
            throw .invalid(field: "Last-Event-ID", reason: "a number without sign is expected")
        }
        return sequence
    }
}
