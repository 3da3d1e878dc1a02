import Foundation
import Glibc
public import Logging

/// Writes what is logged as one JSON object a line: `time`, `level`, `label`, `message`, and the metadata beside them.
///
/// ```json
/// {"time":"2026-01-31T08:15:00.250Z","level":"error","label":"storyfarm-worker","message":"attempt failed",
///  "attempt":"3.17","segment":"2","story":"5"}
/// ```
///
/// Each is written by one call, so that lines of several threads do not mix.
public struct JSONLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> Date

    /// To standard error.
    public init(label: String) { self.init(label: label, write: Self.writeToStandardError, now: { Date() }) }

    /// - Parameters:
    ///   - write: takes a line with its end.
    ///   - now: the time of a line.
    init(label: String, write: @escaping @Sendable (String) -> Void, now: @escaping @Sendable () -> Date) {
        (self.label, self.write, self.now) = (label, write, now)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        var line = JSONLine()
        line.add("time", .string(time))
        line.add("level", .string(event.level.rawValue))
        line.add("label", .string(label))
        line.add("message", .string(event.message.description))
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            // What every line has is not to be overwritten.
            line.add(JSONLine.own.contains(key) ? "metadata.\(key)" : key, value)
        }
        write(line.text + "\n")
    }

    private static func writeToStandardError(_ line: String) {
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // There is nobody left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// One JSON object on one line.
struct JSONLine {
    static let own: Set = ["time", "level", "label", "message"]

    private var members: [String] = []

    var text: String { "{\(members.joined(separator: ","))}" }

    mutating func add(_ key: String, _ value: Logger.MetadataValue) {
        members.append("\(Self.quoted(key)):\(Self.text(of: value))")
    }

    private static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): quoted(value.description)
        case .array(let values): "[\(values.map(text).joined(separator: ","))]"
        case .dictionary(let values):
            "{\(values.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(text(of: $1))" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            // Also what readers of lines take for an end.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
