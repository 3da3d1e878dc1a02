import CWire

/// Owns the C structs, strings and bytes of one message while it is packed; frees them all at once.
///
/// Not `Sendable`: an arena lives inside one call of `Message.encoded`.
final class EncodingArena {
    /// Tests turn it off to be a peer that does not keep to the limits.
    let checksLimits: Bool
    private var blocks: [UnsafeMutableRawPointer] = []

    init(checksLimits: Bool = true) { self.checksLimits = checksLimits }

    deinit { for block in blocks { block.deallocate() } }

    /// Uninitialised memory, valid as long as the arena; for trivial types only, since nothing is deinitialised.
    func allocate<Element>(_ type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count * MemoryLayout<Element>.stride), alignment: MemoryLayout<Element>.alignment)
        blocks.append(block)
        return block.bindMemory(to: type, capacity: count)
    }

    func copy(text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let copy = allocate(CChar.self, count: bytes.count)
        for (index, byte) in bytes.enumerated() { (copy + index).initialize(to: byte) }
        return copy
    }

    func copy(bytes: [UInt8]) -> ProtobufCBinaryData {
        let copy = allocate(UInt8.self, count: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return ProtobufCBinaryData(len: bytes.count, data: copy)
    }
}
