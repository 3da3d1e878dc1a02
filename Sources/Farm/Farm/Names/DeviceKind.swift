/// Everything about a device that the bytes of a result depend on: the same story on the same kind gives the same
/// bytes.
public struct DeviceKind: Hashable, Sendable {
    /// The GPU's model, or "cpu".
    public let accelerator: String
    /// The host's instruction set level, such as "AVX512".
    public let cpuLevel: String
    /// The libtorch build.
    public let libtorch: String
    /// Of the weights and activations, such as "bf16".
    public let precision: String
    /// Of libtorch within one operator.
    public let threads: Int
    /// The attention backend.
    public let attention: String

    /// Every field counts: two kinds that differ in one may give different bytes.
    public init(
        accelerator: String, cpuLevel: String, libtorch: String, precision: String, threads: Int, attention: String
    ) {
        self.accelerator = accelerator
        self.cpuLevel = cpuLevel
        self.libtorch = libtorch
        self.precision = precision
        self.threads = threads
        self.attention = attention
    }
}
