/// Where something listens, as "0.0.0.0:8443" or "[::]:8443".
public struct ListenAddress: Hashable, Sendable {
    /// A name or an address, without brackets.
    public let host: String
    public let port: UInt16

    /// - Returns: nil where the text is no address with a port.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[colon...].dropFirst()) else { return nil }
        let name = text[..<colon]
        host = String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name)
        self.port = port
        if host.isEmpty { return nil }
    }
}
