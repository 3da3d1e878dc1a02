import HTTPTypes
import Hummingbird

/// The cookie of a browser's session.
///
/// Scripts can't read it (HttpOnly), no other site's page sends it (SameSite=Strict), and it names the port, since
/// browsers keep one jar for all ports of a host and several farms may be on one.
enum SessionCookie {
    static func name(at authority: String) -> String {
        let port = authority.split(separator: ":").last.flatMap { UInt16($0) }
        return "storyfarm-session" + (port.map { "-\($0)" } ?? "")
    }

    /// The session that a request names.
    static func session(in request: Request) -> String? {
        guard let authority = request.head.authority else { return nil }
        let name = name(at: authority)
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == name { return String(parts[1]) }
            }
        }
        return nil
    }

    /// - Parameter session: nil takes the cookie back.
    static func header(_ session: String?, for request: Request) -> String {
        let age = session == nil ? 0 : Int(SessionStore.sessionTime / .seconds(1))
        // A page that came by TLS, from here or from a proxy in front, keeps its cookie off plain connections.
        let isSecure = request.headers[.origin]?.hasPrefix("https://") ?? false
        return "\(name(at: request.head.authority ?? ""))=\(session ?? ""); Path=/v1; Max-Age=\(age); HttpOnly; "
            + "SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}
