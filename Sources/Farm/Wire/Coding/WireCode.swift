/// An enumeration that travels as a number; 0 means "absent" and belongs to none.
protocol WireCode: Hashable, Sendable {
    init?(wireValue: Int32)
    var wireValue: Int32 { get }
}

extension WireCode where Self: RawRepresentable<Int32> {
    init?(wireValue: Int32) { self.init(rawValue: wireValue) }
    var wireValue: Int32 { rawValue }
}

/// A code that only explains, so that one which a newer peer added is kept and shown instead of refused.
///
/// Enumerations that decide what the farm does are used bare: a value they do not list is refused, and adding one
/// raises the protocol version.
public enum Open<Known: RawRepresentable<Int32> & Hashable & Sendable>: Hashable, Sendable {
    /// A code that this build lists.
    case known(Known)
    /// Any other code but 0.
    case unknown(Int32)
}

extension Open: WireCode {
    init?(wireValue: Int32) { self = Known(rawValue: wireValue).map { .known($0) } ?? .unknown(wireValue) }

    var wireValue: Int32 {
        switch self {
        case .known(let code): code.rawValue
        case .unknown(let value): value
        }
    }
}

extension Open: CustomStringConvertible {
    /// The known code's own name, or `unknown(7)`.
    public var description: String {
        switch self {
        case .known(let code): "\(code)"
        case .unknown(let value): "unknown(\(value))"
        }
    }
}
