import Crypto
public import Farm
public import Wire

extension WorkerID {
    /// The id of whoever drew a secret: nobody who merely sees ids can speak for a worker.
    public init(of secret: Secret) {
        let hash = Array(SHA256.hash(data: secret.bytes))
        guard let id = WorkerID(bytes: hash.prefix(WorkerID.byteCount)) else { preconditionFailure("a short SHA-256") }
        self = id
    }

    /// 32 hexadecimal digits.
    var hexadecimal: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// What ``hexadecimal`` gave; nil for anything else.
    init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == 2 * Self.byteCount, text.utf8.count == digits.count else { return nil }
        self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
}
