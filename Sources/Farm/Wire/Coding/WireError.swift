/// Why bytes are no message, or why a message cannot be sent.
///
/// Whoever sent such bytes loses its connection; nothing else depends on the reason, which is there to be read.
public struct WireError: Error, Equatable, Sendable {
    /// The message that was being read or written, by its name in `Protos/`.
    public let message: String
    /// The field of it, by its name in `Protos/`; `nil` when the message as a whole is wrong.
    public let field: String?
    /// What was found and what was expected.
    public let reason: Reason

    /// For whoever finds a fault in what came behind a message, such as a raw frame of another length.
    public init(message: String, field: String?, reason: Reason) {
        self.message = message
        self.field = field
        self.reason = reason
    }

    /// What can be wrong.
    public enum Reason: Equatable, Sendable {
        /// The peer speaks another protocol version; to be answered with `Refused`.
        case unknownVersion(UInt32)
        /// The envelope carries nothing that this build knows; the number of the field it carries instead, if any.
        case unknownBody(UInt32?)
        /// The bytes do not follow the protobuf encoding.
        case malformed(Malformation)
        /// A field has another wire type than `Protos/` gives it.
        case wrongWireType(Int)
        /// A field that may come once came again, or a second member of a `oneof` came.
        case duplicate
        /// A field that must be present is not.
        case missing
        /// More bytes, entries or fields than ``WireLimits`` allows.
        case exceeds(limit: Int, found: Int)
        /// A value outside its range.
        case outOfRange(found: String, allowed: String)
        /// protobuf-c refused bytes that had passed every check, or ran into ``WireLimits/unpackedBytes``.
        case unpackingFailed
    }

    /// Ways to break the encoding itself.
    public enum Malformation: Equatable, Sendable {
        /// A field reaches beyond the end of its message.
        case truncated
        /// A varint is longer than its type allows.
        case varint
        /// Field number 0, or above 2²⁹-1.
        case fieldNumber
        /// A wire type that proto3 does not have.
        case wireType
        /// A string is not UTF-8.
        case utf8
        /// A string contains NUL, at which C would cut it.
        case nul
    }
}

extension WireError: CustomStringConvertible {
    /// One line for a log, such as `Lease.epoch: missing`.
    public var description: String { "\(message)\(field.map { "." + $0 } ?? ""): \(reason.text)" }
}

extension WireError.Reason {
    fileprivate var text: String {
        switch self {
        case .unknownVersion(let version): "protocol version \(version), expected \(WireLimits.version)"
        case .unknownBody(let number): number.map { "unknown body, field \($0)" } ?? "no body"
        case .malformed(let how): "malformed (\(how))"
        case .wrongWireType(let type): "wrong wire type \(type)"
        case .duplicate: "more than once"
        case .missing: "missing"
        case .exceeds(let limit, let found): "\(found), at most \(limit) allowed"
        case .outOfRange(let found, let allowed): "\(found), expected \(allowed)"
        case .unpackingFailed: "cannot be unpacked"
        }
    }
}
