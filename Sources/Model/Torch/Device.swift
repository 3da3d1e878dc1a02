internal import CTorch

/// Where a tensor lives.
public enum Device: Hashable, Sendable, CustomStringConvertible {
    case cpu
    /// The CUDA device of this index among those that the process sees.
    case cuda(Int)
    /// Shapes and dtypes only, no memory: a whole model can be built and checked on it.
    case meta

    /// Reads "cpu", "cuda", "cuda:1" or "meta"; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        case "meta": self = .meta
        default:
            guard text.hasPrefix("cuda:"), let index = Int8(text.dropFirst(5)), index >= 0 else { return nil }
            self = .cuda(Int(index))
        }
    }

    public var description: String {
        switch self {
        case .cpu: return "cpu"
        case .cuda(let index): return "cuda:\(index)"
        case .meta: return "meta"
        }
    }

    /// Waits until all work that was queued on the device is done; at once for `cpu`.
    public func synchronize() throws(TorchError) {
        try perform("synchronize") { ctorch_synchronize(raw) }
    }

    /// The most bytes that tensors held on this accelerator at any time so far; nil for `cpu` and `meta`, which count
    /// none.
    public func peakMemory() throws(TorchError) -> Int? {
        guard case .cuda = self else { return nil }
        var count: Int64 = 0
        try perform("peakMemory") { ctorch_peak_memory(raw, &count) }
        return Int(count)
    }

    /// An accelerator's memory, in bytes.
    public struct Memory: Hashable, Sendable {
        public let totalBytes: Int
        /// Of nobody, in any process.
        public let freeBytes: Int
        /// Held by this process: what its tensors take, and what libtorch keeps for later ones.
        public let usedBytes: Int
    }

    /// The memory of this accelerator; nil for `cpu` and `meta`, which have none of their own.
    public func memory() throws(TorchError) -> Memory? {
        guard case .cuda = self else { return nil }
        var (total, free, held): (Int64, Int64, Int64) = (0, 0, 0)
        try perform("memory") { ctorch_memory(raw, &total, &free, &held) }
        return Memory(totalBytes: Int(total), freeBytes: Int(free), usedBytes: Int(held))
    }

    var raw: ctorch_device {
        switch self {
        case .cpu: return ctorch_device(kind: CTORCH_CPU, index: 0)
        case .cuda(let index): return ctorch_device(kind: CTORCH_CUDA, index: Int32(index))
        case .meta: return ctorch_device(kind: CTORCH_META, index: 0)
        }
    }

    init(_ raw: ctorch_device) {
        switch raw.kind {
        case CTORCH_CUDA: self = .cuda(Int(raw.index))
        case CTORCH_META: self = .meta
        default: self = .cpu
        }
    }
}
