/// How a farm is served.
public struct ControlConfiguration: Sendable {
    /// On 127.0.0.1; 0 takes a free one, which the connection file then names.
    public var port: Int
    /// Where address and token are written for this machine's programs: mode 0600, usually `farm.json` in the
    /// coordinator's data folder, which has to be there.
    public var connectionFile: String
    /// How often a stream of events says that it is still there.
    public var keepAlive: Duration
    /// Where others ask than the programs of this machine; nil for nowhere.
    public var remote: RemoteListener?
    /// The list of tokens (``TokenList``), looked at with every request; nil: only the connection file's is taken.
    public var tokenFile: String?
    /// Where it is written down who did what; nil for nowhere.
    public var auditFile: String?
    /// Of one subject; twice as many at once.
    public var requestsPerSecond = 200
    /// Of one subject at once; half of the connections at most, so that others get through.
    public var eventStreams = 100
    /// At each address; more wait until one is closed.
    public var connections = 2_048
    /// From one of the network's addresses at once, where no proxy stands for many; half of all at most. Others are
    /// turned away.
    public var connectionsPerPeer = 512
    /// Until a request is there, head and body.
    public var requestTime = Duration.seconds(30)
    /// For how long an answer may stand still while somebody takes nothing of it. Long, since the system keeps some MiB
    /// of it for whoever reads slowly, and is given more only once a third of them are read.
    public var standstillTime = Duration.seconds(120)

    public init(connectionFile: String, port: Int = 0, keepAlive: Duration = .seconds(15)) {
        precondition(0...65_535 ~= port, "no port: \(port)")
        precondition(keepAlive > .zero)
        (self.connectionFile, self.port, self.keepAlive) = (connectionFile, port, keepAlive)
    }
}

/// An address beside the loopback one, for whoever brings a token of the list.
public struct RemoteListener: Equatable, Sendable {
    /// What hides what is said from whoever listens on the way.
    public enum Security: Equatable, Sendable {
        /// PEM files: the certificate with its chain, and its key.
        case tls(certificate: String, key: String)
        /// A proxy that people reach by TLS only stands in front, and nobody gets past it.
        case proxy
    }

    public var host: String
    /// 0 takes a free one.
    public var port: Int
    /// Nil is refused unless the address is this machine's loopback.
    public var security: Security?
    /// By which names people ask; the address itself unless told otherwise.
    public var names: [String]

    public init(host: String, port: Int, security: Security?, names: [String] = []) {
        (self.host, self.port, self.security) = (host, port, security)
        self.names = names.isEmpty ? [host.contains(":") ? "[\(host)]" : host] : names
    }

    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.isIPv4 }
}

extension String {
    fileprivate var isIPv4: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8(digits: $0) != nil }
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
    /// Bytes of a text that titles are searched for.
    public static let textBytes = 256
    /// Bytes of one header, and of all of them.
    public static let headerBytes = 16 << 10
    public static let headersBytes = 32 << 10
    public static let headers = 100
}

/// Why a farm can't be served.
public enum ControlAPIError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(place: String, reason: String)
    /// A file can't be read or written: the connection file, the list of tokens, certificate or key.
    case file(path: String, reason: String)
    case token(name: String, reason: String)
    /// The address is open to others, and something is missing that protects it.
    case unprotected(host: String, reason: String)
    /// It was shut down before it listened.
    case ended

    public var description: String {
        switch self {
        case .cannotListen(let place, let reason): "can't listen on \(place): \(reason)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .token(let name, let reason): "token '\(name)': \(reason)"
        case .unprotected(let host, let reason): "refusing to listen on \(host): \(reason)"
        case .ended: "shut down before it listened"
        }
    }
}
