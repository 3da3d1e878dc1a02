import Safetensors
import WireSamples

/// Draws hostile safetensors files and shard indices: sound ones with something broken in them, and random bytes.
struct FileMutator {
    var generator: SeededGenerator

    private struct Declared {
        var key: String
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        var json: String { #""\#(key)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"# }
    }

    // MARK: Files

    mutating func file() -> [UInt8] {
        if chance(20) { return (0..<pick(0..<64)).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
        var (tensors, size) = soundTensors()
        if chance(2) { breakOne(&tensors, size) }
        var json = "{" + tensors.map(\.json).joined(separator: ",") + "}"
        if chance(4) { json = brokenText(json) }
        var bytes = withUnsafeBytes(of: declaredLength(of: json).littleEndian) { Array($0) } + Array(json.utf8)
        bytes += Array(repeating: 7, count: size)
        switch pick(0..<10) {
        case 0: bytes.removeLast(pick(1..<bytes.count + 1))
        case 1: bytes.append(0)
        case 2: for _ in 0..<pick(1..<9) { bytes[pick(0..<bytes.count)] ^= 1 << UInt8(pick(0..<8)) }
        default: break
        }
        return bytes
    }

    private mutating func soundTensors() -> ([Declared], Int) {
        var end = 0
        let tensors = (0..<pick(0..<6)).map { number in
            let type = ElementType.allCases[pick(0..<ElementType.allCases.count)]
            let shape = (0..<pick(0..<4)).map { _ in pick(0..<4) }
            let start = end
            end += shape.reduce(type.byteCount, *)
            return Declared(key: "t\(number)", dtype: type.rawValue, shape: shape, offsets: [start, end])
        }
        return (tensors, end)
    }

    private mutating func breakOne(_ tensors: inout [Declared], _ size: Int) {
        guard !tensors.isEmpty else { return }
        let victim = pick(0..<tensors.count)
        switch pick(0..<8) {
        case 0: tensors[victim].offsets[pick(0..<2)] = edge(near: size)
        case 1: tensors[victim].offsets = [edge(near: size), edge(near: size)]
        case 2: tensors[victim].offsets.removeLast()
        case 3: tensors[victim].dtype = ["F8_E4M3", "f32", "", "C64", "F32 "][pick(0..<5)]
        case 4: tensors[victim].shape.append(edge(near: 1))
        case 5: tensors[victim].shape = [edge(near: size), edge(near: 2), edge(near: 2)]
        case 6: tensors[victim].key = "t\(pick(0..<tensors.count))"
        default: tensors.remove(at: victim)
        }
    }

    private mutating func brokenText(_ json: String) -> String {
        switch pick(0..<6) {
        case 0: return String(json.dropLast(pick(1..<5)))
        case 1: return json + json
        case 2: return String(repeating: "[", count: pick(1..<200_000)) + json
        case 3: return json.replacingFirst("[", with: "{")
        case 4: return #"{"__metadata__":{"a":1},"# + json.dropFirst()
        default: return json + String(repeating: " ", count: pick(0..<SafetensorsLimits.headerByteCount + 100))
        }
    }

    /// Mostly the truth.
    private mutating func declaredLength(of json: String) -> UInt64 {
        switch pick(0..<12) {
        case 0: return UInt64(json.utf8.count + pick(1..<10))
        case 1: return UInt64(max(json.utf8.count - pick(1..<10), 0))
        case 2: return [UInt64.max, 1 << 63, 1 << 32, UInt64(SafetensorsLimits.headerByteCount) + 1][pick(0..<4)]
        default: return UInt64(json.utf8.count)
        }
    }

    private mutating func edge(near size: Int) -> Int {
        let edges = [0, -1, size, size + 1, size - 1, 1 << 31, 1 << 62, .max, .min, 3]
        return edges[pick(0..<edges.count)]
    }

    // MARK: Indices

    mutating func index(outside: String) -> [UInt8] {
        let names = [
            "i.safetensors", "i.safetensors", "../o.safetensors", outside, "./i.safetensors", "..", ".", "",
            "model/../../o.safetensors", #"..\/o.safetensors"#, #"\u002e\u002e\u002fo.safetensors"#,
            #"i.safetensors\u0000"#, "x.safetensors", "i.bin",
        ]
        var entries = (0..<pick(0..<4)).map { number in #""k\#(number)":"\#(names[pick(0..<names.count)])""# }
        if chance(8) { entries.append("\"k\":\(pick(0..<9))") }
        var text = Array((#"{"weight_map":{"# + entries.joined(separator: ",") + "}}").utf8)
        if chance(4) { text[pick(0..<text.count)] ^= 1 << UInt8(pick(0..<8)) }
        if chance(8) { text.removeLast(pick(1..<text.count)) }
        return text
    }

    // MARK: Chance

    private mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    /// True once in `times`.
    private mutating func chance(_ times: Int) -> Bool { pick(0..<times) == 0 }
}

extension String {
    fileprivate func replacingFirst(_ character: Character, with other: String) -> String {
        guard let place = firstIndex(of: character) else { return self }
        return self[..<place] + other + self[index(after: place)...]
    }
}
