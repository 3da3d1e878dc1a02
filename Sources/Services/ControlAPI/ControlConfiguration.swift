/// How a farm is served.
public struct ControlConfiguration: Sendable {
    /// On 127.0.0.1; 0 takes a free one, which the connection file then names.
    public var port: Int
    /// Where address and token are written for this machine's programs: mode 0600, usually `farm.json` in the
    /// coordinator's data folder, which has to be there.
    public var connectionFile: String
    /// How often a stream of events says that it is still there.
    public var keepAlive: Duration

    public init(connectionFile: String, port: Int = 0, keepAlive: Duration = .seconds(15)) {
        precondition(0...65_535 ~= port, "no port: \(port)")
        precondition(keepAlive > .zero)
        (self.connectionFile, self.port, self.keepAlive) = (connectionFile, port, keepAlive)
    }
}

/// The bounds of what is asked over HTTP.
public enum ControlLimits {
    /// Bytes of a submission: the longest script (1 MiB), with room for what JSON escapes.
    public static let submissionBytes = 4 << 20
    /// Bytes of any other request's body: two of the longest prompts, escaped.
    public static let bodyBytes = 128 << 10
    /// Stories on one page.
    public static let pageStories = 500
    /// Stories on one page where nothing is said.
    public static let usualPageStories = 50
    /// `key=value` pairs of a submission.
    public static let overrides = 1_000
    /// Bytes of a submission's file name.
    public static let nameBytes = 1_024
    /// Bytes of a submission's token.
    public static let tokenBytes = 128
    /// Bytes of a submitter's name.
    public static let userBytes = 64
}

/// Why a farm can't be served.
public enum ControlAPIError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(port: Int, reason: String)
    /// The connection file can't be written.
    case file(path: String, reason: String)
    /// It was shut down before it listened.
    case ended

    public var description: String {
        switch self {
        case .cannotListen(let port, let reason): "can't listen on 127.0.0.1:\(port): \(reason)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .ended: "shut down before it listened"
        }
    }
}
