import HTTPTypes

/// What may be asked, as OpenAPI 3.1: made of the endpoints and the forms.
enum OpenAPIDocument {
    /// - Parameter endpoints: one of each method and path.
    static func make(of endpoints: [Endpoint] = Endpoint.all) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, endpoints) in Dictionary(grouping: endpoints, by: \.path) {
            var item = Dictionary(
                uniqueKeysWithValues: endpoints.map { ($0.method.rawValue.lowercased(), operation($0)) })
            let named = parameters(of: path)
            if !named.isEmpty { item["parameters"] = .list(named) }
            paths[path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "StoryFarm", "version": "1", "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
                "description": "Hands stories to a render farm, and looks after them.",
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths),
            "components": [
                "schemas": Forms.all,
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        var operation: [String: JSONValue] = [
            "summary": .text(endpoint.about),
            "operationId": .text(name(of: endpoint)),
            "responses": .object(responses(of: endpoint)),
            "security": endpoint.role == nil ? [] : [["token": []]],
        ]
        if let role = endpoint.role { operation["description"] = .text("Wants the role \(role.rawValue).") }
        if !endpoint.parameters.isEmpty { operation["parameters"] = .list(endpoint.parameters.map(parameter)) }
        if let body = endpoint.body {
            operation["requestBody"] = [
                "required": .bool(body.isRequired),
                "content": ["application/json": ["schema": reference(body.form)]],
            ]
        }
        return .object(operation)
    }

    private static func name(of endpoint: Endpoint) -> String {
        let words = endpoint.path.split(whereSeparator: { "/{}.".contains($0) }).dropFirst()
        return endpoint.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func responses(of endpoint: Endpoint) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in endpoint.answers {
            var response: [String: JSONValue] = ["description": .text(answer.about)]
            if let type = answer.type {
                let schema = answer.form.map(reference)
                response["content"] = .object([type: .object(schema.map { ["schema": $0] } ?? [:])])
            }
            responses["\(answer.status)"] = .object(response)
        }
        for status in refusals(of: endpoint) {
            responses["\(status)"] = [
                "description": .text(HTTPResponse.Status(code: status).reasonPhrase),
                "content": ["application/problem+json": ["schema": reference("Problem")]],
            ]
        }
        return responses
    }

    /// Every status but the answers that it may have.
    static func refusals(of endpoint: Endpoint) -> Set<Int> {
        // The name of the farm is looked at before anything else.
        var statuses: Set = [403]
        if endpoint.role != nil { statuses.formUnion([401, 429]) }
        if endpoint.path.contains("{") { statuses.insert(404) }
        if !endpoint.parameters.isEmpty { statuses.insert(400) }
        if endpoint.body != nil { statuses.formUnion([400, 408, 413, 415]) }
        return statuses.union(endpoint.refusals)
    }

    private static func parameter(_ parameter: Endpoint.Parameter) -> JSONValue {
        [
            "name": .text(parameter.name), "in": .text(parameter.place.rawValue), "schema": parameter.schema,
            "description": .text(parameter.about), "required": .bool(false),
        ]
    }

    /// What stands in braces is named by the word before it.
    private static func parameters(of path: String) -> [JSONValue] {
        let words = path.split(separator: "/")
        return zip(words, words.dropFirst()).filter { $1.first == "{" }.map { before, name in
            let schema: JSONValue =
                switch before {
                case "stories", "segments": ["type": "integer", "minimum": 1]
                case "workers": ["type": "string", "pattern": "^[0-9a-fA-F]{32}$"]
                default: ["type": "string", "minLength": 1]
                }
            return [
                "name": .text(String(name.dropFirst().dropLast())), "in": "path", "required": true, "schema": schema,
            ]
        }
    }

    private static func reference(_ form: String) -> JSONValue { ["$ref": .text("#/components/schemas/\(form)")] }
}
