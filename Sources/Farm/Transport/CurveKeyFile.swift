import Glibc

/// Why a key file was not read or written.
public enum KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused; `code` is `errno`.
    case system(path: String, code: Int32)
    /// It is not a regular file.
    case notAFile(path: String)
    /// Group or others may read or write it; `mode` is what `chmod` would be given.
    case tooOpen(path: String, mode: UInt32)
    /// It belongs to another user.
    case foreign(path: String)
    /// It is no key file, or its two keys are not a pair.
    case malformed(path: String)

    /// Says what to do where something can be done.
    public var description: String {
        switch self {
        case .system(let path, let code): "key file \(path): \(String(cString: strerror(code)))"
        case .notAFile(let path): "key file \(path): not a regular file"
        case .tooOpen(let path, let mode):
            "key file \(path): mode \(String(mode, radix: 8)) lets others at the secret; run chmod 600"
        case .foreign(let path): "key file \(path): belongs to another user"
        case .malformed(let path): "key file \(path): not a CURVE key pair"
        }
    }
}

extension CurveKeyPair {
    private static let header = "curve-key-pair 1"

    /// Reads a pair from a file that nobody else may read.
    public init(contentsOf path: String) throws(KeyFileError) {
        let lines = try Self.read(path).split(separator: "\n")
        guard lines.count == 3, lines[0] == Self.header, lines[1].hasPrefix("public "), lines[2].hasPrefix("secret "),
            let publicKey = CurvePublicKey(z85: lines[1].dropFirst(7)),
            let secretKey = CurveSecretKey(z85: lines[2].dropFirst(7)),
            let pair = try? CurveKeyPair(secretKey: secretKey), pair.publicKey == publicKey
        else { throw .malformed(path: path) }
        self = pair
    }

    /// Writes the pair to a new file of mode 0600; an existing file is an error, so that no key is lost.
    public func write(to path: String) throws(KeyFileError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(path: path, code: errno) }
        defer { close(file) }
        let text = "\(Self.header)\npublic \(publicKey.z85)\nsecret \(secretKey.revealedZ85)\n"
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written > 0 { rest = rest.dropFirst(written) } else if errno != EINTR { break }
        }
        guard rest.isEmpty, fsync(file) == 0 else {
            let code = errno
            unlink(path)  // Half a key is no use and would stand in the way of the next try.
            throw .system(path: path, code: code)
        }
    }

    /// The checks are made on the open file, so it cannot be exchanged in between.
    private static func read(_ path: String) throws(KeyFileError) -> String {
        // Not blocking: opening a named pipe would wait for its writer.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .system(path: path, code: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path: path, mode: status.st_mode & 0o777) }
        guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .foreign(path: path) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .system(path: path, code: errno) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
