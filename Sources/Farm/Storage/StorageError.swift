import DurableFile
public import Farm
import Glibc

/// Why something was not stored or not found: the file and the reason, with the place where there is one.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found wrong.
    public enum Reason: Hashable, Sendable {
        /// The operating system refused; `code` is `errno`.
        case system(code: Int32)
        /// So few bytes would be left that they are kept for what is written elsewhere.
        case reserved(Int)
        /// There is no such file.
        case missing
        /// Not a boundary log.
        case foreign
        /// A boundary log in another version of the format.
        case formatVersion(UInt32)
        /// The bytes from `offset` on are not what was written there.
        case damaged(Damage, offset: Int)
        /// The bytes to be stored are not those that the checksum was taken of.
        case wrongChecksum(found: UInt64, expected: UInt64)
        /// A sync failed: what was appended may be lost although it can still be read. See ``BoundaryLog``.
        case unreliable
        /// A chunk does not begin where the last one ended.
        case misplaced(offset: Int, expected: Int)
        /// A chunk or range goes past the file's end.
        case beyondEnd(end: Int, total: Int)
        /// The upload is not whole yet.
        case incomplete(received: Int, total: Int)
        /// The uploaded bytes have another SHA-256.
        case wrongDigest(found: Digest, expected: Digest)
        /// The upload is finished or given up.
        case ended
    }

    /// Which part of a file is damaged.
    public enum Damage: String, Hashable, Sendable {
        case fileHeader = "file header"
        case recordHeader = "record header"
        /// A second record of the same generation and step with other bytes.
        case contradiction = "second record of one step"
        case payload
        case length
    }

    public let file: String
    public let reason: Reason

    public init(file: String, reason: Reason) {
        self.file = file
        self.reason = reason
    }

    init(_ error: FileError) {
        self.init(file: error.path, reason: error.code == ENOENT ? .missing : .system(code: error.code))
    }

    /// Whether room on the disk, or in the user's share of it, is what is lacking.
    public var isDiskFull: Bool {
        if case .reserved = reason { return true }
        return reason == .system(code: ENOSPC) || reason == .system(code: EDQUOT)
    }

    public var description: String {
        switch reason {
        case .system(let code): "\(file): \(String(cString: strerror(code)))"
        case .reserved(let bytes):
            "\(file): the disk is full but for \(bytes >> 20) MiB, which are kept for the ledger"
        case .missing: "\(file): there is no such file"
        case .foreign: "\(file): not a boundary log"
        case .formatVersion(let version):
            "\(file): boundary log of version \(version), expected \(BoundaryFormat.version)"
        case .damaged(let damage, let offset): "\(file): damaged \(damage.rawValue) at byte \(offset)"
        case .wrongChecksum(let found, let expected):
            "\(file): the bytes to be stored have the checksum \(hex(found)), expected \(hex(expected))"
        case .unreliable: "\(file): the disk failed to make it durable; it must be written again"
        case .misplaced(let offset, let expected): "\(file): a chunk begins at byte \(offset), expected \(expected)"
        case .beyondEnd(let end, let total): "\(file): byte \(end) is beyond its end at \(total)"
        case .incomplete(let received, let total): "\(file): \(received) of \(total) bytes were received"
        case .wrongDigest(let found, let expected): "\(file): has the SHA-256 \(found), expected \(expected)"
        case .ended: "\(file): the upload is over"
        }
    }

    /// Runs file operations and reports their errors as this module's.
    static func wrapping<Result: ~Copyable>(
        _ body: () throws(FileError) -> Result
    ) throws(StorageError) -> Result {
        do { return try body() } catch { throw StorageError(error) }
    }

    /// The same where it does not matter that there is no such file.
    static func wrappingAllButMissing(_ body: () throws(FileError) -> Void) throws(StorageError) {
        do { try body() } catch { if error.code != ENOENT { throw StorageError(error) } }
    }

    private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
