public import Safetensors

/// Why a tensor could not be brought from or to a file.
public enum LoadError: Error, Equatable, Sendable, CustomStringConvertible {
    case file(SafetensorsError)
    case torch(TorchError)
    /// The task that loads was cancelled.
    case cancelled

    public var description: String {
        switch self {
        case .file(let error): return error.description
        case .torch(let error): return error.description
        case .cancelled: return "loading was cancelled"
        }
    }
}

extension Tensor {
    /// The tensor under `key`, over the file's mapped memory: nothing is read until it is used, nothing is copied.
    ///
    /// A tensor that the file's writer did not align is copied.
    ///
    /// - Parameters:
    ///   - shape: the extents that it must have; nil for any.
    ///   - dtypes: the types that it may have; nil for any.
    /// - Throws: `LoadError` naming the file, the key, what was expected and what was found.
    public static func load(
        _ key: String, from file: SafetensorsFile, shape: [Int]? = nil, dtypes: [DType]? = nil
    ) throws(LoadError) -> Tensor {
        let entry: SafetensorsHeader.Entry
        do throws(SafetensorsError) {
            entry = try file.entry(key, shape: shape, elementTypes: dtypes?.map(\.elementType))
        } catch {
            throw .file(error)
        }
        do throws(TorchError) {
            return try mapped(entry, in: file)
        } catch {
            throw .torch(error)
        }
    }

    /// As above, from the file of the archive that holds the key.
    public static func load(
        _ key: String, from archive: SafetensorsArchive, shape: [Int]? = nil, dtypes: [DType]? = nil
    ) throws(LoadError) -> Tensor {
        let file: SafetensorsFile
        do throws(SafetensorsError) { file = try archive.file(holding: key) } catch { throw .file(error) }
        return try load(key, from: file, shape: shape, dtypes: dtypes)
    }

    /// Writes the tensors, from wherever they live, to one file: all or nothing.
    ///
    /// - Parameter isDurable: false for what nobody wants after a power loss.
    public static func save(
        _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String, isDurable: Bool = true
    ) throws(LoadError) {
        var onHost: [String: Tensor] = [:]
        do throws(TorchError) {
            for (key, tensor) in tensors { onHost[key] = try tensor.moved(to: .cpu).contiguous() }
        } catch {
            throw .torch(error)
        }
        try write(onHost, metadata: metadata, to: path, isDurable)
    }

    private static func write(
        _ tensors: [String: Tensor], metadata: [String: String], to path: String, _ isDurable: Bool
    ) throws(LoadError) {
        var items: [SafetensorsWriter.Item] = []
        for (key, tensor) in tensors {
            do throws(TorchError) {
                // The pointer outlives the closure: `tensors` holds every tensor until the file is written.
                let bytes = try tensor.withUnsafeBytes { $0 }
                items.append(.init(key: key, elementType: tensor.dtype.elementType, shape: tensor.shape, bytes: bytes))
            } catch {
                throw .torch(error)
            }
        }
        do throws(SafetensorsError) {
            try SafetensorsWriter.write(items, metadata: metadata, to: path, isDurable: isDurable)
        } catch {
            throw .file(error)
        }
        withExtendedLifetime(tensors) {}
    }

    private static func mapped(
        _ entry: SafetensorsHeader.Entry, in file: SafetensorsFile
    ) throws(TorchError) -> Tensor {
        let bytes = file.bytes(of: entry)
        let dtype = DType(entry.elementType)
        let isAligned = UInt(bitPattern: bytes.baseAddress) % UInt(dtype.byteCount) == 0
        if isAligned {
            return try borrowing(bytes, ownedBy: file.mapping, shape: entry.shape, dtype: dtype)
        }
        let tensor = try empty(entry.shape, dtype: dtype)
        try tensor.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
        return tensor
    }
}
