import FoundationEssentials

/// The table of contents of a safetensors file, checked against the file's size: every byte belongs to one tensor.
///
/// Layout (huggingface/safetensors, `README.md` and `safetensors/src/tensor.rs`): eight bytes with the little-endian
/// length of the header, the header as a JSON object, the tensors' bytes back to back.
public struct SafetensorsHeader: Equatable, Sendable {
    /// One tensor of the file.
    public struct Entry: Equatable, Sendable {
        public let elementType: ElementType
        /// Extents in row-major order; no extents for a scalar.
        public let shape: [Int]
        /// Where its bytes lie, counted from the start of the file.
        public let byteRange: Range<Int>

        /// "F32 [2, 3]", as messages show it.
        public var signature: String { "\(elementType.rawValue) \(shape)" }
    }

    public let entries: [String: Entry]
    /// The free text that the writer added under `__metadata__`.
    public let metadata: [String: String]

    /// Reads the header from the first bytes of a file.
    ///
    /// - Parameters:
    ///   - prefix: the file's bytes from its start; at least the header, at most the file.
    ///   - fileSize: bytes of the whole file.
    ///   - file: the name that errors carry.
    /// - Throws: `SafetensorsError` for anything but a complete and consistent header; never reads past `prefix`.
    public init(parsing prefix: UnsafeRawBufferPointer, fileSize: Int, file: String) throws(SafetensorsError) {
        let json = try Self.headerBytes(in: prefix, fileSize: fileSize, file: file)
        let table: HeaderTable
        do {
            // Copied, since the decoder may outlive the mapping's slice; bounded by the header limit.
            table = try JSONDecoder().decode(HeaderTable.self, from: Data(json))
        } catch {
            throw SafetensorsError(file: file, reason: .foreign("its header is no table of tensors (\(brief(error)))"))
        }
        let dataStart = 8 + json.count
        var entries: [String: Entry] = [:]
        entries.reserveCapacity(table.tensors.count)
        for (key, declared) in table.tensors {
            entries[key] = try declared.checked(key: key, dataStart: dataStart, fileSize: fileSize, file: file)
        }
        try Self.requireFullCover(entries, dataStart: dataStart, fileSize: fileSize, file: file)
        self.entries = entries
        metadata = table.metadata
    }

    private static func headerBytes(
        in prefix: UnsafeRawBufferPointer, fileSize: Int, file: String
    ) throws(SafetensorsError) -> UnsafeRawBufferPointer {
        guard prefix.count >= 8, fileSize >= prefix.count else {
            throw SafetensorsError(file: file, reason: .foreign("it has \(prefix.count) bytes"))
        }
        let declared = UInt64(littleEndian: prefix.loadUnaligned(as: UInt64.self))
        guard declared <= UInt64(SafetensorsLimits.headerByteCount) else {
            throw SafetensorsError(
                file: file,
                reason: .overLimit(
                    "the header's length", found: Int(clamping: declared), limit: SafetensorsLimits.headerByteCount))
        }
        let length = Int(declared)
        guard length <= prefix.count - 8 else {
            throw SafetensorsError(file: file, reason: .foreign("it ends inside its header"))
        }
        let json = UnsafeRawBufferPointer(rebasing: prefix[8..<(8 + length)])
        guard json.first == UInt8(ascii: "{") else {
            throw SafetensorsError(file: file, reason: .foreign("its header is no JSON object"))
        }
        return json
    }

    /// No overlap, no hole, no rest: what the reference implementation demands too. A hole could hide data, and a
    /// duplicate JSON key, of which the decoder keeps one, shows as a hole or as an overlap.
    private static func requireFullCover(
        _ entries: [String: Entry], dataStart: Int, fileSize: Int, file: String
    ) throws(SafetensorsError) {
        let inFileOrder = entries.sorted {
            ($0.value.byteRange.lowerBound, $0.value.byteRange.upperBound, $0.key)
                < ($1.value.byteRange.lowerBound, $1.value.byteRange.upperBound, $1.key)
        }
        var end = dataStart
        for (key, entry) in inFileOrder {
            guard entry.byteRange.lowerBound == end else {
                let what = entry.byteRange.lowerBound < end ? "overlaps the tensor before it" : "follows a hole"
                throw SafetensorsError(file: file, key: key, reason: .inconsistent("its data \(what)"))
            }
            end = entry.byteRange.upperBound
        }
        guard end == fileSize else {
            throw SafetensorsError(
                file: file,
                reason: .inconsistent("its tensors end at byte \(end), the file at \(fileSize)"))
        }
    }
}
