import Control
import Foundation

/// A line of the audit log.
struct AuditEntry: Codable, Hashable, Sendable {
    var time: String
    /// Nil where no token said who it is.
    var subject: String?
    var role: String?
    /// Whence; a proxy's where one stands in front.
    var address: String?
    /// The public key of a program that does not come by HTTP.
    var key: String?
    var method: String
    /// As it was asked, cut where it is long.
    var path: String
    var status: Int
    /// What was wanted, where address and method do not say it.
    var wish: String?
    /// Of a refusal: what was wrong.
    var code: String?
    var field: String?
    var detail: String?
    /// How many refusals before this line were not written: to strangers, and to whoever asks too often.
    var suppressed: Int?

    private static let textBytes = 512

    init(
        time: Date, caller: Caller?, address: String?, method: String, path: String, status: Int,
        wish: String? = nil, problem: Problem?
    ) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        (subject, role) = (caller?.subject, caller?.role.rawValue)
        (self.address, self.method, self.path) = (address, method, Self.cut(path))
        (self.status, self.wish) = (status, wish.map(Self.cut))
        (code, field) = (problem?.code, problem?.field.map(Self.cut))
        detail = problem.map { Self.cut($0.detail) }
    }

    /// An agent that was refused its node.
    init(time: Date, refusedNode node: String, key: String?, reason: String) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        (self.key, method, path, status) = (key, "JOIN", Self.cut("nodes/\(node)"), 403)
        (code, field, detail) = ("forbidden", "node", Self.cut(reason))
    }

    /// A token given or taken back by command, by who has an account on the coordinator's machine.
    init(time: Date, account: String, token name: String, wish: String) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        (subject, method, path, status) = (Self.cut(account), "TOKEN", Self.cut("tokens/\(name)"), 200)
        self.wish = Self.cut(wish)
    }

    /// JSON escapes whatever could end a line.
    var line: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8]((try? encoder.encode(self)) ?? Data()) + [0x0A]
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textBytes ? text : String(decoding: text.utf8.prefix(textBytes), as: UTF8.self) + "…"
    }

    /// Whatever was to change something, and whatever was refused that no honest program asks for. What was only looked
    /// at, or not there, would fill the log.
    static func isWanted(method: String, path: String, status: Int) -> Bool {
        if method != "GET" && method != "HEAD" { return true }
        switch status {
        case 400, 401, 403, 408, 413, 415, 429, 431: return true
        case 404, 405: return !isPlain(path)
        default: return false
        }
    }

    /// Of letters, digits and what our addresses are made of, and going nowhere but down.
    private static func isPlain(_ path: String) -> Bool {
        !path.contains("..")
            && path.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
