/// One safetensors file, mapped into memory and checked; tensors are read from it without copying.
public final class SafetensorsFile: Sendable {
    public let mapping: MappedFile
    public let header: SafetensorsHeader

    public var path: String { mapping.path }

    /// - Throws: `SafetensorsError` if it can't be read or is not a consistent safetensors file.
    public init(path: String) throws(SafetensorsError) {
        mapping = try MappedFile(path: path)
        header = try SafetensorsHeader(parsing: mapping.bytes, fileSize: mapping.bytes.count, file: path)
    }

    /// The entry under `key`.
    ///
    /// - Parameters:
    ///   - shape: the extents that it must have; nil for any.
    ///   - elementTypes: the types that it may have; nil for any.
    /// - Throws: `SafetensorsError` naming the file, the key, what was expected and what was found.
    public func entry(
        _ key: String, shape: [Int]? = nil, elementTypes: [ElementType]? = nil
    ) throws(SafetensorsError) -> SafetensorsHeader.Entry {
        guard let entry = header.entries[key] else {
            throw SafetensorsError(file: path, key: key, reason: .missingKey)
        }
        let fits = (shape ?? entry.shape) == entry.shape && (elementTypes?.contains(entry.elementType) ?? true)
        guard fits else {
            let types = elementTypes?.map(\.rawValue).joined(separator: " or ") ?? entry.elementType.rawValue
            let expected = "\(types) \(shape ?? entry.shape)"
            throw SafetensorsError(
                file: path, key: key, reason: .mismatch(expected: expected, found: entry.signature))
        }
        return entry
    }

    /// The bytes of an entry of this file, little-endian, row-major; valid as long as `mapping`.
    public func bytes(of entry: SafetensorsHeader.Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: mapping.bytes[entry.byteRange])
    }
}
