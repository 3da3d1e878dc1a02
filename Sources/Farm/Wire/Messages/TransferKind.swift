import CWire

extension Message {
    /// What a transfer carries; closed, because it decides where the bytes go.
    public enum TransferKind: Int32, CaseIterable, Sendable {
        /// A checkpoint, either way.
        case checkpoint = 1
        /// Finished latents, either way.
        case latents
        /// An encoded segment, up only.
        case video
    }
}

extension Message.TransferKind: WireCode {}

extension Message {
    /// Why a transfer ended early; both sides act alike on all.
    public enum AbortReason: Int32, CaseIterable, Sendable {
        /// Its lease is no longer current.
        case stale = 1
        /// There is no such file.
        case notFound
        /// The bytes do not have the digest.
        case damaged
        /// No room on the receiver.
        case diskFull
        /// No longer wanted.
        case cancelled
    }
}
