import AsyncHTTPClient
import Control
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

extension FarmClient {
    /// Live as long as the process: nothing is left to close, and connections are used again.
    private static let clients = Mutex<[String?: HTTPClient]>([:])

    /// - Parameter authority: a PEM file of the certificates that are trusted; nil for the system's.
    private static func http(trusting authority: String?) throws(FarmClientError) -> HTTPClient {
        do {
            return try clients.withLock { clients in
                if let known = clients[authority] { return known }
                var configuration = configuration
                if let authority {
                    var tls = TLSConfiguration.makeClientConfiguration()
                    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
                    configuration.tlsConfiguration = tls
                }
                let client = HTTPClient(
                    eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
                clients[authority] = client
                return client
            }
        } catch {
            throw .file(path: authority ?? "", reason: "it can't be read as certificates in PEM")
        }
    }

    private static let configuration = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        // A stream of events says that it is there every 15 s.
        configuration.timeout.read = .seconds(60)
        // A port where nobody listens is an answer: trying it again for as long as a connection may take is not.
        configuration.connectionPool.retryConnectionEstablishment = false
        // The farm closes what is idle for 30 s: who is first never sends into a connection that is being closed.
        configuration.connectionPool.idleTimeout = .seconds(20)
        return configuration
    }()

    /// Of any answer but a video: a detail of 10,000 segments with the longest prompts, escaped, would still fit.
    private static let answerBytes = 512 << 20
    private static let problemBytes = 64 << 10
    /// Until the answer begins.
    private static let patience = TimeAmount.seconds(60)

    /// Asks, and returns with the answer's head; its body is still to be read.
    func response(
        to method: HTTPMethod, _ address: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws(FarmClientError) -> HTTPClientResponse {
        let connection = try connection()
        let http = try Self.http(trusting: connection.certificateAuthority)
        var request = HTTPClientRequest(url: "\(connection.url)/v1/\(address)")
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(connection.token)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, deadline: .now() + Self.patience)
        } catch {
            throw Self.failure(error, at: connection.url)
        }
        guard 200...299 ~= response.status.code else { throw await Self.refusal(response, at: connection.url) }
        return response
    }

    func bytes(
        answering method: HTTPMethod, _ address: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws(FarmClientError) -> [UInt8] {
        let response = try await response(to: method, address, body: body, headers: headers)
        do {
            return [UInt8](buffer: try await response.body.collect(upTo: Self.answerBytes))
        } catch {
            throw Self.failure(error, at: address)
        }
    }

    func answer<Form: Decodable>(
        to method: HTTPMethod, _ address: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws(FarmClientError) -> Form {
        let bytes = try await bytes(answering: method, address, body: body, headers: headers)
        do {
            return try JSONDecoder().decode(Form.self, from: Data(bytes))
        } catch {
            throw .unintelligible(reason: "\(Form.self) is not what it says")
        }
    }

    func done(_ method: HTTPMethod, _ address: String, body: [UInt8]? = nil) async throws(FarmClientError) {
        _ = try await bytes(answering: method, address, body: body)
    }

    static func json(_ form: some Encodable) throws(FarmClientError) -> [UInt8] {
        do { return [UInt8](try JSONEncoder().encode(form)) } catch {
            throw .refused(.invalid(field: "", reason: "\(error)"))
        }
    }

    static func failure(_ error: any Error, at place: String) -> FarmClientError {
        if error is CancellationError || (error as? HTTPClientError) == .cancelled { return .cancelled }
        if let error = error as? NIOTooManyBytesError {
            return .unintelligible(reason: "more than \(error.maxBytes ?? 0) bytes")
        }
        return .notReached(reason: "\(place): \(words(for: error))")
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        // Both families of localhost, or one: what the system said of either is the same.
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { words(for: $0.error) } ?? "no address"
        case let error as HTTPClientError: "\(error)"
        default: "\(error)"
        }
    }

    private static func refusal(_ response: HTTPClientResponse, at url: String) async -> FarmClientError {
        let status = Int(response.status.code)
        guard let bytes = try? await response.body.collect(upTo: problemBytes),
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(bytes.readableBytesView))
        else { return .unintelligible(reason: "\(url) says \(status)") }
        if let error = problem.controlError { return .refused(error) }
        // The token is of another run: between two coordinators, as it were.
        if status == 401 {
            return .notReached(
                reason: "\(url) does not know this token: it has expired, was revoked, or is another farm's; "
                    + "storyfarm-coordinator token add makes another")
        }
        return .unintelligible(reason: problem.detail)
    }
}
