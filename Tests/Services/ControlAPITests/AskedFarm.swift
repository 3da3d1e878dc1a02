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
    /// Its list of tokens and its audit log.
    let folder: URL

    static func with(
        _ change: (inout ControlConfiguration) -> Void = { _ in }, observation: Observation = Observation(),
        _ body: @Sendable (AskedFarm) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let farm = FarmStandIn()
        var configuration = ControlConfiguration(connectionFile: "/dev/null")
        configuration.tokenFile = folder.appending(path: "tokens.json").path
        configuration.auditFile = folder.appending(path: "audit.log").path
        change(&configuration)
        let api = try ControlAPI(
            farm, configuration: configuration, observation: observation,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let token = api.secret
        try await api.makeApplication().test(.router) { client in
            try await body(AskedFarm(farm: farm, client: client, token: token, folder: folder))
        }
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

    /// Asks without the token, as a browser does.
    func browse(
        _ method: HTTPRequest.Method, _ address: String, _ body: String? = nil, headers: HTTPFields
    ) async throws -> TestResponse {
        var all = headers
        if body != nil { all[.contentType] = "application/json" }
        return try await client.execute(
            uri: address, method: method, headers: all, body: body.map { ByteBuffer(string: $0) }
        ) { $0 }
    }

    /// Puts a token on the list; what comes back lets its bearer in.
    func bearer(
        _ name: String, _ role: Role, subject: String? = nil, expires: Date = Date() + 3600
    ) throws -> HTTPFields {
        let token = try TokenList.change(folder.appending(path: "tokens.json").path) {
            list throws(ControlAPIError) in
            try list.add(name, subject: subject ?? name, role: role, expires: expires)
        }
        return [.authorization: "Bearer \(token)"]
    }

    func revoke(_ name: String) throws {
        try TokenList.change(folder.appending(path: "tokens.json").path) { list throws(ControlAPIError) in
            try list.revoke(name)
        }
    }

    var audit: [AuditEntry] {
        get throws {
            guard let bytes = FileManager.default.contents(atPath: folder.appending(path: "audit.log").path) else {
                return []
            }
            return try bytes.split(separator: 0x0A).map { try JSONDecoder().decode(AuditEntry.self, from: $0) }
        }
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
