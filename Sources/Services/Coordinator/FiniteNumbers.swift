import Safetensors

extension UnsafeRawBufferPointer {
    /// Whether the bytes are finite numbers of 32 bits.
    var areFiniteNumbers: Bool {
        guard count.isMultiple(of: 4) else { return false }
        // Without its sign, whatever is not finite has the largest bits; a maximum takes whole vectors at a time.
        var largest: UInt32 = 0
        for index in 0..<(count / 4) {
            largest = Swift.max(largest, loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self) & 0x7FFF_FFFF)
        }
        return largest < 0x7F80_0000
    }
}

/// What is looked at before finished latents are accepted.
enum LatentsCheck {
    /// Why a file's `latents` can't be accepted; nil where they can.
    static func problem(at path: String) -> String? {
        do {
            let file = try SafetensorsFile(path: path)
            let entry = try file.entry("latents", elementTypes: [.float32])
            return withExtendedLifetime(file) { file.bytes(of: entry).areFiniteNumbers ? nil : "not finite" }
        } catch {
            return "\(error)"
        }
    }
}
