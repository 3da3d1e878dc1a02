/// A text for people, cut to what the wire takes, so that reporting a failure cannot itself fail.
public struct Detail: Hashable, Sendable {
    /// At most ``WireLimits/detailBytes`` bytes of UTF-8 without NUL.
    public let text: String

    /// Cuts behind the last character that fits; NUL becomes U+FFFD.
    public init(_ text: String) {
        var kept = ""
        var bytes = 0
        for character in text.unicodeScalars {
            let next = character == "\0" ? "\u{FFFD}" : character
            bytes += UTF8.width(next)
            guard bytes <= WireLimits.detailBytes else { break }
            kept.unicodeScalars.append(next)
        }
        self.text = kept
    }
}

extension Detail: ExpressibleByStringLiteral, CustomStringConvertible {
    /// As ``init(_:)``.
    public init(stringLiteral text: String) { self.init(text) }
    /// The text itself.
    public var description: String { text }
}
