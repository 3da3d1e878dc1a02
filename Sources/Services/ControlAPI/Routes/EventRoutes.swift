import Control
import CoreMetrics
import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// The farm's news as server-sent events: what is remembered behind a number, then what happens.
struct EventRoutes {
    let rounds: EventRounds
    let streams: StreamCount
    /// How many listen.
    let listeners: Meter

    func add(to group: RouterGroup<ControlContext>) {
        group.get("events") { request, context in
            // A browser that comes back says what it had in the header; the address is still that of its first visit.
            let after = try request.lastEvent() ?? request.number("after")
            let stream = try stream(for: context.caller)
            // Listening begins before the answer does, so that who sees it misses nothing from then on.
            return answer(rounds.board.place(after: after), stream, context)
        }
    }

    /// - Returns: nil for the farm's own user, who may have any number.
    private func stream(for caller: Caller?) throws -> StreamCount.Stream? {
        guard let caller, !caller.isOwner else { return nil }
        if let stream = streams.begin(for: caller.subject) { return stream }
        throw Problem(
            status: 429, code: .limit, detail: "\(streams.limit) streams of events are open",
            limit: Problem.Limit(name: "eventStreams", value: streams.limit),
            // When one is closed; nobody knows when.
            retryAfterSeconds: 60)
    }

    private func answer(
        _ place: NewsBoard.Place, _ stream: StreamCount.Stream?, _ context: ControlContext
    ) -> Response {
        let (isStillLetIn, drop) = (context.isStillLetIn, context.hangUp)
        let body = ResponseBody { [rounds, listeners] writer in
            listeners.increment()
            defer { withExtendedLifetime(stream) { listeners.decrement() } }
            try await writer.write(EventLine.comment)
            let listener = rounds.join(drop: drop)
            defer { rounds.leave(listener) }
            // A stream has no end of its own: the service's end is its end, and that of what let the listener in.
            try await withGracefulShutdownHandler {
                try await withTaskCancellationHandler {
                    var place = place
                    // Also where nothing happens: every listener has a turn now and then.
                    while let batch = await rounds.next(for: listener, from: place), isStillLetIn() {
                        try await writer.write(batch.bytes)
                        if batch.hasEnded { break }
                        place = batch.place
                    }
                } onCancel: {
                    rounds.dismiss(listener)
                }
            } onGracefulShutdown: {
                rounds.dismiss(listener)
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
            .get, "events", .viewer,
            "What happens, as server-sent events: FarmNews as JSON, numbered. A subject has only so many open (429).",
            parameters: [
                Endpoint.Parameter(
                    name: "after", about: "Begin behind this number, as far as news are remembered.",
                    schema: ["type": "integer", "minimum": 0]),
                Endpoint.Parameter(
                    name: "Last-Event-ID", place: .header, about: "The same, as browsers say it; wins over `after`.",
                    schema: ["type": "integer", "minimum": 0]),
            ],
            answers: [
                Endpoint.Answer(
                    status: 200, about: "It ends with the service, or with the token.", type: "text/event-stream")
            ])
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
