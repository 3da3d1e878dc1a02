/// The identity that a router gave to one connection. It dies with the connection: a peer that reconnects has another.
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// Hexadecimal, for logs.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// A multipart message: it is handed over whole or not at all.
public struct Multipart: Sendable {
    /// On a router: who sent it, or who gets it. Nil on a dealer.
    public var peer: PeerID?
    /// Its parts, at least one.
    public var frames: [Frame]
    /// The name that the allow-list gives to the sender's CURVE key; nil without CURVE, and for messages not received.
    public let userID: String?

    /// Makes a message to send.
    ///
    /// - Parameter peer: required on a router, ignored on a dealer.
    public init(_ frames: [Frame], to peer: PeerID? = nil) {
        precondition(!frames.isEmpty, "a message has at least one frame")
        self.peer = peer
        self.frames = frames
        userID = nil
    }

    init(received frames: [Frame], from peer: PeerID?, userID: String?) {
        self.peer = peer
        self.frames = frames
        self.userID = userID
    }

    /// The bytes of all frames, without the address.
    public var byteCount: Int { frames.reduce(0) { $0 + $1.count } }
}
