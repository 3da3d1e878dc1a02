import CZeroMQ
import Glibc

/// Who someone is: may be shown to anybody.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    let bytes: [UInt8]

    /// Parses 40 characters of Z85 (ZeroMQ RFC 32); nil for anything else.
    public init?(z85 text: some StringProtocol) {
        guard let bytes = Z85.decodeKey(text) else { return nil }
        self.bytes = bytes
    }

    /// Takes the 32 bytes themselves; nil for any other number.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Z85.keyByteCount else { return nil }
        self.bytes = bytes
    }

    /// 40 characters, as key files and allow-lists write it.
    public var z85: String { Z85.encode(bytes) }

    /// The Z85 text.
    public var description: String { z85 }
}

/// What proves it: never printed, not even by `dump`; only `revealedZ85` gives it away.
public struct CurveSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// 32 bytes.
    let bytes: [UInt8]

    /// Parses 40 characters of Z85; nil for anything else.
    public init?(z85 text: some StringProtocol) {
        guard let bytes = Z85.decodeKey(text) else { return nil }
        self.bytes = bytes
    }

    /// The key in clear, for writing it where only its owner reads.
    public var revealedZ85: String { Z85.encode(bytes) }

    /// A placeholder.
    public var description: String { "<secret key>" }
    /// A placeholder.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A CURVE identity.
public struct CurveKeyPair: Sendable {
    /// The half that peers and allow-lists know.
    public let publicKey: CurvePublicKey
    /// The half that stays in the process and its key file.
    public let secretKey: CurveSecretKey

    /// Makes a new pair from the system's randomness.
    ///
    /// Throws when libzmq was built without CURVE, that is without libsodium.
    public static func generate() throws(SocketError) -> CurveKeyPair {
        guard isAvailable else { throw SocketError(.generateKeys, code: ENOTSUP) }
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last(during: .generateKeys) }
        guard let publicKey = CurvePublicKey(z85: text(publicText)),
            let secretKey = CurveSecretKey(z85: text(secretText))
        else { throw SocketError(.generateKeys, code: EINVAL) }
        return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }

    /// Computes the public half.
    public init(secretKey: CurveSecretKey) throws(SocketError) {
        guard Self.isAvailable else { throw SocketError(.deriveKey, code: ENOTSUP) }
        var publicText = [CChar](repeating: 0, count: 41)
        guard zmq_curve_public(&publicText, secretKey.revealedZ85) == 0 else { throw .last(during: .deriveKey) }
        guard let publicKey = CurvePublicKey(z85: Self.text(publicText)) else {
            throw SocketError(.deriveKey, code: EINVAL)
        }
        self.init(publicKey: publicKey, secretKey: secretKey)
    }

    private init(publicKey: CurvePublicKey, secretKey: CurveSecretKey) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// Whether this libzmq can encrypt at all.
    public static var isAvailable: Bool { zmq_has("curve") == 1 }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The text form of keys: five printable characters for four bytes (ZeroMQ RFC 32).
enum Z85 {
    static let keyByteCount = 32
    private static let keyCharacterCount = 40

    static func decodeKey(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count == keyCharacterCount, !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: keyByteCount)
        guard zmq_z85_decode(&bytes, String(text)) != nil else { return nil }
        return bytes
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: bytes.count / 4 * 5 + 1)
        precondition(zmq_z85_encode(&text, bytes, bytes.count) != nil, "Z85 needs a multiple of four bytes")
        return String(decoding: text.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
