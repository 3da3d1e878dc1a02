import Control
import FarmStandIn
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import ControlAPI

/// The service without a socket: requests go straight to its routes.
struct AskedFarm {
    let farm: FarmStandIn
    let client: any TestClientProtocol
    let token: String

    static func with(
        _ observation: Observation = Observation(), _ body: @Sendable (AskedFarm) async throws -> Void
    ) async throws {
        let farm = FarmStandIn()
        let api = ControlAPI(
            farm, configuration: ControlConfiguration(connectionFile: "/dev/null"), observation: observation,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let token = api.secret
        try await api.makeApplication().test(.router) { client in
            try await body(AskedFarm(farm: farm, client: client, token: token))
        }
    }

    init(farm: FarmStandIn, client: any TestClientProtocol, token: String) {
        (self.farm, self.client, self.token) = (farm, client, token)
    }

    /// Asks with the token and, for a body, as JSON; `headers` win.
    func ask(
        _ method: HTTPRequest.Method, _ address: String, _ body: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        var all: HTTPFields = [.authorization: "Bearer \(token)"]
        if body != nil { all[.contentType] = "application/json" }
        for field in headers { all[field.name] = field.value }
        return try await client.execute(
            uri: address, method: method, headers: all, body: body.map { ByteBuffer(string: $0) }
        ) { $0 }
    }

    static let ann: HTTPFields = [HTTPField.Name(FarmConnection.userHeader)!: "ann"]
}

extension TestResponse {
    var text: String { String(buffer: body) }
    func form<Form: Decodable>(_ form: Form.Type) throws -> Form {
        try JSONDecoder().decode(form, from: Data(body.readableBytesView))
    }
    /// Of a refusal; checks what all refusals have in common.
    func problem() throws -> Problem {
        let problem = try form(Problem.self)
        guard headers[.contentType] == Problem.mediaType, status.code == problem.status else {
            throw Problem(status: status.code, code: .internal, detail: "no problem form: \(text)")
        }
        return problem
    }
}
