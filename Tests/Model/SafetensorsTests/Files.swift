import FoundationEssentials

@testable import Safetensors

/// Runs `body` with a folder of its own, removed afterwards.
func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
}

/// Length, header and zeros, as they would stand in a file.
func file(_ json: String, dataByteCount: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
        + Array(repeating: 0, count: dataByteCount)
}

@discardableResult
func parse(_ bytes: [UInt8]) throws(SafetensorsError) -> SafetensorsHeader {
    try bytes.span.bytes.withUnsafeBytes { (raw) throws(SafetensorsError) in
        try SafetensorsHeader(parsing: raw, fileSize: raw.count, file: "x.safetensors")
    }
}

func write(
    _ tensors: [String: [Float]], shape: [Int], metadata: [String: String] = [:], to path: String
) throws(SafetensorsError) {
    let owned = tensors.mapValues { values in
        let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        _ = copy.initialize(from: values)
        return copy
    }
    defer { owned.values.forEach { $0.deallocate() } }
    let items = owned.map { key, values in
        SafetensorsWriter.Item(key: key, elementType: .float32, shape: shape, bytes: UnsafeRawBufferPointer(values))
    }
    try SafetensorsWriter.write(items, metadata: metadata, to: path)
}

func values<Value: BitwiseCopyable>(_ type: Value.Type, _ key: String, in file: SafetensorsFile) -> [Value] {
    guard let entry = file.header.entries[key] else { return [] }
    let bytes = file.bytes(of: entry)
    return (0..<(bytes.count / MemoryLayout<Value>.size)).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
    }
}
