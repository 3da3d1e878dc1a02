import DurableFile
public import Foundation

/// Who may ask from elsewhere: tokens as their digests, with whose they are, what they allow and until when.
///
/// A JSON file, readable and writable by its owner only; it holds no secret that lets anybody in.
public struct TokenList: Codable, Equatable, Sendable {
    public struct Entry: Codable, Equatable, Sendable {
        /// By which the token is revoked.
        public var name: String
        /// Who brings it: the submitter of its stories.
        public var subject: String
        public var role: Role
        /// SHA-256 of the token, in hexadecimal.
        public var digest: String
        public var created: Date
        public var expires: Date
    }

    public private(set) var tokens: [Entry] = []

    /// Tokens in one list.
    public static let entriesMax = 10_000
    /// Bytes of a name or subject: visible ASCII.
    public static let nameBytes = ControlLimits.userBytes
    private static let fileBytes = 8 << 20

    public init() {}

    /// - Returns: an empty list where no file is there.
    /// - Throws: ``ControlAPIError/file(path:reason:)`` where it can't be read, is another user's to read or write, or
    ///   says something else.
    public init(contentsOf path: String) throws(ControlAPIError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw .file(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, reason: "it is no file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .file(path: path, reason: "others may read or write it: chmod 600")
        }
        guard status.st_size <= Self.fileBytes else { throw .file(path: path, reason: "it is too long") }
        do {
            let bytes = try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() ?? Data()
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            self = try decoder.decode(TokenList.self, from: bytes)
        } catch {
            throw .file(path: path, reason: "it is no list of tokens")
        }
        if let wrong = tokens.first(where: { $0.bytes == nil || !Self.isName($0.name) || !Self.isName($0.subject) }) {
            throw .file(path: path, reason: "token '\(wrong.name.prefix(Self.nameBytes))' has a wrong form")
        }
    }

    func write(to path: String) throws(ControlAPIError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            try PartialFile.write([UInt8](encoder.encode(self)) + [0x0A], to: path, mode: 0o600, inheritsOwner: true)
        } catch let error as FileError {
            throw .file(path: path, reason: error.reason)
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }

    /// Changes the list in a file; another process that does the same waits.
    public static func change<Answer>(
        _ path: String, _ body: (inout TokenList) throws(ControlAPIError) -> Answer
    ) throws(ControlAPIError) -> Answer {
        // Beside the list, which is replaced as a whole.
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw .file(path: path + ".lock", reason: String(cString: strerror(errno)))
        }
        defer { close(lock) }
        // What root makes, whoever's list it is can open as well.
        do { try FileOwner.inherit(lock, at: path) } catch { throw .file(path: path + ".lock", reason: error.reason) }
        var list = try TokenList(contentsOf: path)
        let answer = try body(&list)
        try list.write(to: path)
        return answer
    }

    /// - Returns: the token, which nobody can read from the list later.
    /// - Throws: ``ControlAPIError/token(name:reason:)``
    public mutating func add(
        _ name: String, subject: String, role: Role, expires: Date, now: Date = Date()
    ) throws(ControlAPIError) -> String {
        for text in [name, subject] where !Self.isName(text) {
            throw .token(name: text, reason: "1 to \(Self.nameBytes) visible ASCII characters are expected")
        }
        guard !tokens.contains(where: { $0.name == name }) else {
            throw .token(name: name, reason: "there is one of this name; revoke it first")
        }
        guard tokens.count < Self.entriesMax else {
            throw .token(name: name, reason: "the list has \(Self.entriesMax) tokens already")
        }
        let token = AccessToken(prefix: AccessToken.prefix)
        let digest = AccessToken.digest(of: token.text).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        tokens.append(
            Entry(name: name, subject: subject, role: role, digest: digest, created: now, expires: expires))
        return token.text
    }

    public mutating func revoke(_ name: String) throws(ControlAPIError) {
        guard let index = tokens.firstIndex(where: { $0.name == name }) else {
            throw .token(name: name, reason: "there is none of this name")
        }
        tokens.remove(at: index)
    }

    private static func isName(_ text: String) -> Bool {
        1...nameBytes ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }
}

extension TokenList.Entry {
    /// The digest; nil where it is none.
    var bytes: [UInt8]? {
        let digits = digest.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, digest.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
