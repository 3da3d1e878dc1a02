import Control
import HTTPTypes
import Hummingbird

/// Refuses what a browser sends on behalf of a foreign page.
///
/// A page can make its own name point to 127.0.0.1 and would then reach the farm from inside; the name that the browser
/// asks for, and the origin of the page, give it away.
struct LoopbackMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, Self.isLoopback(authority: host) else {
            throw Problem(
                status: 403, code: .forbidden, detail: "ask this machine as 127.0.0.1 or localhost", field: "Host")
        }
        if let origin = request.headers[.origin], !Self.isLoopback(origin: origin) {
            throw Problem(
                status: 403, code: .forbidden, detail: "pages from elsewhere may not ask", field: "Origin")
        }
        return try await next(request, context)
    }

    static func isLoopback(origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return isLoopback(authority: String(origin.dropFirst(scheme.count)))
        }
        return false
    }

    /// - Parameter authority: a host, with or without a port.
    static func isLoopback(authority: String) -> Bool {
        for name in ["127.0.0.1", "localhost", "[::1]"] where authority.lowercased().hasPrefix(name) {
            let rest = authority.dropFirst(name.count)
            if rest.isEmpty { return true }
            guard rest.first == ":" else { continue }
            let port = rest.dropFirst()
            return (1...5).contains(port.count) && port.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        }
        return false
    }
}
