/// `tcp://HOST:PORT`, as libzmq writes it.
public struct TCPEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name, an address, an interface, or `[...]`.
    public let host: String
    /// A number, or `*` for any that is free.
    public let port: String

    public init(host: String, port: String) { (self.host, self.port) = (host, port) }

    /// Nil for what is no TCP endpoint.
    public init?(_ text: String) {
        guard text.hasPrefix("tcp://") else { return nil }
        let rest = text.dropFirst("tcp://".count)
        guard let colon = rest.lastIndex(of: ":"), colon > rest.startIndex else { return nil }
        self.init(host: String(rest[..<colon]), port: String(rest[rest.index(after: colon)...]))
    }

    /// Whether it stands for all of a machine's addresses: good for listening, unknown to whoever connects.
    public var isEverywhere: Bool { ["*", "0.0.0.0", "[::]"].contains(host) }

    /// Where to connect to, for whoever was told of this endpoint by a machine that it reached by another one.
    public func reached(as other: TCPEndpoint?) -> TCPEndpoint {
        guard isEverywhere, let other else { return self }
        return TCPEndpoint(host: other.host, port: port)
    }

    public var description: String { "tcp://\(host):\(port)" }
}
