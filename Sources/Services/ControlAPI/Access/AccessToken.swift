import Crypto

/// A secret that a request brings: 256 random bits in hexadecimal.
///
/// Kept as its SHA-256 where it outlives a run. A slow hash, as passwords need, would add nothing: nobody guesses 256
/// random bits, however fast the guesses are checked.
struct AccessToken: Sendable {
    let text: String

    /// How tokens of a list begin, so that one that got into a file is recognised.
    static let prefix = "storyfarm_"

    init(prefix: String = "") {
        // The system's generator, which is a cryptographic one.
        var random = SystemRandomNumberGenerator()
        text =
            prefix
            + (0..<4).map { _ in
                let digits = String(random.next() as UInt64, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
    }

    func matches(_ other: some StringProtocol) -> Bool { Self.areEqual(Array(text.utf8), Array(other.utf8)) }

    /// What is kept of a token.
    static func digest(of text: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Compares in a time that says nothing of where the two differ; their length is no secret.
    static func areEqual(_ ours: [UInt8], _ theirs: [UInt8]) -> Bool {
        guard ours.count == theirs.count else { return false }
        return zip(ours, theirs).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
