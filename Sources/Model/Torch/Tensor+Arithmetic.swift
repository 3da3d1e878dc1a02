internal import CTorch

// Two operands broadcast as in NumPy and promote to a common dtype as in PyTorch; a scalar promotes no float tensor.
extension Tensor {
    public static func + (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.binary(CTORCH_ADD, b, "+") }
    public static func - (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.binary(CTORCH_SUBTRACT, b, "-") }
    public static func * (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.binary(CTORCH_MULTIPLY, b, "*") }
    public static func / (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.binary(CTORCH_DIVIDE, b, "/") }

    public static func + (a: Tensor, b: Double) throws(TorchError) -> Tensor { try a.scalar(CTORCH_ADD, b, "+") }
    public static func - (a: Tensor, b: Double) throws(TorchError) -> Tensor { try a.scalar(CTORCH_SUBTRACT, b, "-") }
    public static func * (a: Tensor, b: Double) throws(TorchError) -> Tensor { try a.scalar(CTORCH_MULTIPLY, b, "*") }
    public static func / (a: Tensor, b: Double) throws(TorchError) -> Tensor { try a.scalar(CTORCH_DIVIDE, b, "/") }

    /// `self + scale · other`, in one pass.
    public func adding(_ other: Tensor, scaledBy scale: Double) throws(TorchError) -> Tensor {
        try produce("adding") { ctorch_add_scaled(handle, other.handle, scale, $0) }
    }

    /// `self + a · b`, in one pass.
    public func adding(productOf a: Tensor, _ b: Tensor) throws(TorchError) -> Tensor {
        try produce("adding(productOf:)") { ctorch_add_product(handle, a.handle, b.handle, $0) }
    }

    public func raised(to exponent: Double) throws(TorchError) -> Tensor {
        try scalar(CTORCH_POWER, exponent, "raised")
    }

    /// The larger of each pair of elements.
    public func maximum(_ other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_MAXIMUM, other, "maximum") }
    /// The smaller of each pair of elements.
    public func minimum(_ other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_MINIMUM, other, "minimum") }

    /// Every element drawn into the bounds that are given.
    public func clamped(from low: Double = .nan, to high: Double = .nan) throws(TorchError) -> Tensor {
        try produce("clamped") { ctorch_clamp(handle, low, high, $0) }
    }

    public func negated() throws(TorchError) -> Tensor { try unary(CTORCH_NEGATE, "negated") }
    public func absolute() throws(TorchError) -> Tensor { try unary(CTORCH_ABSOLUTE, "absolute") }
    public func exp() throws(TorchError) -> Tensor { try unary(CTORCH_EXP, "exp") }
    public func log() throws(TorchError) -> Tensor { try unary(CTORCH_LOG, "log") }
    public func squareRoot() throws(TorchError) -> Tensor { try unary(CTORCH_SQRT, "squareRoot") }
    public func reciprocalSquareRoot() throws(TorchError) -> Tensor { try unary(CTORCH_RSQRT, "reciprocalSquareRoot") }
    public func sin() throws(TorchError) -> Tensor { try unary(CTORCH_SIN, "sin") }
    public func cos() throws(TorchError) -> Tensor { try unary(CTORCH_COS, "cos") }
    /// Halves round to even.
    public func rounded() throws(TorchError) -> Tensor { try unary(CTORCH_ROUND, "rounded") }

    func unary(_ operation: ctorch_unary, _ name: StaticString) throws(TorchError) -> Tensor {
        try produce(name) { ctorch_apply_unary(operation, handle, $0) }
    }

    func binary(_ operation: ctorch_binary, _ other: Tensor, _ name: StaticString) throws(TorchError) -> Tensor {
        try produce(name) { ctorch_apply_binary(operation, handle, other.handle, $0) }
    }

    func scalar(_ operation: ctorch_binary, _ value: Double, _ name: StaticString) throws(TorchError) -> Tensor {
        try produce(name) { ctorch_apply_scalar(operation, handle, value, $0) }
    }
}
