import FoundationEssentials

/// The JSON object at the head of a safetensors file, as declared: nothing in it is believed yet.
struct HeaderTable: Codable {
    struct Tensor: Codable {
        let dtype: String
        let shape: [Int]
        let dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static let metadataKey = "__metadata__"

    var tensors: [String: Tensor] = [:]
    var metadata: [String: String] = [:]

    init(metadata: [String: String]) { self.metadata = metadata }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if !metadata.isEmpty { try container.encode(metadata, forKey: Key(stringValue: Self.metadataKey)) }
        for (key, tensor) in tensors { try container.encode(tensor, forKey: Key(stringValue: key)) }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
            if key.stringValue == Self.metadataKey {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
            }
        }
    }
}

extension HeaderTable.Tensor {
    /// The entry that this declaration stands for, if its type is known and its offsets lie in the file and hold
    /// exactly its elements.
    func checked(
        key: String, dataStart: Int, fileSize: Int, file: String
    ) throws(SafetensorsError) -> SafetensorsHeader.Entry {
        func refuse(_ reason: SafetensorsError.Reason) -> SafetensorsError {
            SafetensorsError(file: file, key: key, reason: reason)
        }
        guard let elementType = ElementType(rawValue: dtype) else {
            let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
            throw refuse(.mismatch(expected: "a dtype of \(known)", found: String(dtype.prefix(32))))
        }
        guard shape.count <= SafetensorsLimits.rank else {
            throw refuse(.overLimit("its number of dimensions", found: shape.count, limit: SafetensorsLimits.rank))
        }
        guard let byteCount = shape.byteCount(of: elementType) else {
            throw refuse(.inconsistent("no memory can hold its shape \(shape)"))
        }
        guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1],
            dataOffsets[1] <= fileSize - dataStart
        else {
            throw refuse(.inconsistent("its offsets \(dataOffsets.prefix(4)) do not lie in the file"))
        }
        guard dataOffsets[1] - dataOffsets[0] == byteCount else {
            throw refuse(
                .mismatch(
                    expected: "\(byteCount) bytes for \(dtype) \(shape)",
                    found: "\(dataOffsets[1] - dataOffsets[0])"))
        }
        return SafetensorsHeader.Entry(
            elementType: elementType, shape: shape,
            byteRange: (dataStart + dataOffsets[0])..<(dataStart + dataOffsets[1]))
    }
}

extension [Int] {
    /// Bytes of a tensor of this shape; nil if an extent is negative or the product overflows.
    func byteCount(of elementType: ElementType) -> Int? {
        var total = elementType.byteCount
        for extent in self {
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else { return nil }
            total = product
        }
        return total
    }
}

/// The first words of a decoding error; hostile text must not flow into logs at full length.
func brief(_ error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context),
        DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        return String(context.debugDescription.prefix(80))
    default:
        return "unreadable JSON"
    }
}
