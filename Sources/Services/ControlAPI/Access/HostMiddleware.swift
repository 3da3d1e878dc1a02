import Control
import HTTPTypes
import Hummingbird

/// Refuses what a browser sends on behalf of a foreign page.
///
/// A page can make its own name point to the farm and would then reach it from inside; the name that the browser asks
/// for, and the origin of the page, give it away.
struct HostMiddleware: RouterMiddleware {
    let hosts: AllowedHosts

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, hosts.allow(authority: host) else {
            throw Problem(status: 403, code: .forbidden, detail: hosts.advice, field: "Host")
        }
        if let origin = request.headers[.origin], !hosts.allow(origin: origin) {
            throw Problem(
                status: 403, code: .forbidden, detail: "pages from elsewhere may not ask", field: "Origin")
        }
        return try await next(request, context)
    }
}

/// By which names a farm may be asked.
struct AllowedHosts: Equatable, Sendable {
    static let loopback = AllowedHosts(
        names: ["127.0.0.1", "localhost", "[::1]"], advice: "ask this machine as 127.0.0.1 or localhost")

    /// In lower case; IPv6 addresses in brackets.
    private let names: Set<String>
    let advice: String

    init(_ names: some Sequence<String>) {
        self.init(names: Set(names.map { $0.lowercased() }), advice: "this farm is not called so")
    }

    private init(names: Set<String>, advice: String) { (self.names, self.advice) = (names, advice) }

    func allow(origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return allow(authority: String(origin.dropFirst(scheme.count)))
        }
        return false
    }

    /// - Parameter authority: a host, with or without a port.
    func allow(authority: String) -> Bool {
        let authority = authority.lowercased()
        for name in names where authority.hasPrefix(name) {
            let rest = authority.dropFirst(name.count)
            if rest.isEmpty { return true }
            guard rest.first == ":" else { continue }
            let port = rest.dropFirst()
            return (1...5).contains(port.count) && port.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        }
        return false
    }
}
