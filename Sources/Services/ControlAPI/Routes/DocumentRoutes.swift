import HTTPTypes
import Hummingbird

/// What may be asked, for programs that want to know.
struct DocumentRoutes {
    /// Made once, and the same for everybody.
    private static let document = OpenAPIDocument.make()

    func add(to group: RouterGroup<ControlContext>) {
        group.get("openapi.json") { _, _ in Response.json(Self.document) }
    }

    static let endpoints = [
        Endpoint(
            .get, "openapi.json", nil, "This document.",
            answers: [Answer(status: 200, about: "OpenAPI 3.1.", type: "application/json")])
    ]

    private typealias Answer = Endpoint.Answer
}
