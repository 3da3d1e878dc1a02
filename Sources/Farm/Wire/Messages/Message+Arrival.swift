extension Message {
    /// Decodes what arrived on a connection and checks that its sender may say it there.
    ///
    /// - Parameters:
    ///   - lengths: of the raw frames behind the header.
    /// - Throws: ``WireError`` for anything that costs the sender its connection.
    public init(
        arriving header: RawSpan, rawFrames lengths: [Int], from sender: Route.Parties, on channel: Route.Channel
    ) throws(WireError) {
        try self.init(decoding: header)
        let name = "Envelope"
        guard route.allows(sender, on: channel) else {
            throw WireError(
                message: name, field: "body",
                reason: .outOfRange(found: "a message of another sender or connection", allowed: "this one's"))
        }
        guard rawFrames == lengths else {
            throw WireError(
                message: name, field: nil,
                reason: .outOfRange(found: "raw frames of \(lengths) bytes", allowed: "\(rawFrames)"))
        }
    }
}
