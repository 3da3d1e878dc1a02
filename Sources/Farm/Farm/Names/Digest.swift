/// A SHA-256: of a model, of latents, of whatever must be the same bytes everywhere.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The length of every digest in bytes.
    public static let byteCount = 32

    /// The bytes as numbers: the first eight are the first number's, the very first its highest.
    public let words: InlineArray<4, UInt64>

    /// From ``words``; far faster than from bytes, for whoever reads millions.
    public init(words: InlineArray<4, UInt64>) { self.words = words }

    /// `nil` unless there are exactly ``byteCount`` bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = InlineArray<4, UInt64>(repeating: 0)
        for (position, byte) in bytes.enumerated() { words[position / 8] = words[position / 8] << 8 | UInt64(byte) }
        self.words = words
    }

    /// The ``byteCount`` bytes in the order in which SHA-256 writes them.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> (56 - 8 * UInt64($0 % 8))) }
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether all bytes are the same.
    public static func == (a: Digest, b: Digest) -> Bool { a.words.indices.allSatisfy { a.words[$0] == b.words[$0] } }

    /// Feeds all bytes.
    public func hash(into hasher: inout Hasher) { for index in words.indices { hasher.combine(words[index]) } }
}
