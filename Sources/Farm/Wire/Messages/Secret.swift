/// What a process draws at its start and shows only in its first message; its id is the hash of it.
///
/// Prints as nothing, so that it cannot end up in a log.
public struct Secret: Hashable, Sendable {
    /// The length of every secret in bytes.
    public static let byteCount = 32

    /// The bytes themselves, for hashing.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly ``byteCount`` bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Draws a new one from the system's generator.
    public static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(drawnBytes: (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private init(drawnBytes: [UInt8]) { bytes = drawnBytes }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the bytes.
    public var description: String { "Secret" }
    /// Never the bytes.
    public var debugDescription: String { description }
    /// Never the bytes.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
