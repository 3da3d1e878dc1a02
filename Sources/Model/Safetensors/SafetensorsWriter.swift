import DurableFile
import FoundationEssentials
import Glibc

/// Writes safetensors files: all or nothing, and the same bytes for the same content.
public enum SafetensorsWriter {
    /// One tensor to be written.
    public struct Item {
        let key: String
        let elementType: ElementType
        let shape: [Int]
        let bytes: UnsafeRawBufferPointer

        /// - Parameter bytes: the elements, little-endian, row-major; must live until the file is written.
        /// - Precondition: `bytes` holds exactly `shape`.
        public init(key: String, elementType: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer) {
            precondition(shape.byteCount(of: elementType) == bytes.count, "\(key): \(bytes.count) bytes for \(shape)")
            precondition(key != HeaderTable.metadataKey, "\(key) is reserved")
            self.key = key
            self.elementType = elementType
            self.shape = shape
            self.bytes = bytes
        }
    }

    /// Writes beside `path`, syncs, and renames over it; a failure leaves what was there before.
    ///
    /// - Parameter isDurable: false for what nobody wants after a power loss: it is not synced.
    /// - Precondition: the keys differ.
    /// - Throws: `SafetensorsError` with the system's reason.
    public static func write(
        _ items: [Item], metadata: [String: String] = [:], to path: String, isDurable: Bool = true
    ) throws(SafetensorsError) {
        // Wide types first keeps every tensor aligned without padding, as the reference implementation does.
        let inFileOrder = items.sorted { ($1.elementType.byteCount, $0.key) < ($0.elementType.byteCount, $1.key) }
        let head = try header(of: inFileOrder, metadata: metadata, path: path)
        guard head.count - 8 <= SafetensorsLimits.headerByteCount else {
            throw SafetensorsError(
                file: path,
                reason: .overLimit(
                    "the header's length", found: head.count - 8, limit: SafetensorsLimits.headerByteCount))
        }
        let partial = PartialFile(for: path)
        do throws(SafetensorsError) {
            try fill(partial.path, head: head, items: inFileOrder)
        } catch {
            // The name that was asked for says more than the one it is written under.
            throw SafetensorsError(file: path, key: error.key, reason: error.reason)
        }
        do throws(FileError) {
            try partial.commit(isDurable: isDurable)
        } catch {
            throw SafetensorsError(file: error.path, reason: .inputOutput(error.reason))
        }
    }

    private static func fill(_ path: String, head: [UInt8], items: [Item]) throws(SafetensorsError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MappedFile.systemError(path, errno) }
        defer { close(descriptor) }
        try head.span.bytes.withUnsafeBytes { (bytes) throws(SafetensorsError) in
            try write(bytes, to: descriptor, path: path)
        }
        for item in items { try write(item.bytes, to: descriptor, path: path) }
    }

    /// Length and JSON, padded with spaces so that the data starts at a multiple of 8.
    private static func header(
        of items: [Item], metadata: [String: String], path: String
    ) throws(SafetensorsError) -> [UInt8] {
        var table = HeaderTable(metadata: metadata)
        var offset = 0
        for item in items {
            let end = offset + item.bytes.count
            table.tensors[item.key] = .init(
                dtype: item.elementType.rawValue, shape: item.shape, dataOffsets: [offset, end])
            offset = end
        }
        precondition(table.tensors.count == items.count, "two tensors under one key")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            var json = [UInt8](try encoder.encode(table))
            json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
            return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
        } catch {
            throw SafetensorsError(file: path, reason: .inconsistent("its header can't be written as JSON"))
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
    ) throws(SafetensorsError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw MappedFile.systemError(path, written == 0 ? EIO : errno) }
            rest = rest.dropFirst(written)
        }
    }
}
