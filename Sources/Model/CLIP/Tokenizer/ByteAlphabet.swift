/// The printable character that stands for each byte in `vocab.json` and `merges.txt`.
///
/// Bytes that print as Latin-1 stand for themselves, the others for U+0100 and following, in order.
/// Reference: transformers 5.23 `convert_slow_tokenizer.py`, function `bytes_to_unicode`.
enum ByteAlphabet {
    /// Character for each byte.
    static let characters: [Unicode.Scalar] = {
        var next: UInt8 = 0
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                // U+0100 and the 67 that follow are all scalars.
                return Unicode.Scalar(0x100 + UInt16(next)) ?? "\u{FFFD}"
            }
        }
    }()
}
