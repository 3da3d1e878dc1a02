public import Safetensors
import Synchronization

/// Where a component's weights come from; remembers what was taken, so that nothing in a file goes unused.
public final class Weights: Sendable {
    private enum Origin: Sendable {
        case archive(SafetensorsArchive, @Sendable (String) -> StoredWeight)
        /// Every weight exists, with the shape that is asked for and no content.
        case empty(DType, Device)
        /// As above, filled with these numbers over and over.
        case noise(Tensor)
    }

    private struct Ledger {
        /// Keys of the files.
        var taken: Set<String> = []
        /// Names of the weights.
        var counted: Set<String> = []
        var parameterCount = 0
        var byteCount = 0
    }

    private let origin: Origin
    private let dtype: DType?
    private let device: Device
    private let ledger = Mutex(Ledger())

    /// Weights of a model's files, memory-mapped until they are used.
    ///
    /// - Parameters:
    ///   - dtype: what they are converted to; nil leaves each as it is stored, but for fp16, whose range is too small
    ///     for these networks' activations: it becomes fp32.
    ///   - device: where they are moved to.
    ///   - layout: where the files keep the weight of a name; nil where they keep it under that name.
    public init(
        _ archive: SafetensorsArchive, dtype: DType? = nil, device: Device = .cpu,
        layout: (@Sendable (String) -> StoredWeight)? = nil
    ) {
        origin = .archive(archive, layout ?? { StoredWeight(key: $0) })
        self.dtype = dtype
        self.device = device
    }

    /// Small random weights (normal, deviation 0.02): any name and shape can be had. What is measured with them takes
    /// as long as with trained ones.
    public init(randomOf dtype: DType, on device: Device, seed: UInt64 = 1) throws(TorchError) {
        let noise = try Generator(seed: seed).normal([1 << 20]) * 0.02
        origin = .noise(try noise.converted(to: dtype).moved(to: device))
        self.dtype = dtype
        self.device = device
    }

    /// Weights without content, on `meta`: any name and shape can be had.
    public init(emptyOf dtype: DType, on device: Device) {
        origin = .empty(dtype, device)
        self.dtype = dtype
        self.device = device
    }

    /// The weights under no prefix.
    public var root: WeightScope { WeightScope(weights: self, prefix: "") }

    /// Number of scalars taken so far.
    public var parameterCount: Int { ledger.withLock { $0.parameterCount } }
    /// Their memory in bytes, in the dtype that they have now.
    public var byteCount: Int { ledger.withLock { $0.byteCount } }

    /// - Parameter prefixes: of keys that may stay unused.
    /// - Throws: `LoadError` naming the first key that nothing asked for: the files are of another model.
    public func requireAllTaken(ignoring prefixes: [String] = []) throws(LoadError) {
        guard case .archive(let archive, _) = origin else { return }
        let taken = ledger.withLock { $0.taken }
        let unused = archive.keys.first { key in
            !taken.contains(key) && !prefixes.contains { key.hasPrefix($0) }
        }
        guard let unused else { return }
        var path = archive.files[0].path
        do throws(SafetensorsError) { path = try archive.file(holding: unused).path } catch { throw .file(error) }
        throw .file(
            SafetensorsError(
                file: path, key: unused, reason: .inconsistent("this model has no such weight: one key too many")))
    }

    fileprivate func take(_ name: String, shape: [Int], dtype: DType?) throws(LoadError) -> Tensor {
        // The largest models take minutes to load.
        guard !Task.isCancelled else { throw .cancelled }
        let tensor: Tensor
        var key = name
        switch origin {
        case .archive(let archive, let layout):
            let place = layout(name)
            key = place.key
            tensor = try load(place, from: archive, shape: shape, dtype: dtype ?? self.dtype)
        case .empty(let emptyDType, let device):
            tensor = try torch { () throws(TorchError) in
                try Tensor.empty(shape, dtype: dtype ?? emptyDType, device: device)
            }
        case .noise(let noise):
            tensor = try torch { () throws(TorchError) in
                try noise.repeated(in: shape).converted(to: dtype ?? noise.dtype)
            }
        }
        ledger.withLock { ledger in
            ledger.taken.insert(key)
            guard ledger.counted.insert(name).inserted else { return }
            ledger.parameterCount += tensor.count
            ledger.byteCount += tensor.count * tensor.dtype.byteCount
        }
        return tensor
    }

    private func load(
        _ place: StoredWeight, from archive: SafetensorsArchive, shape: [Int], dtype: DType?
    ) throws(LoadError) -> Tensor {
        let stored = try Tensor.load(
            place.key, from: archive, shape: place.storedShape(of: shape), dtypes: [.float32, .bfloat16, .float16])
        return try torch { () throws(TorchError) in
            let kept = stored.dtype == .float16 ? .float32 : stored.dtype
            return try place.weight(in: stored).converted(to: dtype ?? kept).moved(to: device)
        }
    }

    private func torch(_ body: () throws(TorchError) -> Tensor) throws(LoadError) -> Tensor {
        do throws(TorchError) { return try body() } catch { throw .torch(error) }
    }
}

extension Tensor {
    /// A tensor of `shape` with these elements over and over.
    fileprivate func repeated(in shape: [Int]) throws(TorchError) -> Tensor {
        let result = try Tensor.empty([shape.reduce(1, *)], dtype: dtype, device: device)
        for start in stride(from: 0, to: result.count, by: count) {
            let end = min(start + count, result.count)
            try result.narrowed(0, start..<end).copy(from: narrowed(0, 0..<(end - start)))
        }
        return try result.reshaped(shape)
    }
}

/// A place in a component's weights: `weights.root / "blocks" / 3 / "attn"`.
public struct WeightScope: Sendable {
    fileprivate let weights: Weights
    /// "blocks.3.attn.", with its last dot.
    public let prefix: String

    public static func / (scope: WeightScope, name: String) -> WeightScope {
        WeightScope(weights: scope.weights, prefix: "\(scope.prefix)\(name).")
    }

    public static func / (scope: WeightScope, index: Int) -> WeightScope { scope / "\(index)" }

    /// The weight `name` here.
    ///
    /// - Parameter dtype: what it is converted to whatever the other weights are; nil for as the others.
    /// - Throws: `LoadError` naming file and key, with the shape and dtype that were expected and found.
    public func tensor(_ name: String, _ shape: [Int], dtype: DType? = nil) throws(LoadError) -> Tensor {
        try weights.take(prefix + name, shape: shape, dtype: dtype)
    }
}
