internal import CSentencePiece

/// A SentencePiece model file: its pieces, its table of normalisation, and the library's own way to use them.
///
/// `@unchecked Sendable`: the library never changes a model after it was loaded.
final class SentencePieceModel: @unchecked Sendable {
    /// Bytes of a model file; that of T5 has 0.8 MB.
    static let byteLimit = 16 << 20

    let path: String
    private let handle: OpaquePointer

    /// - Throws: `T5TokenizerError` naming the file.
    init(path: String) throws(T5TokenizerError) {
        guard !path.utf8.contains(0) else { throw .unreadable(file: path, reason: "its name holds a zero byte") }
        var handle: OpaquePointer?
        let status = csp_open(path, Self.byteLimit, &handle)
        guard status == CSP_OK, let handle else {
            let reason = String(cString: csp_last_error())
            switch status {
            case CSP_UNREADABLE: throw .unreadable(file: path, reason: reason)
            case CSP_FOREIGN: throw .foreign(file: path, reason: reason)
            default: throw .library(reason)
            }
        }
        self.path = path
        self.handle = handle
    }

    deinit { csp_close(handle) }

    var pieceCount: Int { csp_piece_count(handle) }
    var isUnigram: Bool { csp_is_unigram(handle) != 0 }
    /// -1 where the model has no such piece, as the two below.
    var padID: Int { Int(csp_pad_id(handle)) }
    var endID: Int { Int(csp_eos_id(handle)) }
    var unknownID: Int { Int(csp_unk_id(handle)) }

    /// All pieces in order of their ids, as UTF-8, with their logarithmic probabilities.
    func pieces() throws(T5TokenizerError) -> [(text: [UInt8], score: Float)] {
        var pieces: [(text: [UInt8], score: Float)] = []
        pieces.reserveCapacity(pieceCount)
        for id in 0..<Int32(pieceCount) {
            var text: UnsafePointer<CChar>?
            var length = 0
            var score: Float = 0
            try perform { csp_piece(handle, id, &text, &length, &score) }
            pieces.append((Array(UnsafeRawBufferPointer(start: text, count: length)), score))
        }
        return pieces
    }

    /// The compiled table of normalisation; empty where the model has none.
    var characterMap: [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        csp_character_map(handle, &bytes, &length)
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    /// The ids that SentencePiece itself gives a text: without special pieces, with scores summed in fp32.
    func librarysIDs(of text: String) throws(T5TokenizerError) -> [Int] {
        var text = text
        return try text.withUTF8 { bytes -> Result<[Int], T5TokenizerError> in
            // No piece is shorter than a byte, but normalisation may lengthen a text.
            var ids = [Int32](repeating: 0, count: 4 * bytes.count + 8)
            while true {
                var count = 0
                let status = bytes.withMemoryRebound(to: CChar.self) {
                    csp_encode(handle, $0.baseAddress, $0.count, &ids, ids.count, &count)
                }
                guard status == CSP_OK else { return .failure(.library(String(cString: csp_last_error()))) }
                if count <= ids.count { return .success(ids.prefix(count).map(Int.init)) }
                ids = [Int32](repeating: 0, count: count)
            }
        }.get()
    }

    private func perform(_ call: () -> csp_status) throws(T5TokenizerError) {
        guard call() == CSP_OK else { throw .library(String(cString: csp_last_error())) }
    }
}
