/// The secret that a request has to bring: 256 random bits in hexadecimal, drawn anew at every start.
struct AccessToken: Sendable {
    let text: String

    init() {
        // The system's generator, which is a cryptographic one.
        var random = SystemRandomNumberGenerator()
        text = (0..<4).map { _ in
            let digits = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Compares in a time that says nothing of where two tokens differ; their length is no secret.
    func matches(_ other: some StringProtocol) -> Bool {
        let (ours, theirs) = (Array(text.utf8), Array(other.utf8))
        guard ours.count == theirs.count else { return false }
        return zip(ours, theirs).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
