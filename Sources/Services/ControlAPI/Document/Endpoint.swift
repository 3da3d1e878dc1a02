import HTTPTypes

/// A question that may be asked over HTTP: where, by whom, with what, and what comes back.
///
/// One stands beside each route. The role is held by it, and the OpenAPI document is made of it.
struct Endpoint: Sendable {
    /// A value of the query, or a header.
    struct Parameter: Sendable {
        enum Place: String, Sendable { case query, header }

        let name: String
        var place = Place.query
        let about: String
        /// JSON Schema.
        let schema: JSONValue
    }

    struct Body: Sendable {
        /// The name of a form in ``Forms``.
        let form: String
        var isRequired = true
    }

    struct Answer: Sendable {
        let status: Int
        let about: String
        /// The media type; nil where there is no body.
        var type: String?
        /// Of a body in JSON: the name of a form in ``Forms``.
        var form: String?

        static func json(_ form: String, _ about: String, status: Int = 200) -> Answer {
            Answer(status: status, about: about, type: "application/json", form: form)
        }

        static func done(_ about: String) -> Answer { Answer(status: 204, about: about) }
    }

    let method: HTTPRequest.Method
    /// As the router has it: "/v1/stories/{id}", "/metrics".
    let path: String
    /// Nil: for anybody who reaches the address, without a token.
    let role: Role?
    let about: String
    var parameters: [Parameter] = []
    var body: Body?
    var answers: [Answer]
    /// Statuses of refusals, besides those that follow from the above.
    var refusals: [Int] = []

    init(
        _ method: HTTPRequest.Method, _ path: String, _ role: Role?, _ about: String, parameters: [Parameter] = [],
        body: Body? = nil, answers: [Answer], refusals: [Int] = [], below root: String = "/v1/"
    ) {
        (self.method, self.path, self.role, self.about) = (method, root + path, role, about)
        (self.parameters, self.body, self.answers, self.refusals) = (parameters, body, answers, refusals)
    }

    /// All that are known; a route without an entry wants the highest role unless it only reads.
    static let all: [Endpoint] =
        FarmRoutes.endpoints + StoryRoutes.endpoints + VideoRoutes.endpoints + EventRoutes.endpoints
        + DocumentRoutes.endpoints + RecordRoutes.endpoints + SessionRoutes.endpoints + ObservationRoutes.endpoints

    private static let roles = Dictionary(
        uniqueKeysWithValues: all.map { ("\($0.method) \($0.path)", $0.role ?? .viewer) })

    /// - Parameter path: the router's, with its parameters' names.
    static func role(for method: HTTPRequest.Method, _ path: String) -> Role {
        let isReading = method == .get || method == .head
        return roles["\(isReading ? .get : method) \(path)"] ?? (isReading ? .viewer : .operator)
    }

    /// What may be done at an address, whatever its parameters name.
    static func methods(at address: some StringProtocol) -> [HTTPRequest.Method] {
        let parts = address.split(separator: "/")
        return all.filter { endpoint in
            let wanted = endpoint.path.split(separator: "/")
            return wanted.count == parts.count && zip(wanted, parts).allSatisfy { $0 == $1 || $0.first == "{" }
        }.flatMap { $0.method == .get ? [.get, .head] : [$0.method] }
    }
}
