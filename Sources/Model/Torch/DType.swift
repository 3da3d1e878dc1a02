internal import CTorch
public import Safetensors

/// The type of a tensor's elements.
public enum DType: Hashable, Sendable, CaseIterable {
    case float32, float16, bfloat16, float64, int64, int32, int16, int8, uint8, bool

    /// The type that safetensors files name by `elementType`.
    public init(_ elementType: ElementType) {
        switch elementType {
        case .float64: self = .float64
        case .float32: self = .float32
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .int64: self = .int64
        case .int32: self = .int32
        case .int16: self = .int16
        case .int8: self = .int8
        case .uint8: self = .uint8
        case .bool: self = .bool
        }
    }

    /// How safetensors files name this type.
    public var elementType: ElementType {
        switch self {
        case .float64: return .float64
        case .float32: return .float32
        case .float16: return .float16
        case .bfloat16: return .bfloat16
        case .int64: return .int64
        case .int32: return .int32
        case .int16: return .int16
        case .int8: return .int8
        case .uint8: return .uint8
        case .bool: return .bool
        }
    }

    /// Bytes per element.
    public var byteCount: Int { elementType.byteCount }

    var raw: ctorch_dtype {
        switch self {
        case .float32: return CTORCH_FLOAT32
        case .float16: return CTORCH_FLOAT16
        case .bfloat16: return CTORCH_BFLOAT16
        case .float64: return CTORCH_FLOAT64
        case .int64: return CTORCH_INT64
        case .int32: return CTORCH_INT32
        case .int16: return CTORCH_INT16
        case .int8: return CTORCH_INT8
        case .uint8: return CTORCH_UINT8
        case .bool: return CTORCH_BOOL
        }
    }

    init(_ raw: ctorch_dtype) {
        guard let match = Self.allCases.first(where: { $0.raw == raw }) else {
            preconditionFailure("the C interface makes no tensor of dtype \(raw)")
        }
        self = match
    }
}
