import Safetensors

extension UnsafeRawBufferPointer {
    /// Whether the bytes are finite numbers of 32 bits.
    var areFiniteNumbers: Bool {
        guard count.isMultiple(of: 4) else { return false }
        // Whatever is not finite has the largest bits below its sign: adding one to the exponent carries into the sign,
        // which takes three operations on whole vectors, on any CPU.
        var carried: UInt32 = 0
        for index in 0..<(count / 4) {
            let bits = loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
            carried |= (bits & 0x7FFF_FFFF) &+ 0x0080_0000
        }
        return carried < 0x8000_0000
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
