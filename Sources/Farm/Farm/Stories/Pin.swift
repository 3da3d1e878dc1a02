/// What a story was begun with and keeps, so that all its segments are of one make.
public struct Pin: Hashable, Sendable {
    /// Of the model's files.
    public let model: Digest
    /// The kind of device. Another one is taken only when none of this kind is connected.
    public var kind: DeviceKind
    /// The video encoder's build.
    public let encoder: String
    /// Whether its segments are only pretended.
    public let isSimulated: Bool

    public init(model: Digest, kind: DeviceKind, encoder: String, isSimulated: Bool) {
        self.model = model
        self.kind = kind
        self.encoder = encoder
        self.isSimulated = isSimulated
    }
}
